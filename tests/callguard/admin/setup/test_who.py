"""The steps are an administrator's, ours or the portal's, and their buttons want our own form."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from callguard.access.administrators import learn
from callguard.models import Account
from tests.callguard.admin.setup.conftest import CODES
from tests.cast import MARINA, OLGA, mirrored_people

pytestmark = pytest.mark.django_db
GETS = [
    "/admin/setup/",
    *(f"/admin/setup/{code}/" for code in CODES),
    "/admin/setup/progress/",
    "/admin/administrators/",
]
POSTS = [f"/admin/setup/{name}/" for name in ("check", "survey", "begin", "card")] + ["/admin/administrators/change/"]


def test_who_is_not_signed_in_is_asked_to(client):
    for address in (*GETS, *POSTS):
        assert client.get(address).url.startswith(reverse("admin:login"))
        assert client.post(address).url.startswith(reverse("admin:login"))


def test_a_supervisor_sees_and_does_nothing_here(connected, client):
    mirrored_people()
    client.force_login(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert reverse("setup:page") not in client.get(reverse("admin:index")).text
    assert {client.get(address).status_code for address in GETS} == {403}
    assert {client.post(address).status_code for address in POSTS} == {403}
    assert list(connected.log) == []


def test_an_administrator_of_the_portal_needs_no_account_of_ours_with_all_rights(connected, client):
    mirrored_people()
    learn(MARINA.id, is_admin=True)
    client.force_login(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert {client.get(address).status_code for address in GETS} == {200}
    assert client.post("/admin/setup/check/").url == reverse("setup:step", args=["connection"])
    field = {"app_label": "callguard", "model_name": "substitution", "field_name": "substitute"}
    assert client.get(reverse("admin:autocomplete"), field | {"term": OLGA.name}).json()["results"]


def test_buttons_want_a_post_with_our_own_form(superuser):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(superuser)
    assert {browser.post(address).status_code for address in POSTS} == {403}
    assert {browser.get(address).status_code for address in POSTS if "card" not in address} == {405}
