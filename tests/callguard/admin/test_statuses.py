"""Statuses in the admin: how many live companies have each, whether a rule speaks of it; only the order is edited."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import Palette, Rule
from crm_mirror.models import Status
from tests.cast import mirrored_company

pytestmark = pytest.mark.usefixtures("mirror")
LIST = reverse("admin:crm_mirror_status_changelist")


def rows(pages):
    return {row.name: row for row in pages.get(LIST).context["cl"].result_list}


def test_live_companies_are_counted_by_status(pages):
    mirrored_company("Живая", status="В обработке")
    mirrored_company("Удалённая", status="В обработке", deleted=True)
    assert {name: row.company_count for name, row in rows(pages).items()} == {
        "В работе": 1,
        "В обработке": 1,
        "В ожидании": 0,
    }


def test_each_status_shows_its_rule_in_each_company_tier(pages):
    Status.objects.create(value="77", name="Отказ")
    Rule.objects.create(tier="company_contact", match="any", palette=Palette.objects.get(code="blue"))
    shown = {name: (row.by_company, row.by_contact) for name, row in rows(pages).items()}
    assert shown["В работе"] == ("red", "red")
    assert shown["В ожидании"] == ("none", "none")
    assert shown["Отказ"] == ("", "blue")
    assert "no rule" in pages.get(LIST, headers={"accept-language": "en"}).text


def test_nothing_is_edited_here_as_the_portal_feeds_it(pages):
    status = Status.objects.get(name="В работе")
    change = reverse("admin:crm_mirror_status_change", args=[status.pk])
    assert pages.post(change, {"sort": "5", "name": "Иначе", "value": "X"}).status_code == 403
    pages.post(LIST, {"form-0-sort": "5", "_save": "Save"})
    status.refresh_from_db()
    assert (status.sort, status.name, status.value) == (30, "В работе", "IN_WORK")
