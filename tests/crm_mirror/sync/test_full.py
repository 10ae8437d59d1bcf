"""A full sync against the sandbox: what is in the portal is in the mirror, once, and costs few requests."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from crm_mirror.connection import client_from_settings
from crm_mirror.freshness import synced_at
from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Employee,
    Lead,
    PhoneNumber,
    Quarantine,
    Status,
    SyncCursor,
    SyncRun,
    UnreadablePhone,
)
from crm_mirror.portal.client import Patience
from crm_mirror.portal.errors import NotAllowed, PortalFaulty
from crm_mirror.sandbox.server import running
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import NAMES, kinds
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.plan import MOST_STUMBLES, Pass
from crm_mirror.sync.write import parse_rows, write_records
from tests.portal import PortalDriver


def numbers_of(kind, portal_id):
    return list(PhoneNumber.objects.filter(entity_type=kind, entity_id=portal_id).values_list("e164", flat=True))


def test_a_company_is_mirrored_with_its_responsible_status_and_numbers(portal, sync):
    olga = portal.add_employee("Ольга Петрова")
    phones = ["8 (916) 123-45-67", "84951234567/89161234568"]
    company = portal.add_company("Ромашка", phone=phones, responsible=olga, status="В работе")
    sync()
    row = Company.objects.select_related("responsible", "status").get(portal_id=company)
    assert (row.title, row.responsible.name, row.status.name) == ("Ромашка", "Ольга Петрова", "В работе")
    assert row.modified_at == portal.now.replace(microsecond=0) or row.modified_at <= portal.now
    assert sorted(numbers_of("company", company)) == ["+74951234567", "+79161234567", "+79161234568"]


def test_contacts_leads_deals_and_links_are_mirrored(portal, sync):
    first, second = portal.add_company("Ромашка"), portal.add_company("Лютик", is_my_company=True)
    contact = portal.add_contact("Ольга Петрова", phone="+7 916 123-45-67", companies=[second, first])
    lead = portal.add_lead("Звонок с сайта", phone="+375 29 123-45-67")
    deal = portal.add_deal("Поставка", company=first, contacts=[contact], OPPORTUNITY="19000.00", CURRENCY_ID="RUB")
    sync()
    assert Contact.objects.get(portal_id=contact).company_id == second
    links = ContactCompany.objects.filter(contact_id=contact).values_list("company_id", flat=True)
    assert sorted(links) == [first, second]
    assert Company.objects.get(portal_id=second).is_my_company
    assert numbers_of("lead", lead) == ["+375291234567"]
    mirrored = Deal.objects.get(portal_id=deal)
    assert (mirrored.company_id, mirrored.amount, mirrored.currency) == (first, Decimal("19000.00"), "RUB")


def test_since_when_a_stage_stands_is_mirrored_and_moves_with_the_stage_alone(portal, sync):
    deal, lead = portal.add_deal("Поставка"), portal.add_lead("Звонок с сайта")
    sync()
    assert Deal.objects.get(portal_id=deal).moved_at == Deal.objects.get(portal_id=deal).created_at
    portal.portal.clock.advance(3600)
    portal.update_deal(deal, STAGE_ID="WON")
    portal.update_lead(lead, TITLE="Звонок")
    sync()
    won, asked = Deal.objects.get(portal_id=deal), Lead.objects.get(portal_id=lead)
    assert (won.semantic, won.moved_at) == ("S", won.modified_at)
    assert asked.modified_at > asked.moved_at == asked.created_at


def test_a_stage_that_was_not_known_to_move_is_no_news(portal, sync):
    deal = portal.add_deal("Поставка")
    sync()
    Deal.objects.update(moved_at=None)  # as before the column
    sync(full=True)
    assert Deal.objects.get(portal_id=deal).moved_at is not None
    assert not Change.objects.filter(kind="deal").exists()


def test_people_and_departments_are_mirrored_dismissed_ones_included(portal, sync):
    marina = portal.add_employee("Марина Кузнецова")
    sales = portal.add_department("Продажи", head=marina)
    gone = portal.add_employee("Павел Ушедший", department=sales, active=False)
    sync()
    assert Department.objects.get(portal_id=sales).head.name == "Марина Кузнецова"
    row = Employee.objects.get(portal_id=gone.id)
    assert (row.active, row.department_ids) == (False, [sales])


def test_the_webhooks_own_user_is_known_to_be_an_administrator(portal, sync):
    ivan = portal.add_employee("Иван Сидоров")
    sync()
    assert Employee.objects.get(portal_id=1).is_portal_admin is True
    assert Employee.objects.get(portal_id=ivan.id).is_portal_admin is None  # nobody told us: unknown is not "no"


def test_a_responsible_who_is_in_no_list_is_mirrored_by_id(portal, sync):
    bot = portal.add_employee("Робот Интегратор", hidden=True)
    company = portal.add_company("Ромашка", responsible=bot)
    sync()
    assert Company.objects.get(portal_id=company).responsible_id == bot.id


def test_a_second_sync_of_an_unchanged_portal_writes_nothing(sync, settings):
    with running("demo", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        first = sync()
        numbers = list(PhoneNumber.objects.order_by("id").values_list("id", "e164"))
        second = sync()
    assert all(first.counts(kind).seen == second.counts(kind).seen for kind in NAMES)
    assert [(c.created, c.updated, c.deleted) for c in second.entities.values()] == [(0, 0, 0)] * len(NAMES)
    assert list(PhoneNumber.objects.order_by("id").values_list("id", "e164")) == numbers


def test_what_changed_is_updated_and_counted(portal, sync):
    ivan = portal.add_employee("Иван Сидоров")
    company = portal.add_company("Ромашка", phone="+7 916 123-45-67", status="В ожидании")
    portal.add_company("Лютик", phone="+7 916 123-45-67")
    sync()
    portal.update_company(company, responsible=ivan, status="В работе")
    portal.change_phone("company", company, "+7 916 123-45-67", "+7 916 765-43-21")
    counts = sync().counts("company")
    assert (counts.seen, counts.created, counts.updated) == (2, 0, 1)
    row = Company.objects.get(portal_id=company)
    assert (row.responsible_id, row.status.name) == (ivan.id, "В работе")
    assert numbers_of("company", company) == ["+79167654321"]


def test_a_changed_phone_alone_counts_as_an_update(portal, sync):
    company = portal.add_company("Ромашка")
    sync()
    Company.objects.update(modified_at=None)  # as if only the phone could tell
    sync()
    portal.add_phone("company", company, "+7 916 123-45-67")
    assert sync().counts("company").updated == 1


def test_a_phone_that_gives_no_number_is_kept_for_cleaning(portal, sync):
    company = portal.add_company("Ромашка", phone=["+7 916 123-45-67", "доб. 101", "звонить Оле"])
    sync()
    kept = UnreadablePhone.objects.filter(entity_type="company", entity_id=company).values_list("value", "kind")
    assert sorted(kept) == [("доб. 101", "internal"), ("звонить Оле", "unreadable")]
    portal.change_phone("company", company, "звонить Оле", None)
    sync()
    assert list(UnreadablePhone.objects.values_list("value", flat=True)) == ["доб. 101"]


def test_a_row_that_cannot_be_read_is_quarantined_and_does_not_hold_up_its_neighbours(portal, sync):
    before, bad, after = (portal.add_company(title) for title in ("До", "Порченая", "После"))
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'robot' WHERE ID = ?", (bad,))
    report = sync()
    assert report.counts("company").quarantined == 1
    assert sorted(Company.objects.values_list("portal_id", flat=True)) == [before, after]
    held = Quarantine.objects.get()
    assert (held.kind, held.portal_id, held.row["TITLE"]) == ("company", str(bad), "Порченая")
    assert "ASSIGNED_BY_ID" in held.reason


def test_a_row_leaves_quarantine_when_it_can_be_read_again(portal, sync):
    bad = portal.add_company("Порченая")
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'robot' WHERE ID = ?", (bad,))
    sync()
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 1 WHERE ID = ?", (bad,))
    sync()
    assert Company.objects.filter(portal_id=bad).exists()
    assert not Quarantine.objects.exists()


def test_a_row_leaves_quarantine_when_it_comes_no_more(portal, sync):
    bad = portal.add_company("Порченая")
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'robot' WHERE ID = ?", (bad,))
    sync()
    assert Quarantine.objects.exists()
    portal.delete_company(bad)
    sync()
    assert not Quarantine.objects.exists()


def test_rows_without_an_id_are_told_apart(db):
    rows = [{"TITLE": "Первая"}, {"TITLE": "Вторая"}, {"TITLE": "Вторая"}, {"ID": "", "TITLE": "Третья"}]
    kind = kinds("UF_CRM_CALLGUARD_STATUS")["company"]
    write_records(kind, parse_rows(kind, rows), Look(timezone.now(), 1, Source.FULL))
    held = Quarantine.objects.values_list("row__TITLE", flat=True)
    assert sorted(held) == ["Вторая", "Первая", "Третья"]


def test_administrators_named_in_the_settings_are_known_as_such(portal, sync, settings):
    olga, ivan = portal.add_employee("Ольга"), portal.add_employee("Иван")
    settings.BITRIX_ADMIN_IDS = [olga.id]
    sync()
    known = dict(Employee.objects.values_list("portal_id", "is_portal_admin"))
    assert (known[1], known[olga.id], known[ivan.id]) == (True, True, None)


def test_the_mirror_is_as_old_as_the_beginning_of_its_passes(portal, sync):
    before = timezone.now()
    sync()
    assert before < synced_at() <= SyncRun.objects.get().finished_at
    (began,) = set(SyncCursor.objects.values_list("finished_at", flat=True))
    assert SyncRun.objects.get().started_at <= began == synced_at()


def test_a_row_that_spoils_later_keeps_its_last_readable_state(portal, sync):
    company = portal.add_company("Ромашка", phone="+7 916 123-45-67")
    sync()
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'robot' WHERE ID = ?", (company,))
    sync()
    row = Company.objects.get(portal_id=company)
    assert (row.title, row.missing_since, row.deleted_at) == ("Ромашка", None, None)
    assert numbers_of("company", company) == ["+79161234567"]


def test_more_malformed_rows_than_a_page_do_not_stop_the_pass(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(120)]
    portal.store.execute("UPDATE company SET LEAD_ID = 'x' WHERE ID < ?", (companies[110],))
    report = sync(only=["company"])
    assert (report.counts("company").quarantined, report.counts("company").created) == (110, 10)


def test_ten_thousand_rows_take_six_requests(sync, settings):
    with running("10k") as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        report = sync()
        asked = [entry for entry in server.log if entry.method == "batch"]
        companies = server.portal.store.count("SELECT count(*) FROM company")
    assert report.requests == len(server.log) == len(asked) == 6
    assert Company.objects.count() == report.counts("company").seen == companies
    assert Contact.objects.count() == report.counts("contact").seen
    assert Lead.objects.exists()
    rows = sum(report.counts(kind).seen for kind in ("company", "contact", "link", "lead", "deal"))
    assert rows / (6 * 2500) > 0.8


def test_a_small_portal_takes_one_request(sync, settings):
    with running("demo", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        assert sync().requests == 1


@pytest.mark.parametrize("rows", [10, 200])
def test_a_run_takes_the_same_number_of_statements_however_long_it_is(
    portal, sync, rows, django_assert_max_num_queries
):
    for number in range(rows):
        portal.add_company(f"Компания {number}", phone=f"+7916{number:07}")
    with django_assert_max_num_queries(60):
        sync(only=["company"])
    assert PhoneNumber.objects.count() == rows


@pytest.mark.parametrize("times", [1, 5])
def test_rows_that_come_twice_while_people_edit_are_mirrored_once(portal, sync, times):
    companies = [portal.add_company(f"Компания {number}") for number in range(180)]
    portal.fails_with("duplicate", times=times, method="crm.company.list")
    report = sync()
    assert sorted(Company.objects.values_list("portal_id", flat=True)) == companies
    assert report.counts("company").seen == 180


def test_an_empty_page_in_between_is_asked_for_again(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(180)]
    portal.fails_with("empty_page", times=2, after=1, method="crm.company.list")
    sync()
    assert sorted(Company.objects.values_list("portal_id", flat=True)) == companies


def test_rows_lost_while_paging_are_a_flaw_and_come_with_the_next_pass(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(180)]
    portal.fails_with("lose", times=2, after=1, method="crm.company.list")
    report = sync()
    assert any("company" in warning for warning in report.warnings)
    assert not SyncCursor.objects.get(kind="company").flawless
    sync()
    assert sorted(Company.objects.values_list("portal_id", flat=True)) == companies
    assert SyncCursor.objects.get(kind="company").flawless


def test_only_the_kinds_asked_for_are_read(portal, sync):
    portal.add_company("Ромашка")
    portal.add_lead("Звонок")
    report = sync(only=["lead"])
    assert list(report.entities) == ["lead"]
    assert (Lead.objects.count(), Company.objects.count()) == (1, 0)
    assert "crm.company.list" not in portal.log.methods()


def test_a_kind_that_the_portal_refuses_does_not_hold_up_the_others(portal, sync):
    portal.add_company("Ромашка")
    portal.fails_with("scope", method="department.get")
    with pytest.raises(NotAllowed):
        sync()
    assert Company.objects.count() == 1
    assert SyncRun.objects.latest().ok is False
    portal.heal()
    sync()
    assert Department.objects.exists()


def test_a_methods_passing_failure_inside_a_batch_is_asked_again(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(60)]
    portal.fails_with("error", times=3, method="crm.company.list")
    sync()
    assert Company.objects.count() == len(companies)


def test_a_portal_that_takes_too_long_is_asked_for_less_at_once(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(180)]
    portal.fails_with("504", times=6)
    sync(client=client_from_settings(patience=Patience(first=0.01)))
    assert Company.objects.count() == len(companies)
    assert next(len(entry.commands) for entry in portal.log if entry.status == 200) == 12


def test_the_mirror_is_as_old_as_its_oldest_kind(portal, sync):
    assert synced_at() is None
    sync(only=["company", "contact", "link", "lead"])
    assert synced_at() is None  # employees are still missing
    sync(only=["employee"])
    assert synced_at() == min(SyncCursor.objects.values_list("finished_at", flat=True))


def test_every_run_leaves_its_report(portal, sync):
    report = sync(full=True)
    run = SyncRun.objects.get()
    assert (run.ok, run.full, run.report) == (True, True, report.as_dict())
    assert run.finished_at


def test_no_statuses_are_lost_when_the_demo_is_mirrored(sync, settings):
    with running("demo", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        PortalDriver(server)
        sync()
    known = set(Status.objects.values_list("value", flat=True))
    assert set(Company.objects.exclude(status_id=None).values_list("status_id", flat=True)) <= known


def test_a_kind_that_never_announces_its_rows_is_given_up_and_the_others_are_read(portal, sync):
    portal.add_company("Ромашка")
    portal.fails_with("error", method="department.get")
    with pytest.raises(PortalFaulty):
        sync()
    assert Company.objects.count() == 1
    assert len(portal.log) <= 2 * MOST_STUMBLES


def test_rows_that_come_without_ever_being_announced_do_not_keep_a_pass_going():
    one = Pass(kinds("UF")["company"], Position("company", timezone.now()))
    for _ in range(MOST_STUMBLES):
        assert not one.is_over
        one.not_announced(PortalFaulty("crm.company.list: HTTP 500"))
    assert one.is_over
    assert isinstance(one.error, PortalFaulty)
