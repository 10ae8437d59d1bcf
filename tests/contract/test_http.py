"""The table of contract.md, "HTTP API", asked over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from callguard.access.tokens import CardToken, issued
from callguard.models import Call
from tests.card import bearer, ringing
from tests.cast import (
    IVAN,
    MARINA,
    OLGA,
    PAVEL,
    STRANGER,
    Person,
    empty_mirror,
    mirror_synced,
    mirrored_company,
    mirrored_people,
)

AT_ONCE = 50
VERDICT = {
    "colour", "tier", "own", "reason", "message", "entity", "contact", "responsible", "status", "matches", "contested",
    "palette", "mirror", "rules_version", "number",
}  # fmt: skip


class Api:
    """The API of a running server, as one employee's card asks it."""

    def __init__(self, url: str, person: Person | None) -> None:
        self.url = url
        self.headers = bearer(person) if person else {}

    def post(self, path: str, body: Any = None, **how: Any) -> requests.Response:
        headers = self.headers | how.pop("headers", {})
        return requests.post(f"{self.url}{path}", json=body, headers=headers, timeout=30, **how)

    def get(self, path: str, **how: Any) -> requests.Response:
        headers = self.headers | how.pop("headers", {})
        return requests.get(f"{self.url}{path}", headers=headers, timeout=30, **how)

    def ring(self, **fields: Any) -> requests.Response:
        return self.post("/api/v1/calls/", ringing(**fields))


@pytest.fixture(scope="module")
def address(committed: None) -> Iterator[str]:
    """A server in threads of this process. What is written is committed; `empty_mirror` takes it back, seeds stay."""
    running = LiveServer("127.0.0.1")
    yield running.url
    running.stop()


@pytest.fixture
def server(address) -> Iterator[str]:
    """Olga's company in work behind +7 916 123-45-67; nobody has called yet."""
    cache.clear()
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone="8 (916) 123-45-67", responsible=OLGA, status="В работе")
    yield address
    empty_mirror()
    cache.clear()


@pytest.fixture
def ivan(server) -> Api:
    return Api(server, IVAN)


def is_problem(answer: requests.Response, status: int) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert {"type", "title", "status", "detail"} <= set(document)
    assert ("errors" in document) == (status == 400)
    return document["status"] == status


# --- POST /api/v1/calls/ ---------------------------------------------------------------------------------------------
def test_201_with_the_verdict_and_its_call_id(ivan):
    answer = ivan.ring(call_id="call-1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    assert set(answer.json()) == VERDICT | {"call_id"}
    assert (answer.json()["call_id"], answer.json()["colour"]) == ("call-1", "red")


def test_200_with_the_stored_verdict_when_the_same_caller_repeats_the_call(ivan):
    first, again = ivan.ring(call_id="call-1"), ivan.ring(call_id="call-1", phone="101", direction="incoming")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


def test_409_when_the_call_belongs_to_another_caller(server, ivan):
    Api(server, MARINA).ring(call_id="call-1")
    assert is_problem(ivan.ring(call_id="call-1"), 409)


def test_400_names_the_fields(ivan):
    answer = ivan.ring(phone=7, direction="sideways")
    assert is_problem(answer, 400)
    assert set(answer.json()["errors"]) == {"phone", "direction"}


def test_400_for_a_body_that_is_no_json(ivan):
    answer = ivan.post("/api/v1/calls/", data=b"{", headers={"Content-Type": "application/json"})
    assert is_problem(answer, 400)


def test_401_without_a_token_that_proves_something(server):
    token = issued(
        CardToken(IVAN.id), secret="somebody else's secret of 32 bytes", ttl=timedelta(hours=1), at=timezone.now()
    )
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {token}"}):
        answer = Api(server, None).post("/api/v1/calls/", ringing(), headers=headers)
        assert is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("person", [STRANGER, PAVEL])
def test_403_for_an_employee_unknown_or_dismissed(server, person):
    assert is_problem(Api(server, person).ring(), 403)


def test_413_for_a_body_that_is_too_large(ivan):
    json = {"Content-Type": "application/json"}
    assert is_problem(ivan.post("/api/v1/calls/", data=b" " * 20_000, headers=json), 413)
    assert is_problem(ivan.post("/api/v1/calls/", data=b" " * 4_000_000, headers=json), 413)


def test_413_goes_by_what_is_announced(server, ivan):
    """Nothing but the head is sent: whoever waited for the body would wait for ever."""
    host, port = urlsplit(server).hostname, urlsplit(server).port
    head = f"POST /api/v1/calls/ HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: 1000000000\r\nAuthorization: {ivan.headers['Authorization']}\r\n\r\n"
    with socket.create_connection((host, port), timeout=10) as link:
        link.sendall(head.encode())
        assert link.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_not_waited_for(ivan):
    chunks = (b" " * 1000 for _ in range(3))
    answer = ivan.post("/api/v1/calls/", data=chunks, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 411)


def test_415_for_anything_but_json(ivan):
    assert is_problem(ivan.post("/api/v1/calls/", data={"call_id": "1", "phone": "1"}), 415)
    assert is_problem(ivan.post("/api/v1/calls/", data=b"<x/>", headers={"Content-Type": "application/xml"}), 415)


def test_429_with_the_time_to_come_back(ivan, settings):
    settings.API_RATE_PER_CALLER = "1/min"
    assert ivan.ring().status_code == 201
    answer = ivan.ring()
    assert is_problem(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


# --- GET /api/v1/verdict/ --------------------------------------------------------------------------------------------
def test_200_with_a_verdict_and_nothing_stored(ivan):
    answer = ivan.get("/api/v1/verdict/", params={"phone": "+7 916 123-45-67", "direction": "incoming"})
    assert answer.status_code == 200
    assert set(answer.json()) == VERDICT
    assert not Call.objects.exists()


def test_a_plus_that_became_a_space_on_its_way_is_still_the_number(ivan):
    assert ivan.get("/api/v1/verdict/?phone=+79161234567").json()["number"] == "+79161234567"


def test_400_without_a_phone(ivan):
    assert is_problem(ivan.get("/api/v1/verdict/"), 400)


# --- POST /api/v1/calls/{call_id}/end/ -------------------------------------------------------------------------------
def ended(api: Api, call_id: str, **fields: Any) -> requests.Response:
    body = {"answered": True, "duration_s": 61} | fields
    return api.post(f"/api/v1/calls/{quote(call_id, safe='')}/end/", body)


def test_204_for_ones_own_call_however_often_it_is_said(ivan):
    ivan.ring(call_id="externalCall.716da2.1764000000")
    for _ in range(2):
        answer = ended(ivan, "externalCall.716da2.1764000000")
        assert (answer.status_code, answer.content) == (204, b"")
    assert Call.objects.values_list("answered", "duration").get() == (True, 61)


def test_404_for_a_call_of_another_as_for_none(server, ivan):
    Api(server, MARINA).ring(call_id="call-1")
    assert is_problem(ended(ivan, "call-1"), 404)
    assert ended(ivan, "call-1").json() == ended(ivan, "call-2").json()


def test_400_for_an_end_that_is_none(ivan):
    ivan.ring(call_id="call-1")
    assert is_problem(ended(ivan, "call-1", answered="yes", duration_s=-1), 400)


# --- The rest --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/api/v1/calls/call-1/applause/"),
        ("PATCH", "/api/v1/companies/1/title/"),
        ("GET", "/api/v1/"),
        ("GET", "/api/nowhere"),
    ],
)
def test_404_for_what_is_not_there(ivan, verb, path):
    answer = requests.request(verb, ivan.url + path, json={}, headers=ivan.headers, timeout=30)
    assert is_problem(answer, 404)


@pytest.mark.parametrize(("verb", "path"), [("GET", "/api/v1/calls/"), ("POST", "/api/v1/verdict/")])
def test_405_for_another_method(ivan, verb, path):
    answer = requests.request(verb, ivan.url + path, headers=ivan.headers, timeout=30)
    assert is_problem(answer, 405)
    assert answer.headers["Allow"]


def test_watchers_and_readers_are_served(server):
    api = Api(server, None)
    for path in ("/healthz", "/readyz", "/metrics", "/api/schema/", "/api/docs/"):
        assert api.get(path).status_code == 200, path


# --- All at once -----------------------------------------------------------------------------------------------------
def all_at_once(server: str, people: Sequence[Person], body: Any) -> list[requests.Response]:
    """Everybody's answer. The connections stand before anybody asks, so that all do ask in the same moment."""
    start = Barrier(len(people))

    def ring(person: Person, line: requests.Session) -> requests.Response:
        start.wait(30)
        return line.post(f"{server}/api/v1/calls/", json=body, headers=bearer(person), timeout=60)

    with ExitStack() as lines, ThreadPoolExecutor(len(people)) as cards:
        sessions = [lines.enter_context(requests.Session()) for _ in people]
        for session in sessions:
            session.get(f"{server}/healthz", timeout=30)
        return list(cards.map(ring, people, sessions))


def test_fifty_identical_rings_at_once_make_one_record_and_one_answer(server):
    answers = all_at_once(server, [IVAN] * AT_ONCE, ringing())
    assert sorted(answer.status_code for answer in answers) == [200] * (AT_ONCE - 1) + [201]
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert Call.objects.count() == 1


def test_of_two_callers_with_one_call_id_at_once_one_gets_it(server):
    codes = [answer.status_code for answer in all_at_once(server, [IVAN, MARINA] * 10, ringing())]
    assert sorted(codes) == [200] * 9 + [201] + [409] * 10
    winner = IVAN if codes[0] != 409 else MARINA
    assert Call.objects.get().caller_id == winner.id
