"""Passwords cannot be tried out: five wrong ones and there is a pause, by name and address, whoever forges what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from django.utils import timezone

from callguard.access.addresses import address_of
from callguard.models import Account

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
GOOD = "pass-word-of-root"


@pytest.fixture(autouse=True)
def passwords_are_hashed_quickly(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def root(db):
    return Account.objects.create_superuser("root", password=GOOD)


def tries(password, *, username="root", client=None, language="en", **headers):
    client = client or Client()
    return client.post(
        LOGIN, {"username": username, "password": password}, headers={"accept-language": language}, **headers
    )


def is_in(answer):
    return answer.status_code == 302


def locked(username="root", **headers):
    """Five wrong passwords; the answers' status codes."""
    return [tries(f"wrong{number}", username=username, **headers).status_code for number in range(5)]


def test_the_good_password_signs_in(root):
    assert is_in(tries(GOOD))


def test_after_five_wrong_ones_the_good_one_has_to_wait(root):
    assert locked() == [200, 200, 200, 200, 429]
    answer = tries(GOOD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes and try again" in answer.text


def test_the_page_speaks_russian_too(root):
    locked()
    assert "Подождите 15 минут и попробуйте снова" in tries(GOOD, language="ru").text


def test_a_name_that_does_not_exist_is_treated_alike(root):
    assert locked("nobody") == [200, 200, 200, 200, 429]


def test_after_the_pause_the_good_one_signs_in(root, settings):
    locked()
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1))
    assert is_in(tries(GOOD))


def test_looking_during_the_pause_does_not_make_it_longer(root):
    locked()
    before = list(AccessAttempt.objects.values_list("attempt_time", flat=True))
    tries(GOOD)
    assert list(AccessAttempt.objects.values_list("attempt_time", flat=True)) == before


def test_the_good_one_in_between_begins_the_count_anew(root):
    for _ in range(2):
        assert [tries("wrong").status_code for _ in range(4)] == [200] * 4
        assert is_in(tries(GOOD))


def test_nobody_locks_out_a_colleague_from_elsewhere(root):
    locked(REMOTE_ADDR="192.0.2.7")
    assert is_in(tries(GOOD, REMOTE_ADDR="192.0.2.8"))


def test_another_name_from_the_same_address_is_not_locked(root):
    locked("nobody")
    assert is_in(tries(GOOD))


def test_another_browser_at_the_same_address_is(root):
    assert locked(HTTP_USER_AGENT="one") == [200, 200, 200, 200, 429]
    assert tries(GOOD, HTTP_USER_AGENT="another").status_code == 429


def test_without_a_proxy_a_made_up_header_does_not_help(root):
    answers = [
        tries("wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}", HTTP_X_REAL_IP=f"10.0.0.{number}").status_code
        for number in range(5)
    ]
    assert answers[-1] == 429


def test_behind_a_proxy_what_the_proxy_wrote_counts_and_what_came_before_does_not(root, settings):
    settings.BEHIND_PROXY = True
    answers = [tries("wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 192.0.2.7").status_code for number in range(5)]
    assert answers[-1] == 429
    assert is_in(tries(GOOD, HTTP_X_FORWARDED_FOR="192.0.2.8"))


@pytest.mark.parametrize(
    ("behind", "header", "address"),
    [
        (False, "203.0.113.5", "127.0.0.1"),
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (True, "1.1.1.1, 2001:db8::1", "2001:db8::1"),
        (True, "", "127.0.0.1"),
        (True, "unknown", "127.0.0.1"),
        (True, "203.0.113.5'; --", "127.0.0.1"),
    ],
)
def test_whose_word_on_the_address_is_taken(settings, behind, header, address):
    settings.BEHIND_PROXY = behind
    assert address_of(RequestFactory().get("/", headers={"x-forwarded-for": header})) == address


def test_no_password_is_written_down(root):
    tries("wrong-secret")
    row = AccessAttempt.objects.values().get()
    assert "wrong-secret" not in str(row)
