"""Every page of the admin opens for a superuser, in both languages, at a price that does not grow with its rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from callguard.models import Account
from tests.callguard.admin.conftest import mirrored_clients, rung
from tests.cast import IVAN

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
EDITABLE = {"callguard.Account", "callguard.Palette", "callguard.Rule", "callguard.Substitution"}
SCHEDULES = {"django_celery_beat.CrontabSchedule", "django_celery_beat.IntervalSchedule"}
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@every_model
def test_lists_and_pages_open_in_both_languages(pages: Client, calls: None, model: Any) -> None:
    row = model._default_manager.first()
    for url in (address(model, "changelist"), address(model, "change", row.pk)):
        for language in ("ru", "en"):
            page = pages.get(url, headers={"accept-language": language})
            assert page.status_code == 200
            assert f'<html lang="{language}"' in page.text


@pytest.mark.parametrize("name", ["index", "callguard_call_probe"])
def test_the_first_page_and_the_probe_open_in_both_languages(pages: Client, calls: None, name: str) -> None:
    for language in ("ru", "en"):
        assert pages.get(reverse(f"admin:{name}"), headers={"accept-language": language}).status_code == 200


def test_empty_lists_open(pages: Client) -> None:
    assert {model: pages.get(address(model, "changelist")).status_code for model in MODELS} == dict.fromkeys(
        MODELS, 200
    )


def test_only_what_we_decide_can_be_added(pages: Client) -> None:
    addable = {model._meta.label for model in MODELS if pages.get(address(model, "add")).status_code != 403}
    assert addable == EDITABLE | SCHEDULES


def test_nothing_that_others_write_can_be_removed(pages: Client, calls: None) -> None:
    for model in MODELS:
        if model._meta.label not in EDITABLE | SCHEDULES:  # tests of each say what may go
            before = model._default_manager.count()
            delete = address(model, "delete", model._default_manager.first().pk)
            assert pages.post(delete, {"post": "yes"}).status_code == 403, model
            assert model._default_manager.count() == before > 0


def test_staff_who_are_nobody_in_the_portal_do_not_get_in(db: None, client: Client) -> None:
    client.force_login(Account.objects.create(username="clerk", is_staff=True))
    for model in MODELS:
        url = address(model, "changelist")
        assert client.get(url).url == f"{reverse('admin:login')}?next={url}"


@every_model
def test_a_list_costs_the_same_however_many_rows_it_shows(pages: Client, calls: None, model: Any) -> None:
    pages.get(address(model, "changelist"))  # content types and the like are cached by the first request
    few = queries_of(pages, address(model, "changelist"))
    for number in range(3):
        mirrored_clients(f" {number}")
        rung(f"call {number}", "8 916 123-45-67", caller=IVAN.id)
    assert queries_of(pages, address(model, "changelist")) == few


def test_the_first_page_costs_the_same_however_many_rows_there_are(pages: Client, calls: None) -> None:
    index = reverse("admin:index")
    few = queries_of(pages, index)
    mirrored_clients(" 2")
    assert queries_of(pages, index) == few


def queries_of(pages: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert pages.get(url).status_code == 200
    return len(captured)


def test_lists_of_a_million_rows_are_not_counted(pages: Client, calls: None) -> None:
    for model in ("company", "contact", "lead", "deal", "phonenumber", "unreadablephone"):
        with CaptureQueriesContext(connection) as captured:
            pages.get(reverse(f"admin:crm_mirror_{model}_changelist"))
        assert not [query for query in captured if "COUNT(" in query["sql"]], model


def test_groups_are_nowhere(pages: Client) -> None:
    assert pages.get("/admin/auth/group/").status_code == 404


def test_signing_in_without_a_destination_leads_to_the_admin(superuser: Account, client: Client) -> None:
    superuser.set_password("root")
    superuser.save()
    answer = client.post(reverse("admin:login"), {"username": "root", "password": "root"})
    assert answer.url == reverse("admin:index")
