"""Olga's company in work, Ivan before his card."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from tests.card import bearer, ringing
from tests.cast import IVAN, OLGA, Person, mirror_synced, mirrored_company, mirrored_people


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    """The throttle's counts live in the cache, which no rollback reaches."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def romashka(db):
    """A company in work, with Olga responsible, behind +7 916 123-45-67."""
    mirrored_people()
    mirror_synced()
    return mirrored_company("Ромашка", phone="8 (916) 123-45-67", responsible=OLGA, status="В работе")


class Card:
    """Asks as an employee's card does; in English unless told otherwise."""

    def __init__(self, person: Person | None = IVAN, *, language: str = "en", enforce_csrf: bool = True) -> None:
        self.client = Client(enforce_csrf_checks=enforce_csrf)
        self.headers = {"Accept-Language": language, **(bearer(person) if person else {})}

    def post(self, path: str, body: Any, *, content_type: str = "application/json", **headers: str) -> HttpResponse:
        sent = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.post(path, sent, content_type, headers={**self.headers, **headers})

    def get(self, path: str, params: Any = None, **headers: str) -> HttpResponse:
        return self.client.get(path, params, headers={**self.headers, **headers})

    def ring(self, **fields: Any) -> HttpResponse:
        return self.post("/api/v1/calls/", ringing(**fields))

    def verdict(self, phone: str = "+79161234567", **params: str) -> HttpResponse:
        return self.get("/api/v1/verdict/", {"phone": phone, **params})

    def end(self, call_id: str, **fields: Any) -> HttpResponse:
        body = {"answered": True, "duration_s": 61, **fields}
        return self.post(f"/api/v1/calls/{call_id}/end/", body)


@pytest.fixture
def card() -> type[Card]:
    return Card


@pytest.fixture
def ivans_card(romashka) -> Card:
    return Card(IVAN)


@pytest.fixture
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def told(schema):
    """Raises when an answer is not what the description says of this address, method and status."""

    def check(answer, path: str, method: str) -> None:
        described = schema["paths"][path][method]["responses"][str(answer.status_code)]["content"]
        shape = described[answer["Content-Type"]]["schema"]
        formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
        whole = {**shape, "components": schema["components"]}
        jsonschema.Draft202012Validator(whole, format_checker=formats).validate(answer.json())

    return check
