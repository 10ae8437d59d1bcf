"""The OpenAPI description: complete, valid, and true of what is really answered."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles.finders import find
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from callguard.api.problems import TITLES
from crm_mirror.models import Status
from tests.cast import IVAN, MARINA, OLGA, PAVEL, STRANGER, mirrored_company, mirrored_contact, mirrored_lead, value_of

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_raises_no_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert "openapi: 3.1" in (tmp_path / "schema.yml").read_text()


def test_it_names_what_the_contract_names_and_nothing_else(schema):
    validate_schema(schema)
    assert {path: set(operations) for path, operations in schema["paths"].items()} == {
        "/api/v1/calls/": {"post"},
        "/api/v1/calls/{call_id}/dispute/": {"post"},
        "/api/v1/calls/{call_id}/end/": {"post"},
        "/api/v1/companies/{company_id}/status/": {"get", "patch"},
        "/api/v1/companies/{company_id}/status/permission/": {"get"},
        "/api/v1/kpi/": {"get"},
        "/api/v1/verdict/": {"get"},
    }


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/api/v1/calls/", "post", {200, 201, 400, 401, 403, 405, 409, 411, 413, 415, 429, 500, 503}),
        ("/api/v1/calls/{call_id}/dispute/", "post", {201, 400, 401, 403, 404, 405, 411, 413, 415, 429, 500, 503}),
        ("/api/v1/calls/{call_id}/end/", "post", {204, 400, 401, 403, 404, 405, 411, 413, 415, 429, 500, 503}),
        (
            "/api/v1/companies/{company_id}/status/",
            "patch",
            {200, 400, 401, 403, 404, 405, 411, 413, 415, 429, 500, 503},
        ),
        (
            "/api/v1/companies/{company_id}/status/permission/",
            "get",
            {204, 400, 401, 403, 405, 429, 500, 503},
        ),
        ("/api/v1/kpi/", "get", {200, 400, 401, 403, 404, 405, 429, 500, 503}),
        ("/api/v1/verdict/", "get", {200, 400, 401, 403, 405, 429, 500, 503}),
    ],
)
def test_every_answer_is_described_errors_as_problem_documents(schema, path, method, statuses):
    responses = schema["paths"][path][method]["responses"]
    assert {int(status) for status in responses} == statuses
    wrong = [answer["content"] for status, answer in responses.items() if int(status) >= 400]
    assert all(list(content) == ["application/problem+json"] for content in wrong)


def test_both_ways_of_signing_in_are_described(schema):
    assert schema["paths"]["/api/v1/verdict/"]["get"]["security"] == [{"cardToken": []}, {"staffSession": []}]
    assert schema["components"]["securitySchemes"]["cardToken"]["scheme"] == "bearer"


def test_every_problem_type_is_documented(schema):
    words = schema["components"]["schemas"]["Problem"]["properties"]["type"]["description"]
    assert all(code in words for code in TITLES)


# --- Real answers ----------------------------------------------------------------------------------------------------
def test_verdicts_of_every_step_are_as_described(card, romashka, told):
    contact = mirrored_contact("Анна", phone="+79160000002", companies=[romashka], responsible=STRANGER)
    mirrored_contact("Сам по себе", phone="+79160000003", responsible=None)
    mirrored_lead("Заявка", phone="+79160000004", responsible=PAVEL)
    mirrored_company("Без статуса", phone="+79160000005", responsible=None)
    tiers = []
    for phone in (
        "+79161234567",
        "+79160000002",
        "+79160000003",
        "+79160000004",
        "+79160000005",
        "+79160000006",
        "",
        "101",
    ):
        looked_up, rung = card(IVAN).verdict(phone), card(IVAN).ring(phone=phone)
        told(looked_up, "/api/v1/verdict/", "get")
        told(rung, "/api/v1/calls/", "post")
        tiers.append(looked_up.json()["tier"])
    assert tiers == ["company", "company_contact", "contact", "lead", "company", None, None, None]
    assert card(IVAN).verdict("+79160000002").json()["contact"]["id"] == contact.portal_id


def test_a_verdict_has_the_described_fields_and_no_other(schema, ivans_card):
    fields = set(schema["components"]["schemas"]["Verdict"]["properties"])
    assert set(ivans_card.verdict().json()) == fields
    assert set(ivans_card.ring().json()) == fields | {"call_id"}


def test_the_status_of_a_company_is_answered_as_described(card, romashka, told):
    Status.objects.update(in_portal=True)
    described = "/api/v1/companies/{company_id}/status/"
    for person, body in ((MARINA, {"status": value_of("В обработке")}), (MARINA, {"status": "no-such"}), (IVAN, {})):
        asking = card(person)
        address = f"/api/v1/companies/{romashka.portal_id}/status/"
        told(asking.client.patch(address, body, "application/json", headers=asking.headers), described, "patch")


def test_a_no_about_a_status_is_answered_as_described(card, romashka, told):
    described = "/api/v1/companies/{company_id}/status/permission/"
    address = f"/api/v1/companies/{romashka.portal_id}/status/permission/"
    for person, asked in ((IVAN, {}), (None, {}), (STRANGER, {}), (IVAN, {"responsible": "me"})):
        told(card(person).get(address, asked), described, "get")


def test_a_verdict_of_an_empty_mirror_is_as_described(card, told, db):
    told(card(IVAN).verdict(), "/api/v1/verdict/", "get")


def test_errors_are_as_described(card, romashka, told, settings):
    calls, end, verdict = "/api/v1/calls/", "/api/v1/calls/{call_id}/end/", "/api/v1/verdict/"
    asking, dispute = card(OLGA), "/api/v1/calls/{call_id}/dispute/"
    card(MARINA).ring(call_id="call-1")
    told(asking.ring(call_id="call-1"), calls, "post")
    told(asking.ring(direction="sideways", call_id=None), calls, "post")
    told(asking.post(calls, b"{"), calls, "post")
    told(asking.post(calls, b"x" * 20_000), calls, "post")
    told(asking.post(calls, b"x", content_type="text/plain"), calls, "post")
    told(asking.end("call-1"), end, "post")
    told(asking.post("/api/v1/calls/call-1/dispute/", {"comment": ""}), dispute, "post")
    told(card(MARINA).post("/api/v1/calls/call-1/dispute/", {"comment": ""}), dispute, "post")
    told(card(person=None).verdict(), verdict, "get")
    told(card(STRANGER).verdict(), verdict, "get")
    told(asking.client.put(verdict, headers=asking.headers), verdict, "get")
    settings.API_RATE_PER_CALLER = "1/min"
    told(asking.verdict(), verdict, "get")


# --- Served ----------------------------------------------------------------------------------------------------------
def test_the_description_is_served_to_anybody(schema):
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert set(answer.json()["paths"]) == set(schema["paths"])


def test_the_page_loads_nothing_from_other_servers():
    page = Client().get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page


def test_the_pages_own_files_are_there():
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert find(f"drf_spectacular_sidecar/swagger-ui-dist/{name}")
