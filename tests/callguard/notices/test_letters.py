"""Letters reach a mail server: at least once, later where it is away, and not at all where it refuses for good."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from callguard.models import Letter
from callguard.notices import letters
from tests.callguard.notices import mail_server
from tests.callguard.notices.conftest import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings) -> Iterator[mail_server.MailServer]:
    with mail_server.running() as running:
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "Call Guard <callguard@example.com>"
        yield running


def written(key="digest:1", to="marina@example.com"):
    letters.write(key, to, "Звонки: 2", "Текст\n", employee_id=9, at=NOON)
    return Letter.objects.get(key=key)


def delivered(at=NOON):
    return letters.deliver_due(lambda: at)


def state():
    row = Letter.objects.order_by("id")[0]
    return row.state, row.attempts


def test_a_letter_goes_out_as_it_was_written(server):
    written()
    assert delivered() == 1
    [taken] = server.taken
    assert (taken["To"], taken["From"]) == ("marina@example.com", "Call Guard <callguard@example.com>")
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_payload(decode=True).decode() == "Текст\r\n"
    assert state() == ("sent", 1)
    assert delivered(NOON + 60 * MINUTE) == 0


def test_the_same_letter_is_written_once(server):
    written()
    written()
    assert delivered() == 1


def test_a_mail_server_that_is_away_gets_them_later_each_time_after_a_longer_wait(server, settings, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
    written()
    written("digest:2")
    assert delivered() == 0
    assert state() == ("waiting", 1)
    assert caplog.text.count("letters wait") == 1
    assert Letter.objects.get(key="digest:2").attempts == 0  # one try told enough
    delivered(NOON + MINUTE)
    waits = [row.next_attempt_at - NOON for row in Letter.objects.order_by("id")]
    assert waits[0] >= 2 * MINUTE or waits[1] >= MINUTE
    settings.EMAIL_PORT = server.port
    assert delivered(NOON + 60 * MINUTE) == 2


def test_an_address_that_is_refused_for_good_is_given_up_and_holds_up_no_other(server):
    server.answers["RCPT"] = "550 no such user"
    written()
    assert delivered() == 0
    assert state() == ("dead", 1)
    assert Letter.objects.get().error == "550 no such user"
    del server.answers["RCPT"]
    written("digest:2")
    assert delivered() == 1


def test_what_is_refused_for_now_waits(server):
    server.answers["RCPT"] = "451 greylisted"
    written()
    assert delivered() == 0
    assert state() == ("waiting", 1)
    server.answers.clear()
    assert delivered(NOON + 2 * MINUTE) == 1


def test_a_server_that_refuses_us_gives_no_letter_up(server):
    server.answers["MAIL"] = "530 authentication required"
    written()
    assert delivered() == 0
    assert state() == ("waiting", 1)


def test_after_many_tries_it_is_given_up_and_a_person_may_send_it_again(server):
    server.answers["DATA"] = "451 later"
    written()
    Letter.objects.update(attempts=letters.MOST_ATTEMPTS - 1)
    delivered()
    assert state() == ("dead", letters.MOST_ATTEMPTS)
    server.answers.clear()
    assert letters.send_again(Letter.objects.all(), at=NOON) == 1
    assert delivered() == 1


def test_who_died_while_sending_is_repeated_under_the_same_message_id(server):
    written()
    delivered()
    Letter.objects.update(state="sending", next_attempt_at=NOON + letters.LEASE)  # nobody recorded the answer
    assert delivered(NOON + 9 * MINUTE) == 0
    assert delivered(NOON + 10 * MINUTE) == 1
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_of_two_processes_one_sends(server):
    row = written()
    assert letters._claim(row, at=NOON)
    assert not letters._claim(row, at=NOON)
    assert delivered() == 0
    Letter.objects.update(next_attempt_at=F("next_attempt_at") - letters.LEASE)
    assert delivered() == 1


def test_an_address_that_is_none_is_given_up(server):
    written(to="not an address\n")
    assert delivered() == 0
    assert state() == ("dead", 1)


def test_without_a_mail_server_nothing_is_tried(settings):
    settings.EMAIL_CONFIGURED = False
    written()
    assert delivered() == 0
    assert state() == ("waiting", 0)
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("letters")


def test_the_command_sends_what_is_due(server, capsys):
    written()
    call_command("letters")
    assert capsys.readouterr().out == '{"sent": 1}\n'


def test_sent_letters_are_forgotten_and_others_kept(server):
    written()
    delivered()
    written("digest:2")
    assert letters.forget_before(NOON) == 0
    assert letters.forget_before(NOON + MINUTE) == 1
    assert Letter.objects.get().key == "digest:2"
