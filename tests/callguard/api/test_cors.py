"""The card script runs in the portal's pages: the browser lets it ask from there, and from nowhere else."""

from __future__ import annotations

import pytest

PORTAL = "https://portal.example"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def origins(settings):
    settings.CORS_ALLOWED_ORIGINS = [PORTAL]


def preflight(client, origin: str, path: str = "/api/v1/calls/"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return client.options(path, headers=headers)


def test_the_portal_may_post_a_call(client):
    answer = preflight(client, PORTAL)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == PORTAL
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(answer["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://portal.example", "https://portal.example.evil.example", "null"]
)
def test_a_foreign_page_may_not(client, ivans_card, origin):
    assert "Access-Control-Allow-Origin" not in preflight(client, origin)
    assert "Access-Control-Allow-Origin" not in ivans_card.get("/api/v1/verdict/", {"phone": "1"}, Origin=origin)


def test_the_card_can_read_errors_as_well_as_answers(ivans_card):
    answered = ivans_card.get("/api/v1/verdict/", {"phone": "1"}, Origin=PORTAL)
    refused = ivans_card.get("/api/v1/verdict/", {}, Origin=PORTAL)
    unknown = ivans_card.get("/api/v1/nothing/", {}, Origin=PORTAL)
    assert [answer.status_code for answer in (answered, refused, unknown)] == [200, 400, 404]
    assert all(answer["Access-Control-Allow-Origin"] == PORTAL for answer in (answered, refused, unknown))


def test_cookies_do_not_cross_origins(client):
    assert "Access-Control-Allow-Credentials" not in preflight(client, PORTAL)


def test_the_admin_is_not_opened_to_the_portal(client):
    assert "Access-Control-Allow-Origin" not in client.get("/admin/login/", headers={"Origin": PORTAL})
