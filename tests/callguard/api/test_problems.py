"""Every error under /api/ is a problem document: outside of views too, in debug mode too, and with nothing leaked."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import translation
from rest_framework.exceptions import ValidationError

from callguard.api.problems import TITLES, problem_handler

MEMBERS = {"type", "title", "status", "detail"}
UNKNOWN = [
    "/api/",
    "/api/v1/",
    "/api/v2/calls/",
    "/api/v1/calls",
    "/api/v1/calls/x/",
    "/api/v1/calls/x/applause/",
    "/api/v1/companies/1/title/",
]


def is_problem(answer, status: int) -> bool:
    document = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert document["type"].removeprefix("urn:callguard:problem:") in TITLES
    assert all(isinstance(document[member], str) and document[member] for member in MEMBERS - {"status"})
    return (answer.status_code, document["status"]) == (status, status)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_an_unknown_address_is_a_404_problem(settings, path, method, debug):
    settings.DEBUG = debug
    assert is_problem(getattr(Client(enforce_csrf_checks=True), method)(path), 404)


def test_a_page_that_is_no_part_of_the_api_stays_a_page(client):
    assert client.get("/nowhere").status_code == 404
    assert "json" not in client.get("/nowhere")["Content-Type"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/v1/calls/", "/api/v1/calls/x/end/", "/api/v1/verdict/"])
def test_another_method_is_a_405_problem_that_names_the_right_one(ivans_card, path, method):
    refused = getattr(ivans_card.client, method)(path, headers=ivans_card.headers)
    assert is_problem(refused, 405)
    assert ("GET" if "verdict" in path else "POST") in refused["Allow"]


def test_a_foreign_host_is_a_400_problem(client):
    refused = client.get("/api/v1/verdict/", headers={"Host": "evil.example"})
    assert is_problem(refused, 400)
    assert client.get("/nowhere", headers={"Host": "evil.example"})["Content-Type"].startswith("text/html")


def test_the_words_are_in_the_callers_language():
    russian = Client().get("/api/v1/nothing/", headers={"Accept-Language": "ru"}).json()
    english = Client().get("/api/v1/nothing/", headers={"Accept-Language": "en"}).json()
    assert english["title"] == "Nothing here"
    assert russian["title"] != english["title"]
    assert russian["type"] == english["type"]


# --- What a view may raise -------------------------------------------------------------------------------------------
def answer_to(error: Exception):
    with translation.override("en"):
        return problem_handler(error, {"request": RequestFactory().get("/api/v1/verdict/")})


@pytest.fixture
def log(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("callguard"), "propagate", True)  # to where caplog listens
    return caplog


def test_what_nobody_expected_is_a_500_without_its_words_and_in_the_log(log):
    answer = answer_to(RuntimeError("password=hunter2"))
    assert (answer.status_code, answer.data["type"]) == (500, "urn:callguard:problem:error")
    assert "hunter2" not in json.dumps(answer.data)
    assert "hunter2" in log.text


def test_a_database_that_does_not_answer_is_a_503_with_a_time_to_come_back(log):
    answer = answer_to(OperationalError("connection to server at db.internal failed"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "db.internal" not in json.dumps(answer.data)


def test_errors_are_listed_by_field():
    answer = answer_to(ValidationError({"phone": ["Too long."], "direction": ["Unknown."]}))
    assert answer.data["errors"] == {"phone": ["Too long."], "direction": ["Unknown."]}


def test_an_error_of_no_field_is_listed_under_the_body():
    assert answer_to(ValidationError("No.")).data["errors"] == {"body": ["No."]}


def test_a_missing_row_is_a_404():
    assert answer_to(Http404("No such call.")).data["detail"] == "No such call."
    assert answer_to(Http404()).status_code == 404


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_the_site_answers_errors_outside_of_views_as_problems_too(rf, status):
    handler = get_resolver().resolve_error_handler(status)
    arguments = [] if status == 500 else [Exception("secret")]
    answer = handler(rf.get("/api/anything"), *arguments)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert b"secret" not in answer.content
    assert handler(rf.get("/admin/anything"), *arguments)["Content-Type"].startswith("text/html")
