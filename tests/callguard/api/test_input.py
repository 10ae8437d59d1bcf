"""What the API refuses to read, each with the field that is wrong. Nothing a client sends makes it stumble."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from tests.card import ringing

pytestmark = pytest.mark.django_db

CALLS = "/api/v1/calls/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("call_id", ""),
        ("call_id", "a" * 129),
        ("call_id", "a\nb"),
        ("call_id", "a\x00b"),
        ("call_id", "\x7f"),
        ("call_id", "\ud800"),
        ("call_id", 7),
        ("call_id", None),
        ("call_id", ["a"]),
        ("phone", "1" * 256),
        ("phone", "\x00"),
        ("phone", "\ud800"),
        ("phone", 79161234567),
        ("phone", None),
        ("phone", {}),
        ("direction", "sideways"),
        ("direction", ""),
        ("direction", None),
        ("direction", True),
        ("direction", ["outgoing"]),
    ],
)
def test_a_wrong_field_of_a_ring_is_named(ivans_card, field, value):
    refused = ivans_card.ring(**{field: value})
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    assert list(refused.json()["errors"]) == [field]


@pytest.mark.parametrize("field", ["call_id", "phone", "direction"])
def test_a_missing_field_of_a_ring_is_named(ivans_card, field):
    body = ringing()
    del body[field]
    assert list(ivans_card.post(CALLS, body).json()["errors"]) == [field]


@pytest.mark.parametrize("direction", ["outgoing", "incoming", "incomingTransfer", "callback"])
def test_every_direction_of_the_portal_is_understood(ivans_card, direction):
    assert ivans_card.ring(direction=direction).status_code == 201
    assert ivans_card.verdict(direction=direction).status_code == 200


def test_longest_call_id_and_phone_are_taken(ivans_card):
    assert ivans_card.ring(call_id="я" * 128, phone="доб. " * 51).status_code == 201


def test_a_field_that_nobody_knows_is_overlooked(ivans_card):
    assert ivans_card.ring(colour="red").status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("answered", "yes"),
        ("answered", 1),
        ("answered", None),
        ("duration_s", -1),
        ("duration_s", 1.5),
        ("duration_s", "61"),
        ("duration_s", True),
        ("duration_s", 10**9),
        ("duration_s", 10**30),
        ("duration_s", None),
    ],
)
def test_a_wrong_field_of_an_end_is_named(ivans_card, field, value):
    ivans_card.ring(call_id="call-1")
    refused = ivans_card.end("call-1", **{field: value})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "phone"),
        ({"phone": "1" * 256}, "phone"),
        ({"phone": "\x00"}, "phone"),
        ({"phone": "1", "direction": "x"}, "direction"),
    ],
)
def test_a_wrong_parameter_of_a_look_up_is_named(ivans_card, params, field):
    refused = ivans_card.get("/api/v1/verdict/", params)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"NaN",
        b'{"call_id": Infinity}',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 10_000,
        b'{"a":' * 3_000,
        b'{"a":' + b"9" * 5_000 + b"}",
        "{}".encode("utf-16"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(ivans_card, body):
    refused = ivans_card.post(CALLS, body)
    assert refused.status_code == 400
    assert refused.json()["type"] == "urn:callguard:problem:parse-error"
    assert list(refused.json()["errors"]) == ["body"]


def test_an_empty_body_lacks_every_field(ivans_card):
    assert sorted(ivans_card.post(CALLS, b"").json()["errors"]) == ["call_id", "direction", "phone"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "json",
    ],
)
def test_another_media_type_is_refused(ivans_card, content_type):
    refused = ivans_card.post(CALLS, json.dumps(ringing()), content_type=content_type)
    assert (refused.status_code, refused["Content-Type"]) == (415, "application/problem+json")


def test_json_with_a_charset_is_json(ivans_card):
    assert ivans_card.post(CALLS, ringing(), content_type="application/json; charset=UTF-8").status_code == 201


def test_a_body_over_the_limit_is_refused(ivans_card, settings):
    body = json.dumps(ringing()).encode()
    fits = body + b" " * (settings.API_BODY_LIMIT - len(body))
    assert ivans_card.post(CALLS, fits).status_code == 201
    refused = ivans_card.post(CALLS, fits + b" ")
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:callguard:problem:too-large")


def test_a_huge_body_is_refused_as_well(ivans_card):
    assert ivans_card.post(CALLS, b" " * 3_000_000).status_code == 413


def test_a_body_larger_than_announced_is_not_read_to_its_end(ivans_card):
    refused = ivans_card.client.post(
        CALLS, json.dumps(ringing()), "application/json", headers={**ivans_card.headers}, CONTENT_LENGTH="10"
    )
    assert refused.status_code == 400


def test_a_chunked_body_that_the_server_did_not_unpack_is_refused_at_once(ivans_card):
    refused = ivans_card.client.post(
        CALLS,
        json.dumps(ringing()),
        "application/json",
        headers={**ivans_card.headers, "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    assert (refused.status_code, refused.json()["status"]) == (411, 411)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps(ringing()), 201),
        ("{", 400),
        (" " * 16 * 1024, 400),
        (" " * (16 * 1024 + 1), 413),
        (" " * 10**6, 413),
    ],
    ids=["small", "broken", "empty", "too large", "huge"],
)
def test_a_chunked_body_is_read_where_the_server_unpacks_it(ivans_card, body, status):
    answer = ivans_card.client.generic(
        "POST",
        CALLS,
        b"",
        "application/json",
        headers={**ivans_card.headers, "Transfer-Encoding": "chunked"},
        **{"CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(body.encode()), "wsgi.input_terminated": True},
    )
    assert answer.status_code == status


@pytest.mark.parametrize("accept", ["text/html", "application/problem+json", "image/png;q=0.1", "nonsense"])
def test_answers_are_json_whatever_the_client_would_rather_have(ivans_card, accept):
    answer = ivans_card.get("/api/v1/verdict/", {"phone": "1"}, Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
