"""OnBeforeCrmCompanyUpdate: an unauthorised change of the status is refused; whatever is unclear is let through."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import trustme
from django.core.cache import cache

from crm_mirror.models import OutboxCall
from tests.callguard.bitrix_box.conftest import COMPANY, FIELD, NOBODY_LISTENS
from tests.cast import BORIS, IVAN, MARINA, OLGA, STRANGER, mirror_synced, mirrored_company, mirrored_people

CHANGED = {FIELD: "IN_WORK"}
STALL, ENOUGH = 60, 10  # seconds: how long a server hangs, and what is surely less, the limit of one second in it
NO = "HTTP/1.1 403 Forbidden\r\n\r\nurn:callguard:problem:permission-denied"


@pytest.fixture
def guarded(box, live_server):
    """The package, and our real server behind it: Olga's company is mirrored, Marina heads her department."""
    cache.clear()
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", responsible=OLGA, id=int(COMPANY["ID"]))
    box.install(live_server.url)
    return box


real_server = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@contextmanager
def listening(behave):
    """An address whose server does `behave(connection)` with each caller, and how many there were."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        callers = []

        def serve():
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                callers.append(connection)
                threading.Thread(target=attempt, args=(connection,), daemon=True).start()

        def attempt(connection):
            with connection:
                try:
                    behave(connection)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", callers
        server.shutdown(socket.SHUT_RDWR)


def answering(text):
    def behave(connection):
        connection.recv(65536)
        connection.sendall(text.encode())

    return behave


# --- With our real server --------------------------------------------------------------------------------------------
@real_server
def test_a_colleague_is_refused_in_words_and_nothing_is_saved(guarded):
    told = guarded.save({"TITLE": "Ромашка", **CHANGED}, user=(IVAN.id, False))
    assert not told["saved"]
    assert told["error"].startswith("Статус компании меняет руководитель её ответственного")


@real_server
@pytest.mark.parametrize("person", [OLGA, BORIS], ids=["the responsible", "another head"])
def test_so_are_others_who_may_not(guarded, person):
    assert not guarded.save(CHANGED, user=(person.id, False))["saved"]


@real_server
def test_the_responsibles_manager_and_administrators_go_through(guarded):
    assert guarded.save(CHANGED, user=(MARINA.id, False))["saved"]
    assert guarded.save(CHANGED, user=(IVAN.id, True))["saved"]
    assert guarded.logged() == ""


@real_server
def test_of_a_company_that_is_not_mirrored_yet_the_portal_tells_the_responsible(guarded):
    new = {**COMPANY, "ID": "99", "ASSIGNED_BY_ID": str(OLGA.id)}
    assert guarded.save(CHANGED, user=(MARINA.id, False), company=new)["saved"]
    assert not guarded.save(CHANGED, user=(BORIS.id, False), company=new)["saved"]


@real_server
def test_who_takes_a_company_over_may_set_its_status_in_the_same_edit(guarded):
    assert not guarded.save(CHANGED, user=(BORIS.id, False))["saved"]
    handed_over = {**CHANGED, "ASSIGNED_BY_ID": str(BORIS.id)}
    assert not guarded.save(handed_over, user=(BORIS.id, False))["saved"]  # nobody is his own manager
    handed_over["ASSIGNED_BY_ID"] = "11"  # of Boris's department
    assert guarded.save(handed_over, user=(BORIS.id, False))["saved"]


@real_server
def test_an_employee_whom_we_do_not_know_is_let_through_and_the_log_says_so(guarded):
    assert guarded.save(CHANGED, user=(STRANGER.id, False))["saved"]
    assert "HTTP 403" in guarded.logged()


@real_server
def test_a_guard_that_only_flags_refuses_nothing(guarded, settings):
    settings.STATUS_GUARD = "flag"
    assert guarded.save(CHANGED, user=(IVAN.id, False))["saved"]


@real_server
def test_another_secret_lets_through_and_the_log_says_what_to_look_at(guarded, live_server):
    guarded.install(live_server.url, secret="quite another secret, of more than 32 characters")
    assert guarded.save(CHANGED, user=(IVAN.id, False))["saved"]
    assert "HTTP 401" in guarded.logged()
    assert "secret" in guarded.logged()
    assert "quite another" not in guarded.logged()


@real_server
def test_asking_leaves_no_trace_here(guarded):
    guarded.save(CHANGED, user=(IVAN.id, False))
    assert not OutboxCall.objects.exists()


# --- Nobody is asked -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({"TITLE": "Другое имя"}, {}),
        ({FIELD: "WAITING", "TITLE": "Другое имя"}, {}),
        ({FIELD: None}, {"company": {**COMPANY, FIELD: ""}}),
        ({FIELD: "0"}, {"company": {**COMPANY, FIELD: None}}),
        ({FIELD: 12}, {"company": {**COMPANY, FIELD: "12"}}),
        (CHANGED, {"user": (1, True)}),
        (CHANGED, {"user": None}),
        (CHANGED, {"current_user": 0}),
        (CHANGED, {"current_user": 1}),
        (CHANGED, {"company": {**COMPANY, "ID": "0"}}),
    ],
    ids=[
        *("no status in the edit", "the same status", "none and none", "0 and none", "a list's number and its text"),
        *("administrator, our webhook", "nobody: a script", "a robot", "a program in another's name", "no company"),
    ],
)
def test_what_concerns_nobody_is_saved_without_a_question(box, fields, given):
    with listening(answering(NO)) as (
        url,
        callers,
    ):
        box.install(url)
        assert box.save(fields, **given)["saved"]
        assert callers == []


def test_taking_a_status_away_is_a_change(box):
    with listening(answering(NO)) as (
        url,
        _callers,
    ):
        box.install(url)
        assert not box.save({FIELD: ""})["saved"]


# --- No answer, or one that is none ----------------------------------------------------------------------------------
def silent(connection):
    time.sleep(STALL)


def silent_after_the_head(connection):
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 400\r\n\r\n")
    time.sleep(STALL)


def dripping(connection):
    for sign in b"HTTP/1.1 403 Forbidden\r\n\r\nurn:callguard:problem:permission-denied" * 9:
        connection.send(bytes([sign]))
        time.sleep(0.1)


@pytest.mark.parametrize("behave", [silent, silent_after_the_head, dripping])
def test_a_server_that_stalls_costs_a_second_and_the_change_goes_through(box, behave):
    with listening(behave) as (url, _callers):
        box.install(url)
        told = box.save(CHANGED)
    assert told["saved"]
    assert told["seconds"] < ENOUGH
    assert "let through" in box.logged()


def test_the_limit_is_the_second_that_was_promised(installed):
    assert installed.do("patience") == 1.0


def test_so_does_one_that_takes_no_connection(box):
    with socket.socket() as server, contextlib.ExitStack() as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)  # a queue of one, which nobody ever serves
        for _place in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        box.install(f"http://127.0.0.1:{server.getsockname()[1]}")
        told = box.save(CHANGED)
    assert told["saved"]
    assert told["seconds"] < ENOUGH


def test_a_mass_edit_waits_once_not_once_a_company(box):
    with listening(silent) as (url, callers):
        box.install(url)
        told = box.save(*[CHANGED] * 20)
        assert told["saved"]
        assert told["seconds"] < ENOUGH  # not a second for each
        assert len(callers) == 1


def flooding(connection):
    while True:
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    "behave",
    [
        flooding,
        answering(""),
        answering("garbage"),
        answering("HTTP/1.1 403 Forbidden\r\n\r\n<html>A firewall says no</html>"),
        answering("HTTP/1.1 200 OK\r\n\r\nurn:callguard:problem:permission-denied"),
        answering("HTTP/1.1 500 Oops\r\n\r\n"),
        answering("HTTP/1.1 301 Moved\r\nLocation: https://elsewhere/\r\n\r\n"),
    ],
    ids=["flood", "empty", "garbage", "a proxy's 403", "200", "500", "redirect"],
)
def test_an_answer_that_is_not_our_no_lets_through(box, behave):
    with listening(behave) as (url, _callers):
        box.install(url)
        assert box.save(CHANGED)["saved"]
    assert "let through" in box.logged()


@pytest.mark.parametrize("address", [NOBODY_LISTENS, "https://127.0.0.1:9", "http://no-such-host.invalid", "nonsense"])
def test_an_address_where_nobody_is_lets_through(box, address):
    box.install(address)
    assert box.save(CHANGED)["saved"]
    assert box.logged() != ""


def test_a_server_that_speaks_no_tls_lets_through_in_time(box):
    with listening(silent) as (url, _callers):
        box.install(url.replace("http:", "https:"))
        told = box.save(CHANGED)
    assert told["saved"]
    assert told["seconds"] < ENOUGH


# --- TLS -------------------------------------------------------------------------------------------------------------
@pytest.fixture
def authority(tmp_path):
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return made


def speaking_tls(authority, name, heard):
    """Answers with our no, over more than one record; what it was asked goes into `heard`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    def behave(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            heard.append(secure.recv(65536))
            secure.sendall(NO.encode() + b" " * 40_000)

    return behave


def test_our_no_counts_over_tls_too(box, authority, tmp_path):
    with listening(speaking_tls(authority, "127.0.0.1", [])) as (url, _callers):
        box.install(url.replace("http:", "https:"))
        box.trust(tmp_path / "authority.pem")
        assert not box.save(CHANGED)["saved"]


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("elsewhere.example", True)])
def test_who_cannot_prove_to_be_our_server_is_not_believed_and_hears_no_token(box, authority, tmp_path, name, trusted):
    heard = []
    with listening(speaking_tls(authority, name, heard)) as (url, callers):
        box.install(url.replace("http:", "https:"))
        if trusted:
            box.trust(tmp_path / "authority.pem")
        assert box.save(CHANGED)["saved"]
        assert len(callers) == 1
    assert b"".join(heard) == b""


# --- What is said ----------------------------------------------------------------------------------------------------
def test_an_english_portal_reads_english(box):
    with listening(answering(NO)) as (
        url,
        _callers,
    ):
        box.install(url)
        error = box.save(CHANGED, constants={"LANGUAGE_ID": "en"})["error"]
    assert error.startswith("The status of a company is changed by")


def test_an_old_portal_reads_it_in_its_own_encoding(installed):
    told = installed.do("refusal", constants={"LANGUAGE_ID": "ru", "SITE_CHARSET": "windows-1251"})
    assert base64.b64decode(told).decode("cp1251").startswith("Статус компании меняет")


def test_the_question_carries_a_token_and_names_the_responsible(box):
    heard = []

    def behave(connection):
        heard.append(connection.recv(65536).decode())
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with listening(behave) as (url, _callers):
        box.install(url + "/under")
        assert box.save({**CHANGED, "ASSIGNED_BY_ID": "8"})["saved"]
    lines = heard[0].split("\r\n")
    assert lines[0] == "GET /under/api/v1/companies/15/status/permission/?responsible=7&responsible=8 HTTP/1.1"
    assert f"Host: {url.removeprefix('http://')}" in lines
    assert any(line.startswith("Authorization: Bearer eyJ") for line in lines)
    assert box.logged() == ""
