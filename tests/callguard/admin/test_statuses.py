"""Statuses in the admin: edited by administrators once the portal's are known, with what hangs on each beside it."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard.models import About, Account, History, Palette, Rule
from crm_mirror.models import Company, OutboxCall, Status, StatusField
from tests.cast import MARINA, mirrored_company

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


def test_before_the_first_sync_nothing_is_edited_and_the_page_says_why(pages):
    page = pages.get(LIST, headers={"accept-language": "en"})
    assert "The first sync brings it." in page.text
    assert pages.post(address(), {"sort": "5", "name": "Иначе"}).status_code == 403
    assert pages.get(reverse("admin:crm_mirror_status_add")).status_code == 403
    pages.post(LIST, {"form-0-sort": "5", "_save": "Save"})
    assert list(Status.objects.values_list("name", "sort")) == SEEDED


# --- Edited ----------------------------------------------------------------------------------------------------------
SEEDED = [("В ожидании", 10), ("В обработке", 20), ("В работе", 30)]


@pytest.fixture
def met(mirror):
    """A sync has met the portal's statuses, a list."""
    Status.objects.update(in_portal=True, portal_name=F("name"), portal_sort=F("sort"))
    items = [{"ID": row.value, "VALUE": row.name, "SORT": str(row.sort)} for row in Status.objects.all()]
    StatusField.objects.create(kind="enumeration", field_id="57", items=items, seen_at=timezone.now())


def address(name="В работе"):
    return reverse("admin:crm_mirror_status_change", args=[Status.objects.get(name=name).pk])


def filled(**facts):
    """The page's form as a browser sends it."""
    return {"name": "В работе", "sort": "30", "colour": "", **facts}


def table(pages, **places):
    """The list's form as a browser sends it, with other numbers for some."""
    forms = pages.get(LIST).context["cl"].formset.forms
    data = {"form-TOTAL_FORMS": len(forms), "form-INITIAL_FORMS": len(forms), "_save": "Save"}
    for number, form in enumerate(forms):
        data[f"form-{number}-id"] = form.instance.pk
        data[f"form-{number}-sort"] = places.get(form.instance.value, form.instance.sort)
    return data


def to_the_portal():
    return OutboxCall.objects.filter(purpose="reference")


def noted():
    return [(line.before, line.after, line.actor_name) for line in History.objects.filter(about=About.REFERENCE)]


def test_a_name_and_a_colour_are_edited_on_the_page(pages, met):
    pages.post(address(), filled(name="Наш клиент", colour="#2e7d32"))
    row = Status.objects.get(value="IN_WORK")
    assert (row.name, row.colour, row.sort) == ("Наш клиент", "#2e7d32", 30)
    assert noted() == [({"name": "В работе", "colour": ""}, {"name": "Наш клиент", "colour": "#2e7d32"}, "root")]
    assert "on its way to the portal" in pages.get(LIST, headers={"accept-language": "en"}).text


def test_a_page_saved_as_it_was_is_no_edit(pages, met):
    assert pages.post(address(), filled()).status_code == 302
    assert noted() == []
    assert not to_the_portal().exists()


def test_the_order_is_edited_in_the_list_by_numbers_and_goes_out_as_one(pages, met):
    assert pages.post(LIST, table(pages, IN_WORK=1, WAITING=40)).status_code == 302
    assert list(Status.objects.values_list("name", flat=True)) == ["В работе", "В обработке", "В ожидании"]
    assert len(noted()) == 2
    (call,) = to_the_portal()
    assert [item["SORT"] for item in call.params["fields"]["LIST"]] == [40, "20", 1]


@pytest.mark.parametrize("sort", ["-1", "1000000000", "", "x"])
def test_a_place_that_is_none_is_refused(pages, met, sort):
    assert pages.post(LIST, table(pages, IN_WORK=sort)).status_code == 200
    assert pages.post(address(), filled(sort=sort)).status_code == 200
    assert list(Status.objects.values_list("name", "sort")) == SEEDED


@pytest.mark.parametrize("name", ["", " ", "в ожидании"])
def test_a_name_that_cannot_be_is_refused_beside_its_field(pages, met, name):
    for url, sent in ((address(), filled(name=name)), (ADD, {"name": name, "sort": "50", "colour": ""})):
        page = pages.post(url, sent)
        assert page.status_code == 200
        assert page.context["adminform"].form.errors["name"]
    assert Status.objects.count() == 3


ADD = reverse("admin:crm_mirror_status_add")


def test_a_new_one_goes_to_the_portal_before_it_is_offered(pages, met):
    assert pages.get(ADD).context["adminform"].form["sort"].value() == 40
    pages.post(ADD, {"name": "Чёрный список", "sort": "40", "colour": "#c62828"})
    row = Status.objects.get(name="Чёрный список")
    assert (row.in_portal, row.sent.method) == (False, "crm.company.userfield.update")
    assert pages.get(address("Чёрный список")).status_code == 200


def test_one_is_retired_and_brought_back_on_its_page(pages, met):
    pages.post(address(), filled(retired="on"))
    assert Status.objects.get(name="В работе").retired_at
    assert pages.get(address()).context["adminform"].form["retired"].value() is True
    pages.post(address(), filled(retired="on"))
    pages.post(address(), filled())
    assert Status.objects.get(name="В работе").retired_at is None
    assert [after for _, after, _ in noted()] == [{"retired": False}, {"retired": True}]


def test_none_is_ever_deleted(pages, met):
    url = reverse("admin:crm_mirror_status_delete", args=[Status.objects.get(name="В работе").pk])
    assert pages.post(url, {"post": "yes"}).status_code == 403


def test_companies_of_a_status_that_the_portal_deleted_are_warned_of_and_listed(pages, met):
    company = mirrored_company("Живая", status="В обработке")
    Status.objects.filter(name="В обработке").update(in_portal=False, retired_at=timezone.now())
    page = pages.get(LIST, headers={"accept-language": "en"})
    assert "Deleted in the portal, and companies still have it:" in page.text
    ((_, count, link),) = page.context["lost_statuses"]
    assert count == 1
    assert [row.pk for row in pages.get(link).context["cl"].result_list] == [company.pk]
    assert link.replace("&", "&amp;") in pages.get(address("В обработке")).text


def test_where_new_companies_would_get_no_status_a_warning_says_so(pages, met):
    assert "New companies get no status" not in pages.get(LIST, headers={"accept-language": "en"}).text
    pages.post(address("В ожидании"), filled(name="В ожидании", sort="10", retired="on"))
    assert "New companies get no status" in pages.get(LIST, headers={"accept-language": "en"}).text


def test_the_portals_words_stand_on_the_page_of_what_it_refused(pages, met):
    pages.post(address(), filled(name="Наш клиент"))
    OutboxCall.objects.update(state="refused", error="crm.company.userfield.update: Access denied.")
    Status.objects.update(edited_at=None)
    page = pages.get(address("Наш клиент"), headers={"accept-language": "en"})
    assert "Access denied." in page.text
    assert "refused by the portal" in page.text
    assert "(&#x27;" not in page.text  # words, not what they were made from


def test_a_supervisor_edits_none(met, db):
    clerk = Client()
    clerk.force_login(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert clerk.get(LIST).status_code == 403
    assert clerk.post(address(), filled(name="Моё")).status_code == 403
    assert Company.objects.exists()
    assert noted() == []
