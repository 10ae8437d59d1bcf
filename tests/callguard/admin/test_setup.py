"""Connecting a portal by the pages: each step in each state, against the sandbox portal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard.access.administrators import confirm, learn
from callguard.health import diagnosis_of_everything
from callguard.models import Account, Call, PortalLook
from crm_mirror.models import Status, SyncLease, SyncRun
from crm_mirror.sandbox import custom_fields
from crm_mirror.sandbox.data import status_field
from tests import living
from tests.callguard.admin.conftest import ROMASHKA, rung
from tests.cast import IVAN, MARINA, OLGA, mirror_synced, mirrored_company, mirrored_people

pytestmark = pytest.mark.django_db
CODES = ["connection", "checks", "provisioning", "sync", "administrators", "card"]
FIELD = "UF_CRM_CALLGUARD_STATUS"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def nowhere(settings):
    """As a fresh checkout is: no portal, no secret."""
    settings.BITRIX_WEBHOOK_URL = settings.PORTAL_ORIGIN = settings.CARD_TOKEN_SECRET = ""
    settings.CARD_ORIGINS = []


@pytest.fixture
def connected(portal, settings):
    """The settings name a portal that knows nothing of us."""
    settings.CARD_ORIGINS = [portal.url]
    return portal


@pytest.fixture
def steps(pages):
    """The steps as the page tells them: code → state."""

    def told() -> dict[str, str]:
        return {step.code: str(step.state) for step in pages.get(reverse("setup:page")).context["steps"]}

    return told


@pytest.fixture
def shown(pages):
    """A step's page in English; `post` presses the button of that name on its way."""

    def page(code: str, button: str = "", **form: str) -> str:
        if button:
            assert pages.post(reverse(f"setup:{button}"), form, headers=ENGLISH).status_code == 302
        answer = pages.get(reverse("setup:step", args=[code]), headers=ENGLISH)
        assert answer.status_code == 200
        return answer.text

    return page


@pytest.mark.parametrize("code", CODES)
def test_each_step_opens_without_any_portal_in_both_languages(pages, nowhere, code):
    for language in ("ru", "en"):
        answer = pages.get(reverse("setup:step", args=[code]), headers={"accept-language": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text


def test_a_fresh_server_has_everything_to_do_and_nothing_failed(steps, nowhere):
    assert steps() == dict.fromkeys(CODES, "todo")


def test_a_step_that_there_is_not(pages):
    assert pages.get("/admin/setup/nonsense/").status_code == 404


# --- Who -------------------------------------------------------------------------------------------------------------
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


# --- Connection ------------------------------------------------------------------------------------------------------
def test_what_is_set_is_told_and_no_secret_is(shown, connected, settings):
    settings.BITRIX_APP_SECRET = "hush-application-key"
    settings.BITRIX_APPLICATION_TOKEN = "hush-event-token"
    for code in CODES:
        page = shown(code)
        token = connected.webhook.rstrip("/").rsplit("/", 1)[1]
        assert token not in page
        assert "hush-" not in page
        assert settings.CARD_TOKEN_SECRET not in page
    assert f"{connected.url}/rest/1/•••/" in shown("connection")


def test_addresses_to_copy_are_those_of_this_server(shown, nowhere, settings):
    assert "http://testserver/bitrix/install/" in shown("connection")
    assert "PUBLIC_URL is not set" in shown("connection")
    settings.PUBLIC_URL = "https://callguard.example"
    assert "https://callguard.example/bitrix/install/" in shown("connection")
    assert "PUBLIC_URL is not set" not in shown("connection")
    assert "https://callguard.example/bitrix/events/" in shown("provisioning")


def test_a_connection_that_was_checked_is_done_whatever_the_portal_lacks_else(shown, steps, connected):
    assert steps()["connection"] == "todo"
    assert f"Connected to {connected.url}." in shown("connection", "check")
    assert steps()["connection"] == "done"


def test_opening_pages_asks_the_portal_nothing(shown, connected):
    for code in CODES:
        shown(code)
    assert list(connected.log) == []


@pytest.mark.parametrize(
    ("fault", "line", "remedy"),
    [
        ("revoked", "NO_AUTH_FOUND", "Create an incoming webhook"),
        ("not_admin", "who is no administrator", "as an administrator"),
        ("plan_ended", "commercial plans", "plan includes REST"),
        ("reset", "", "reaches the portal"),
    ],
)
def test_a_connection_that_fails_says_why_and_what_to_do(shown, steps, connected, fault, line, remedy):
    connected.fails_with(fault)
    page = shown("connection", "check")
    assert line in page
    assert remedy in page
    assert steps()["connection"] == "failed"
    connected.heal()
    shown("connection", "check")
    assert steps()["connection"] == "done"


def test_a_scope_that_is_missing(shown, steps, connected):
    connected.portal.config.webhook_scopes = frozenset({"crm", "user", "department"})
    assert "The connection lacks: telephony." in shown("connection", "check")
    assert steps()["connection"] == "failed"


def test_a_clock_that_is_off(shown, steps, connected):
    connected.fails_with("clock", amount="600")
    assert "s apart" in shown("connection", "check")
    assert steps()["connection"] == "failed"


def test_what_was_seen_under_other_settings_is_worth_nothing(shown, steps, connected, settings):
    connected.fails_with("revoked")
    shown("connection", "check")
    settings.BITRIX_WEBHOOK_URL = connected.webhook.replace("/rest/1/", "/rest/3/")
    assert steps()["connection"] == "todo"


def test_what_was_said_in_another_language_says_so(pages, shown, connected):
    connected.fails_with("not_admin")
    pages.post(reverse("setup:check"))  # by a Russian reader
    assert re.search(r'<span lang="ru">[^<]*администратор', shown("connection"))


def test_a_token_refused_since_is_told_although_it_was_good_when_looked_at(shown, steps, connected):
    shown("connection", "check")
    living.ran(ok=False, error="WrongToken: profile: NO_AUTH_FOUND")
    assert steps()["connection"] == "failed"
    assert "The portal refuses our token" in shown("connection")


def test_who_works_with_commands_meets_a_wizard_that_knows(steps, connected):
    mirror_synced()
    Status.objects.update(in_portal=True)
    assert steps() == dict.fromkeys(CODES, "done") | {"administrators": "todo", "card": "todo"}


# --- Checks ----------------------------------------------------------------------------------------------------------
def test_checks_are_the_doctors_lines_with_the_way_to_each_cure(shown, connected):
    page = shown("checks", "check", back="checks")
    assert page.count('class="setup-line ') == len(diagnosis_of_everything(at=timezone.now()))
    assert "Companies have no field UF_CRM_CALLGUARD_STATUS." in page
    assert f'href="{reverse("setup:step", args=["provisioning"])}"' in page


def test_a_check_that_no_other_step_puts_right_fails_this_one(shown, steps, connected, settings):
    settings.CELERY_BROKER_URL = "redis://:hunter2@127.0.0.1:1/0"
    page = shown("checks", "check", back="checks")
    assert "The broker does not answer" in page
    assert "hunter2" not in page
    assert steps()["checks"] == "failed"


# --- What the portal lacks -------------------------------------------------------------------------------------------
def writes(portal) -> list[str]:
    return [entry.method for entry in portal.log if entry.method.endswith((".add", ".update", ".bind"))]


def test_the_preview_shows_what_will_be_created_and_creates_nothing(shown, steps, connected):
    page = shown("provisioning", "survey")
    assert "Will be created" in page
    assert FIELD in page
    assert writes(connected) == []
    assert steps()["provisioning"] == "todo"


def test_the_button_creates_it_and_a_second_time_writes_nothing(shown, steps, connected):
    shown("provisioning", "survey")
    page = shown("provisioning", "survey", create="1")
    assert "Has just been created" in page
    assert custom_fields.find(connected.store, FIELD)
    assert steps()["provisioning"] == "done"
    written = writes(connected)
    assert "Nothing is missing." in shown("provisioning", "survey", create="1")
    assert writes(connected) == written


def test_a_field_of_somebody_elses_is_one_line_with_the_remedy(shown, steps, connected):
    fields = {"FIELD_NAME": FIELD, "USER_TYPE_ID": "string", "LABEL": "Чужое"}
    connected.call("crm.company.userfield.add", {"fields": fields})
    page = shown("provisioning", "survey", create="1")
    assert "of another kind: string" in page
    assert "BITRIX_STATUS_FIELD" in page
    assert steps()["provisioning"] == "failed"


def test_without_settings_the_survey_is_a_line_too(shown, steps, nowhere):
    assert "BITRIX_WEBHOOK_URL is not set" in shown("provisioning", "survey")
    assert steps()["provisioning"] == "failed"


def test_a_portal_that_refuses_half_way_tells_what_was_created(shown, connected):
    connected.fails_with("500", method="crm.company.userfield.add")
    page = shown("provisioning", "survey", create="1")
    assert "Traceback" not in page
    connected.heal()
    shown("provisioning", "survey", create="1")
    assert custom_fields.find(connected.store, FIELD)


def test_an_outgoing_webhook_is_explained_where_handlers_cannot_be_bound(shown, connected, settings):
    page = shown("provisioning")
    assert "http://testserver/bitrix/events/" in page
    assert "<code>ONCRMCOMPANYUPDATE</code>" in page
    settings.BITRIX_APPLICATION_TOKEN = "copied"
    assert "It is set." in shown("provisioning")
    living.told("done", ago=300)
    assert "The last event: 5" in shown("provisioning").replace("\xa0", " ")


# --- First synchronisation -------------------------------------------------------------------------------------------
def test_the_first_sync_is_to_do_under_way_failed_and_done(shown, steps, connected):
    assert steps()["sync"] == "todo"
    SyncLease.objects.create(name="full sync", holder="elsewhere:1:x", until=timezone.now() + timedelta(minutes=5))
    run = living.ran("full sync", ok=None)
    assert steps()["sync"] == "running"
    assert 'data-goes-on="yes"' in shown("sync")
    SyncLease.objects.all().delete()
    assert steps()["sync"] == "failed", "its process was killed"
    SyncRun.objects.filter(pk=run.pk).update(ok=False, error="crm.lead.list: INTERNAL_SERVER_ERROR")
    assert "crm.lead.list: INTERNAL_SERVER_ERROR" in shown("sync")
    mirror_synced()
    assert steps()["sync"] == "done"


def test_progress_is_told_to_administrators(pages, connected):
    assert pages.get(reverse("setup:progress")).json()["state"] == "none"


# --- The card --------------------------------------------------------------------------------------------------------
@pytest.fixture
def clients(connected):
    mirrored_people()
    mirrored_company("ООО «Ромашка»", phone=ROMASHKA, responsible=OLGA, status="В работе")
    mirror_synced()


def test_the_tag_names_this_server(shown, connected, settings):
    settings.PUBLIC_URL = "https://callguard.example"
    page = shown("card")
    assert "&lt;script src=&quot;https://callguard.example/static/callguard/card.min.js&quot;" in page
    assert "data-api=&quot;https://callguard.example&quot;" in page


def test_a_missing_secret_is_to_do_with_the_way_to_make_one(shown, steps, connected, settings):
    settings.CARD_TOKEN_SECRET = ""
    assert steps()["card"] == "todo"
    assert "secrets.token_urlsafe(50)" in shown("card")
    settings.CARD_TOKEN_SECRET = "short"
    assert steps()["card"] == "failed"


def test_the_trial_begins_with_a_client_of_somebody_else(pages, clients):
    form = pages.get(reverse("setup:step", args=["card"])).context["form"]
    assert form.initial["phone"] == "+79161234567"
    assert form.initial["caller"] != OLGA.id


def test_a_trial_paints_the_verdict_and_records_nothing(pages, clients):
    asked = {"phone": ROMASHKA, "caller": IVAN.id}
    page = pages.post(reverse("setup:step", args=["card"]), asked, headers=ENGLISH)
    assert page.context["verdict"]["colour"] == "red"
    assert "Ольга Петрова" in page.text
    assert not Call.objects.exists()


def test_a_trial_without_a_secret_says_what_is_missing(pages, clients, settings):
    settings.CARD_TOKEN_SECRET = ""
    asked = {"phone": ROMASHKA, "caller": IVAN.id}
    page = pages.post(reverse("setup:step", args=["card"]), asked, headers=ENGLISH)
    assert "CARD_TOKEN_SECRET is not set" in page.text


@pytest.mark.parametrize("asked", [{}, {"phone": "1", "caller": "999"}, {"phone": "x" * 300, "caller": "nobody"}])
def test_a_trial_of_nonsense_is_asked_for_again(pages, clients, asked):
    assert pages.post(reverse("setup:step", args=["card"]), asked).status_code == 200


# --- The whole -------------------------------------------------------------------------------------------------------
@pytest.fixture
def all_done(clients, superuser):
    Status.objects.update(in_portal=True)
    confirm(by=superuser, at=timezone.now())
    rung("1", ROMASHKA, caller=IVAN.id)


def sidebar_of(pages) -> list[list[str]]:
    groups = pages.get(reverse("admin:index")).context["sidebar_navigation"]
    return [[item["link"] for item in group["items"]] for group in groups]


def test_while_something_is_missing_it_is_the_first_line_and_the_overview_leads_there(pages, connected):
    assert sidebar_of(pages)[0][0] == reverse("setup:page")
    assert "setup-banner" in pages.get(reverse("admin:index")).text


def test_done_it_moves_down_and_the_banner_goes(pages, steps, all_done):
    assert steps() == dict.fromkeys(CODES, "done")
    links = sidebar_of(pages)
    assert reverse("setup:page") not in links[0]
    assert reverse("setup:page") in links[-1]
    assert "setup-banner" not in pages.get(reverse("admin:index")).text


def test_in_a_demonstration_nobody_is_asked_to_connect_anything(pages, connected, settings):
    settings.DEMO = True
    assert "setup-banner" not in pages.get(reverse("admin:index")).text


def test_it_opens_at_the_first_step_that_is_left(pages, connected, shown):
    assert pages.get(reverse("setup:page")).context["step"].code == "connection"
    shown("connection", "check")
    assert pages.get(reverse("setup:page")).context["step"].code == "provisioning"
    status_field.provision(connected.store, "enumeration")
    shown("connection", "check")
    assert pages.get(reverse("setup:page")).context["step"].code == "sync"


def test_a_look_is_kept_without_any_secret(shown, connected, settings):
    settings.BITRIX_APPLICATION_TOKEN = "hush-event-token"
    shown("connection", "check")
    shown("provisioning", "survey", create="1")
    kept = str(list(PortalLook.objects.values()))
    assert connected.webhook not in kept
    assert connected.webhook.rstrip("/").rsplit("/", 1)[1] not in kept
    assert "hush-" not in kept
