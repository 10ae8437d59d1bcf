"""Mirrored rows are found by any spelling of a number, by portal ID, and by words in any case."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm_mirror.models import Company, Quarantine

pytestmark = pytest.mark.usefixtures("mirror")


def found(pages: Client, model: str, term: str, **filters: str) -> list[str]:
    page = pages.get(reverse(f"admin:crm_mirror_{model}_changelist"), {"q": term, **filters})
    assert page.status_code == 200
    return [str(row) for row in page.context["cl"].result_list]


@pytest.mark.parametrize("spelling", ["8 (916) 123-45-67", "+79161234567", "9161234567", "тел. 8-916-1234567 доб. 3"])
def test_a_company_is_found_by_any_spelling_of_its_number(pages, spelling):
    assert found(pages, "company", spelling) == ["ООО «Ромашка»"]
    assert found(pages, "phonenumber", spelling) == ["+79161234567"]


def test_each_kind_is_found_by_its_own_numbers_only(pages):
    assert found(pages, "contact", "8 (903) 222 33 44") == ["Вера Одинцова"]
    assert found(pages, "lead", "8 (905) 333 44 55") == ["Проект коттеджа"]
    assert found(pages, "lead", "8 (916) 123-45-67") == []


def test_a_deal_is_found_by_the_number_of_its_company_or_contact(pages):
    assert found(pages, "deal", "8 (916) 123-45-67") == ["Поставка"]
    assert found(pages, "deal", "8 (903) 222-33-44") == ["Поставка"]


@pytest.mark.parametrize("words", ["ромашка", "РОМАШКА", "ооо ромаш", "«Ромашка»"])
def test_a_company_is_found_by_words_of_its_name_in_any_case(pages, words):
    assert found(pages, "company", words) == ["ООО «Ромашка»"]


def test_a_company_is_found_by_its_portal_id(pages):
    company = Company.objects.get(title="ООО «Ромашка»")
    assert found(pages, "company", str(company.portal_id)) == ["ООО «Ромашка»"]


@pytest.mark.parametrize("term", ["(", "[a-", "*", "\\", "%", "9" * 40])
def test_signs_that_mean_something_to_a_database_are_only_text(pages, term):
    assert found(pages, "company", term) == []


def test_employees_and_bad_phones_are_found_by_words(pages):
    assert found(pages, "employee", "петрова") == ["Ольга Петрова"]
    assert found(pages, "unreadablephone", "ПЕТЮ") == ["спросить Петю"]


def test_filters_tell_own_deleted_and_status(pages):
    assert found(pages, "company", "", presence="deleted") == ["Бывшая"]
    assert found(pages, "company", "", presence="live") == ["ООО «Ромашка»"]
    assert found(pages, "company", "", status__value__exact="IN_WORK") == ["ООО «Ромашка»"]
    assert found(pages, "company", "", responsible__portal_id__exact="7") == ["ООО «Ромашка»"]
    assert found(pages, "company", "", is_my_company__exact="1") == []
    assert found(pages, "unreadablephone", "", why="hidden") == []


def test_a_page_of_a_company_shows_numbers_links_and_the_way_to_the_portal(pages, settings):
    settings.PORTAL_ORIGIN = "https://portal.example"
    company = Company.objects.get(title="ООО «Ромашка»")
    text = pages.get(reverse("admin:crm_mirror_company_change", args=[company.pk])).text
    for shown in ("+79161234567", "спросить Петю", "Пётр Иванов", "Ольга Петрова"):
        assert shown in text
    assert f"https://portal.example/crm/company/details/{company.portal_id}/" in text


def test_a_responsible_whom_the_mirror_does_not_know_is_shown_by_his_id(pages):
    gone = Company.objects.get(title="Бывшая")
    page = pages.get(reverse("admin:crm_mirror_company_change", args=[gone.pk]))
    assert page.status_code == 200
    assert "ID 404" in page.text


def test_json_of_a_quarantined_row_is_readable_and_harmless(pages):
    text = pages.get(reverse("admin:crm_mirror_quarantine_change", args=[Quarantine.objects.get().pk])).text
    assert "Ромашка &lt;b&gt;" in text
    assert "Ромашка <b>" not in text


def test_people_are_offered_where_one_is_chosen(pages):
    chosen = {"app_label": "callguard", "model_name": "substitution", "field_name": "substitute", "term": "иван"}
    offered = pages.get(reverse("admin:autocomplete"), chosen).json()["results"]
    assert offered == [{"id": "8", "text": "Иван Сидоров"}]
