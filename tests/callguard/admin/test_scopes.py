"""What a supervisor and an employee see on pages that are open to them: their own, and nothing of others in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callguard import history
from callguard.access.actors import NOBODY
from callguard.admin.probe import ProbeForm
from callguard.models import About, Account, Call, Origin, Substitution
from crm_mirror.models import Company, Deal, Employee
from tests.callguard.admin.conftest import rung
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    SALES,
    STRANGER,
    Person,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)

NUMBER = "+79161230001"
PROBE = reverse("admin:callguard_call_probe")
ADD = reverse("admin:callguard_substitution_add")
TODAY = timezone.localdate()
LISTS = (
    *(f"crm_mirror_{name}" for name in ("company", "contact", "lead", "deal", "phonenumber", "employee")),
    *(f"callguard_{name}" for name in ("call", "conflict", "substitution", "history", "palette")),
)


@pytest.fixture
def people(db):
    mirrored_people()
    mirror_synced()


@pytest.fixture
def browser(people):
    """browser(person): a client signed in with his portal account; English."""

    def signed_in(person):
        client = Client(headers={"accept-language": "en"})
        account, _new = Account.objects.get_or_create(
            username=f"p{person.id}", defaults={"is_staff": True, "employee_id": person.id}
        )
        client.force_login(account)
        return client

    return signed_in


def page_of(row, page="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def clients_of(person, number):
    """A row of every kind that is this person's."""
    company = mirrored_company(f"Компания {number}", phone=f"+7916123{number:04}", responsible=person)
    Deal.objects.create(portal_id=number, title=f"Сделка {number}", responsible_id=person.id)
    mirrored_contact(f"Контакт {number}", responsible=person, companies=[company])
    mirrored_lead(f"Лид {number}", responsible=person)
    rung(f"call {number}", NUMBER, caller=person.id)
    substitution(IVAN if person is BORIS else BORIS, of=person)
    told = {"before": None, "after": "A", "by": NOBODY, "origin": Origin.API, "at": timezone.now()}
    history.note(About.STATUS, company.portal_id, **told)


# --- What it costs ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_of_his_people_and_for_many_three_queries_more_than_for_a_superuser(
    browser, pages, django_assert_num_queries, name
):
    """Who is still at work; people and departments. A superuser's sidebar looks at the set-up instead."""
    url, marina = reverse(f"admin:{name}_changelist"), browser(MARINA)
    mirrored_company("Чужая", phone=NUMBER, responsible=STRANGER, status="В работе")
    clients_of(OLGA, 1)
    for client in (marina, pages):
        client.get(url)  # content types and the like are cached by the first request
    with CaptureQueriesContext(connection) as superusers:
        pages.get(url)
    with CaptureQueriesContext(connection) as few:
        assert marina.get(url).status_code == 200
    assert len(few) <= len(superusers) + 3
    for number in range(2, 30):
        newcomer = Employee.objects.create(
            portal_id=100 + number, name=f"Новый {number}", department_ids=[SALES], user_type="employee"
        )
        clients_of(Person(newcomer.portal_id, newcomer.name), number)
    with django_assert_num_queries(len(few)):
        assert len(marina.get(url).context["cl"].result_list) > (1 if name != "callguard_palette" else 0)


def test_the_first_page_costs_the_same_for_one_of_his_people_and_for_many(browser, django_assert_num_queries):
    url, marina = reverse("admin:index"), browser(MARINA)
    clients_of(OLGA, 1)
    marina.get(url)
    with CaptureQueriesContext(connection) as few:
        marina.get(url)
    for number in range(2, 10):
        clients_of(IVAN, number)
    with django_assert_num_queries(len(few)):
        marina.get(url)


# --- What stands between the rows ------------------------------------------------------------------------------------
def test_a_linked_row_of_somebody_elses_is_a_bare_id(browser):
    company = mirrored_company("Ромашка", responsible=OLGA)
    own = mirrored_contact("Свой Контакт", responsible=IVAN, companies=[company])
    foreign = mirrored_contact("Чужой Контакт", responsible=BORIS, companies=[company])
    page = browser(MARINA).get(page_of(company)).text
    assert page_of(own) in page
    assert f"ID {foreign.portal_id}" in page
    assert "Чужой Контакт" not in page


def test_a_colleague_is_named_without_a_link_to_his_page(browser):
    company = mirrored_company("Ромашка", responsible=OLGA)
    Company.objects.filter(pk=company.pk).update(created_by_id=BORIS.id, modified_by_id=IVAN.id)
    boris, ivan = (Employee.objects.get(portal_id=person.id) for person in (BORIS, IVAN))
    page = browser(MARINA).get(page_of(company)).text
    assert BORIS.name in page
    assert page_of(boris) not in page
    assert page_of(ivan) in page


def test_departments_are_named_without_links_that_would_not_open(browser):
    page = browser(MARINA).get(page_of(Employee.objects.get(portal_id=OLGA.id))).text
    assert "Продажи" in page
    assert "/crm_mirror/department/" not in page


def test_a_call_does_not_tell_what_its_client_was_merged_into_when_that_is_somebody_elses(browser):
    mirrored_company("Ромашка", phone=NUMBER, responsible=OLGA)
    survivor = mirrored_company("Чужой Наследник", responsible=BORIS)
    rung("1", NUMBER, caller=OLGA.id)
    Call.objects.update(survivor_id=survivor.portal_id)
    page = browser(OLGA).get(page_of(Call.objects.get())).text
    assert f"ID {survivor.portal_id}" in page
    assert "Чужой Наследник" not in page


@pytest.mark.parametrize("name", ["crm_mirror_company_changelist?responsible", "callguard_call_changelist?caller"])
def test_a_filter_does_not_name_a_person_whose_id_was_guessed(browser, name):
    address, field = name.split("?")
    asked = {f"{field}__portal_id__exact": BORIS.id}
    assert BORIS.name in browser(BORIS).get(reverse(f"admin:{address}"), asked).text
    assert BORIS.name not in browser(MARINA).get(reverse(f"admin:{address}"), asked).text


@pytest.mark.parametrize("lookup", ["responsible__name__startswith", "responsible__accounts__password__startswith"])
def test_a_lookup_through_another_table_is_refused(browser, lookup):
    assert browser(MARINA).get(reverse("admin:crm_mirror_company_changelist"), {lookup: "О"}).status_code == 400


def test_a_row_that_exists_and_one_that_does_not_are_refused_alike(browser):
    foreign = mirrored_company("Чужая", responsible=BORIS)
    for page in ("change", "history", "delete"):
        hers, none = (
            browser(MARINA).get(reverse(f"admin:crm_mirror_company_{page}", args=[pk])) for pk in (foreign.pk, 999_999)
        )
        assert (hers.status_code, hers.headers.get("Location")) == (none.status_code, none.headers.get("Location"))


def test_what_was_his_yesterday_is_not_his_today(browser):
    company, marina = mirrored_company("Ромашка", responsible=OLGA), browser(MARINA)
    assert marina.get(page_of(company)).status_code == 200
    Company.objects.filter(pk=company.pk).update(responsible_id=BORIS.id)
    assert marina.get(page_of(company)).url == reverse("admin:index")
    Employee.objects.filter(portal_id=MARINA.id).update(active=False)
    assert marina.get(reverse("admin:index")).url.startswith(reverse("admin:login"))


def test_the_first_page_counts_what_its_reader_may_see_and_says_nothing_of_the_machinery(browser):
    mirrored_company("Чужая", phone=NUMBER, responsible=STRANGER, status="В работе")
    for number, person in enumerate((OLGA, IVAN, BORIS), start=1):
        clients_of(person, number)
    for person, count in ((MARINA, "2"), (OLGA, "1"), (BORIS, "1")):
        shown = browser(person).get(reverse("admin:index")).context
        calls = {tile.title: tile.figure for tile in shown["call_tiles"]}
        rows = {tile.title: tile.figure for tile in shown["mirror_tiles"]}
        assert calls == {"Conflicts in 7 days": count, "Calls in 7 days": count}
        assert (rows["Companies"], rows["Phone numbers"]) == (count, count)
        health = {tile.title: tile.link for tile in shown["health_tiles"]}
        assert health.pop("Mirror") == ""
        assert list(health) == ([] if person is OLGA else ["Statuses to look at"])


# --- The probe -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("person", "has_steps"), [(OLGA, False), (MARINA, True)])
def test_why_a_verdict_is_what_it_is_is_for_supervisors(browser, person, has_steps):
    mirrored_company("Чужая", phone=NUMBER, responsible=STRANGER, status="В работе")
    answer = browser(person).post(PROBE, {"phone": NUMBER, "caller": OLGA.id, "direction": "outgoing"})
    assert answer.context["verdict"]["colour"] == "red"
    assert bool(answer.context["steps"]) is has_steps


def test_one_asks_in_the_name_of_ones_people_and_begins_with_oneself(browser):
    answer = browser(MARINA).post(PROBE, {"phone": NUMBER, "caller": BORIS.id, "direction": "outgoing"})
    assert "verdict" not in answer.context
    form = browser(MARINA).get(PROBE).context["form"]
    assert isinstance(form, ProbeForm)
    assert form["caller"].value() == MARINA.id


# --- Substitutions ---------------------------------------------------------------------------------------------------
def sent(substitute, substituted, *, days=3):
    first, last = TODAY.isoformat(), (TODAY + timedelta(days=days)).isoformat()
    return {"substitute": substitute.id, "substituted": substituted.id, "first_day": first, "last_day": last}


def test_a_supervisor_says_who_stands_in_for_the_people_he_manages(browser):
    assert browser(MARINA).post(ADD, sent(IVAN, OLGA)).status_code == 302
    assert Substitution.objects.get().entered_by.employee_id == MARINA.id


@pytest.mark.parametrize(("substitute", "substituted"), [(IVAN, BORIS), (IVAN, MARINA), (BORIS, OLGA)])
def test_not_for_others_nor_for_himself_nor_by_somebody_elses_people(browser, substitute, substituted):
    assert browser(MARINA).post(ADD, sent(substitute, substituted)).status_code == 200
    assert not Substitution.objects.exists()


def test_whom_an_administrator_chose_may_stay_when_a_supervisor_prolongs(browser):
    entry = substitution(BORIS, of=OLGA)
    assert browser(MARINA).post(page_of(entry), sent(BORIS, OLGA, days=9)).status_code == 302
    entry.refresh_from_db()
    assert entry.last_day == TODAY + timedelta(days=9)


def test_ones_own_absence_is_seen_and_not_changed(browser):
    entry = substitution(IVAN, of=MARINA)
    marina = browser(MARINA)
    assert marina.get(page_of(entry)).status_code == 200
    assert marina.post(page_of(entry), sent(IVAN, MARINA, days=9)).status_code == 403
    assert marina.post(page_of(entry, "delete"), {"post": "yes"}).status_code == 403
    url = reverse("admin:callguard_substitution_changelist")
    marina.post(url, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert Substitution.objects.get() == entry
