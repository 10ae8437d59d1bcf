"""The card token that the portal signs: from PHP to our API, and what the address says to others."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import jwt
import pytest
import requests
from django.conf import settings
from django.test import Client

from callguard.access.tokens import BadToken, CardToken, read
from crm_mirror.models import Employee
from tests.callguard.bitrix_box.conftest import NOBODY_LISTENS
from tests.cast import IVAN, OLGA, mirror_synced, mirrored_company, mirrored_people

NOW = 1_795_000_000
LIFETIME = 900
PATH = "/local/callguard/token.php"


def reading(token, *, at=NOW):
    when = datetime.fromtimestamp(at, UTC)
    return read(token, secret=settings.CARD_TOKEN_SECRET, max_age=timedelta(hours=24), at=when)


def signed(box, *, user=(IVAN.id, False), at=NOW):
    return box.do("token", str(at), user=user)


def asked(url, facts, *, method="GET", **headers):
    """The address as the page of that person asks it; his session is a cookie of the stub."""
    cookie = {"Cookie": "facts=" + quote(json.dumps(facts))}
    return requests.request(method, url + PATH, headers={**cookie, **headers}, timeout=10)


# --- PHP → our API ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("admin", [True, False])
def test_our_api_reads_what_php_signs(installed, admin):
    assert reading(signed(installed, user=(IVAN.id, admin))) == CardToken(IVAN.id, admin)


def test_it_has_the_claims_of_the_contract_and_no_others(installed):
    token = signed(installed)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {"sub": str(IVAN.id), "aud": "callguard", "exp": NOW + LIFETIME, "adm": False}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


@pytest.mark.parametrize("person", range(1, 13))
def test_no_signature_depends_on_luck_with_base64(installed, person):
    """Bytes that plain base64 would write with +, / or = come in some of so many signatures."""
    assert reading(signed(installed, user=(person, False))).portal_id == person


def test_a_quarter_of_an_hour_later_it_is_worth_nothing(installed):
    token = signed(installed)
    reading(token, at=NOW + LIFETIME - 1)
    with pytest.raises(BadToken):
        reading(token, at=NOW + LIFETIME + 1)


@pytest.mark.django_db
def test_with_it_a_verdict_is_answered_and_an_administrator_is_learned(installed):
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone="+79161234567", responsible=OLGA, status="В работе")
    token = signed(installed, user=(IVAN.id, True), at=int(time.time()))
    answer = Client().get("/api/v1/verdict/", {"phone": "+79161234567"}, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["colour"]) == (200, "red")
    permission = Client().get("/api/v1/companies/1/status/permission/", headers={"Authorization": f"Bearer {token}"})
    assert permission.status_code == 204
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is True


@pytest.mark.django_db
def test_of_another_portal_forged_or_run_out_it_is_a_401(installed, box, tmp_path):
    now = int(time.time())
    good = signed(installed, at=now)
    head, claims, signature = good.split(".")
    swapped = signed(installed, user=(OLGA.id, True), at=now).split(".")[1]
    foreign = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "another portal's secret" * 2, "HS256")
    for token in (
        foreign,
        f"{head}.{swapped}.{signature}",
        f"{head}.{claims}.",
        signed(installed, at=now - LIFETIME - 5),
    ):
        answer = Client().get("/api/v1/verdict/", {"phone": "1"}, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    assert (
        Client().get("/api/v1/verdict/", {"phone": "1"}, headers={"Authorization": f"Bearer {good}"}).status_code == 200
    )


# --- The address -----------------------------------------------------------------------------------------------------
def test_whoever_is_signed_in_fetches_his_own(installed):
    with installed.served() as url:
        began = int(time.time())
        answer = asked(url, installed.facts((IVAN.id, False)), **{"Sec-Fetch-Site": "same-origin"})
        ended = int(time.time())
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == LIFETIME
    claims = jwt.decode(answer.json()["token"], settings.CARD_TOKEN_SECRET, ["HS256"], audience="callguard")
    assert (claims["sub"], claims["adm"]) == (str(IVAN.id), False)
    assert began <= claims["exp"] - LIFETIME <= ended
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_signing_in_it_is_a_401_and_no_sign_in_form(installed):
    with installed.served() as url:
        answer = asked(url, installed.facts(None))
    assert (answer.status_code, answer.json()) == (401, {"error": "Nobody is signed in."})
    assert answer.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("place", ["cross-site", "same-site"])
def test_pages_of_other_sites_get_none(installed, place):
    with installed.served() as url:
        answer = asked(url, installed.facts((IVAN.id, False)), **{"Sec-Fetch-Site": place})
    assert answer.status_code == 403
    assert "token" not in answer.json()


def test_only_get(installed):
    with installed.served() as url:
        assert asked(url, installed.facts((IVAN.id, False)), method="POST").status_code == 405


def test_without_a_configuration_it_says_where_to_look(installed):
    (installed.root / "local/callguard/config.php").unlink()
    with installed.served() as url:
        answer = asked(url, installed.facts((IVAN.id, False)))
    assert (answer.status_code, "token" in answer.json()) == (503, False)


def test_what_others_print_in_init_php_does_not_spoil_it(installed):
    line = (installed.root / "local/php_interface/init.php").read_text().splitlines()[1]
    installed.write_init('echo "\\xEF\\xBB\\xBF stray";', line)
    with installed.served() as url:
        assert asked(url, installed.facts((IVAN.id, False))).json()["expires_in"] == LIFETIME


def test_the_address_works_where_the_line_was_forgotten(installed):
    installed.write_init()
    with installed.served() as url:
        assert asked(url, installed.facts((IVAN.id, False))).status_code == 200


def test_the_package_never_leaves_its_secret_anywhere_but_in_its_configuration(box):
    box.install(NOBODY_LISTENS)
    holders = [
        file.name for file in box.root.rglob("*") if file.is_file() and settings.CARD_TOKEN_SECRET in file.read_text()
    ]
    assert holders == ["config.php"]
