"""End to end on the sandbox portal: what becomes of a status that somebody changes there, in one `manage.py sync`."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import history
from callguard.models import About, AdministratorList, CompanyStatus, Origin
from crm_mirror.models import Company, Employee, OutboxCall

pytestmark = pytest.mark.django_db


def lines(company):
    """Origin and ground of the company's history, oldest first."""
    return [(line.origin, line.ground) for line in history.of(About.STATUS, company).order_by("id")]


def notices(office):
    return [(one["user_id"], one["message"]) for one in office.portal.portal.memory.get("notifications", [])]


def standing(office):
    return CompanyStatus.objects.get(company_id=office.romashka)


def test_what_a_rank_and_file_employee_sets_is_put_back_and_the_manager_told(office, round_of_sync):
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    assert round_of_sync()["written_back"] == 2  # the status and the notice
    assert office.shown == office.value("В ожидании")
    assert lines(office.romashka) == [(Origin.PORTAL, "not_allowed"), (Origin.GUARD, "not_allowed")]
    by = history.of(About.STATUS, office.romashka).last()
    assert (by.actor_id, by.actor_name, by.after) == (office.ivan.id, "Иван Сидоров", office.value("В работе"))
    [(told, words)] = notices(office)
    assert told == office.marina.id
    assert "Ромашка" in words
    assert "Иван Сидоров" in words


def test_the_echo_of_what_was_put_back_starts_nothing_new(office, round_of_sync):
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    round_of_sync()
    assert [round_of_sync()["written_back"] for _ in range(2)] == [0, 0]
    assert len(lines(office.romashka)) == 2
    assert standing(office).sent is None


@pytest.mark.parametrize(("who", "ground"), [("marina", "manager"), ("anna", "administrator")])
def test_what_the_manager_or_an_administrator_sets_stays(office, round_of_sync, who, ground):
    office.portal.update_company(office.romashka, status="В работе", by=getattr(office, who))
    assert round_of_sync()["written_back"] == 0
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, ground)]
    assert standing(office).accepted == office.value("В работе")


@pytest.mark.parametrize("who", ["boris", "olga"])
def test_neither_another_head_nor_the_responsible_himself_may(office, round_of_sync, who):
    office.portal.update_company(office.romashka, status="В работе", by=getattr(office, who))
    round_of_sync()
    assert office.shown == office.value("В ожидании")


def test_who_might_be_an_administrator_is_flagged_until_the_list_is_complete(office, round_of_sync):
    Employee.objects.filter(portal_id=office.ivan.id).update(is_portal_admin=None)
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    round_of_sync()
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "may_be_administrator")]
    assert standing(office).flagged_at is not None
    assert [told for told, _words in notices(office)] == [office.marina.id]
    AdministratorList.objects.create(confirmed_at=timezone.now())
    office.portal.update_company(office.romashka, status="В обработке", by=office.ivan)
    round_of_sync()
    assert office.shown == office.value("В ожидании")


def test_the_manager_settles_what_was_flagged(office, round_of_sync, settings):
    settings.STATUS_GUARD = "flag"
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    round_of_sync()
    assert standing(office).flagged_at is not None
    office.portal.update_company(office.romashka, status="В обработке", by=office.marina)
    round_of_sync()
    assert standing(office).flagged_at is None
    assert lines(office.romashka) == [(Origin.PORTAL, "flags_only"), (Origin.PORTAL, "manager")]


def test_a_guard_that_is_off_notes_and_accepts(office, round_of_sync, settings):
    settings.STATUS_GUARD = "off"
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    round_of_sync()
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "guard_off")]


def test_a_status_taken_away_is_put_back_too(office, round_of_sync):
    office.portal.update_company(office.romashka, status=None, by=office.ivan)
    round_of_sync()
    assert office.shown == office.value("В ожидании")


def test_several_edits_between_two_looks_are_flagged_not_put_back(office, round_of_sync):
    office.portal.update_company(office.romashka, status="В работе", by=office.marina)
    office.portal.update_company(office.romashka, TITLE="Ромашка и Ко", by=office.ivan)
    round_of_sync()
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "unknown_author")]


def test_a_head_replaced_at_the_same_moment_was_still_the_manager(office, round_of_sync):
    office.portal.update_company(office.romashka, status="В работе", by=office.marina)
    office.portal.set_head(office.sales, office.boris)
    round_of_sync()
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "manager")]


def test_a_change_of_the_responsible_is_noted(office, round_of_sync):
    office.portal.update_company(office.romashka, responsible=office.ivan, by=office.marina)
    round_of_sync()
    line = history.of(About.RESPONSIBLE, office.romashka).get()
    assert (line.before, line.after, line.actor_id) == (office.olga.id, office.ivan.id, office.marina.id)


@pytest.mark.parametrize("how", ["created", "converted"])
def test_a_new_company_begins_with_the_first_status(office, round_of_sync, how):
    if how == "created":
        company = office.portal.add_company("Новая", responsible=office.olga, by=office.ivan)
    else:
        company = office.portal.convert_lead(office.portal.add_lead("Заявка", responsible=office.olga), by=office.ivan)
    assert round_of_sync()["written_back"] == 1
    assert office.portal.status_of(company) == office.value("В ожидании")
    assert [round_of_sync()["written_back"] for _ in range(2)] == [0, 0]
    assert lines(company) == [(Origin.NEWCOMERS, "")]


def test_a_company_that_comes_with_a_status_and_our_own_legal_entities_are_left_alone(office, round_of_sync):
    with_status = office.portal.add_company("С готовым", status="В работе", by=office.ivan)
    ours = office.portal.add_company("Мы сами", is_my_company=True)
    assert round_of_sync()["written_back"] == 0
    assert office.portal.status_of(with_status) == office.value("В работе")
    assert office.portal.status_of(ours) == ""


def test_a_refusal_of_the_portal_is_noted_and_what_it_shows_stands(office, round_of_sync):
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    office.portal.fails_with("scope", method="crm.company.update")
    round_of_sync()
    assert OutboxCall.objects.get(purpose="status").state == OutboxCall.State.REFUSED
    office.portal.heal()
    round_of_sync()
    now = standing(office)
    assert (now.accepted, now.sent) == (office.value("В работе"), None)
    assert now.flagged_at is not None
    assert lines(office.romashka)[-1] == (Origin.PORTAL, "refused")


def test_after_one_round_the_mirror_shows_what_we_wrote(office, round_of_sync):
    company = office.portal.add_company("Новая", responsible=office.olga, by=office.ivan)
    office.portal.update_company(office.romashka, status="В работе", by=office.ivan)
    round_of_sync()
    assert Company.objects.get(portal_id=company).status_id == office.value("В ожидании")
    assert Company.objects.get(portal_id=office.romashka).status_id == office.value("В ожидании")
    assert standing(office).sent is None


def test_the_status_that_a_portal_gets_later_is_for_companies_created_since_we_look(portal, round_of_sync):
    """Those that were there before us stay without one; nobody asked us to touch them."""
    before_us = portal.add_company("Была до нас")
    round_of_sync()
    portal.portal.clock.advance(600)
    created = portal.add_company("Создана без нас")
    assert round_of_sync()["written_back"] == 0
    assert portal.status_field
    portal.portal.clock.advance(600)
    assert round_of_sync()["written_back"] == 1
    assert portal.status_of(created) == str(portal.status_value("В ожидании"))
    assert portal.status_of(before_us) == ""
    assert round_of_sync()["written_back"] == 0


def test_many_new_companies_go_out_a_batch_at_a_time(office, round_of_sync):
    companies = [office.portal.add_company(f"Из файла {one}", by=office.ivan) for one in range(60)]
    seen = len(office.portal.log)
    assert round_of_sync()["written_back"] == 60
    assert {office.portal.status_of(one) for one in companies} == {office.value("В ожидании")}
    assert len(office.portal.log) - seen < 15  # not one for each: 25 are asked about at once, then written at once
