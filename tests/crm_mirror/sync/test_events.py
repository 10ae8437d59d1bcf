"""Events are hints: whatever comes, in whatever order, the mirror ends as the portal is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    Employee,
    EndedCall,
    InboxEvent,
    Lead,
    PhoneNumber,
    Quarantine,
    Status,
)
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver

State = InboxEvent.State


def states():
    return sorted(InboxEvent.objects.values_list("state", flat=True))


def waiting():
    return InboxEvent.objects.filter(state=State.WAITING)


def try_again_now():
    waiting().update(next_attempt_at=timezone.now())


def numbers_of(company):
    return sorted(PhoneNumber.objects.filter(entity_id=company).values_list("e164", flat=True))


class TestWhatComes:
    def test_a_new_company_is_in_the_mirror_with_its_number_and_status(self, portal, sync, drain, told):
        sync()
        olga = portal.add_employee("Ольга Петрова")
        company = portal.add_company("Ромашка", phone="8 (916) 123-45-67", responsible=olga, status="В работе")
        told("ONUSERADD", data={"ID": olga.id, "NAME": "Кто-то другой"})
        told("ONCRMCOMPANYUSERFIELDADD", data={"FIELDS": {"ENTITY_ID": "CRM_COMPANY"}})
        told("ONCRMCOMPANYADD", company)
        drain()
        row = Company.objects.get(portal_id=company)
        assert (row.title, row.responsible.name, row.status.name) == ("Ромашка", "Ольга Петрова", "В работе")
        assert numbers_of(company) == ["+79161234567"]
        assert states() == [State.DONE] * 3

    def test_a_changed_number_moves(self, portal, sync, drain, told):
        company = portal.add_company("Ромашка", phone="8 (916) 123-45-67")
        sync()
        portal.change_phone("company", company, "8 (916) 123-45-67", "8 (495) 765-43-21")
        told("ONCRMCOMPANYUPDATE", company)
        drain()
        assert numbers_of(company) == ["+74957654321"]

    def test_every_kind(self, portal, sync, drain, told):
        sync()
        told("ONCRMCONTACTADD", contact := portal.add_contact("Ольга Петрова"))
        told("ONCRMLEADADD", lead := portal.add_lead("Звонок"))
        told("ONCRMDEALADD", deal := portal.add_deal("Поставка"))
        drain()
        assert [model.objects.get().portal_id for model in (Contact, Lead, Deal)] == [contact, lead, deal]

    def test_a_converted_lead_is_two_events_and_both_sides(self, portal, sync, drain, told):
        lead = portal.add_lead("Звонок", phone="8 (916) 123-45-67")
        sync()
        company = portal.convert_lead(lead, company_title="Ромашка")
        told("ONCRMLEADUPDATE", lead)
        told("ONCRMCOMPANYADD", company)
        drain()
        assert Company.objects.get(portal_id=company).lead_id == lead
        row = Lead.objects.get(portal_id=lead)
        assert (row.status_id, row.semantic, row.company_id) == ("CONVERTED", "S", company)

    def test_a_new_value_of_the_status_field(self, portal, sync, drain, told):
        portal.add_company("Ромашка", status="В работе")
        sync()
        field = portal.status_field
        changed = [*field["LIST"], {"VALUE": "Потерян", "SORT": 900}]
        portal.call("crm.company.userfield.update", {"id": field["ID"], "fields": {"LIST": changed}})
        told("ONCRMCOMPANYUSERFIELDSETENUMVALUES", data={"FIELDS": {"ENTITY_ID": "CRM_COMPANY"}})
        drain()
        assert Status.objects.get(name="Потерян").in_portal

    def test_a_portal_without_the_status_field_takes_no_status_away(self, portal, sync, drain, told):
        company = portal.add_company("Ромашка", status="В работе")
        sync()
        known = Company.objects.get().status_id
        portal.call("crm.company.userfield.delete", {"id": portal.status_field["ID"]})
        told("ONCRMCOMPANYUPDATE", company)
        drain()
        assert Company.objects.get().status_id == known

    def test_what_cannot_be_read_goes_to_quarantine(self, portal, sync, drain, told):
        company = portal.add_company("Ромашка")
        sync()
        portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'кто-то' WHERE ID = ?", (company,))
        told("ONCRMCOMPANYUPDATE", company)
        drain()
        assert Quarantine.objects.get().portal_id == str(company)
        assert states() == [State.DONE]

    def test_an_employee_nobody_is_shown_is_no_reason_to_wait(self, portal, sync, drain, told):
        sync()
        told("ONUSERADD", data={"ID": 4711})
        drain()
        assert states() == [State.DONE]
        assert not Employee.objects.filter(portal_id=4711).exists()

    def test_events_without_work_are_done(self, portal, drain, told):
        told("ONVOXIMPLANTCALLINIT", data={"CALL_ID": "1"})
        told("ONAPPUPDATE", data={})
        drain()
        assert states() == [State.DONE] * 2
        assert not list(portal.log)


class TestLateDoubleReordered:
    @pytest.fixture
    def company(self, portal, sync):
        company = portal.add_company("Ромашка")
        sync()
        return company

    def test_double_events_are_one_question_and_one_change(self, portal, drain, told, company):
        portal.update_company(company, TITLE="Лютик")
        for _ in range(5):
            told("ONCRMCOMPANYUPDATE", company)
        assert drain().entities["company"].updated == 1
        assert Change.objects.filter(kind="company").count() == 1
        assert states() == [State.DONE] * 5

    def test_a_late_event_changes_nothing(self, portal, drain, told, sync, company):
        portal.update_company(company, TITLE="Лютик")
        sync()
        before = Change.objects.count()
        told("ONCRMCOMPANYUPDATE", company)
        assert drain().entities["company"].updated == 0
        assert Change.objects.count() == before

    @pytest.mark.parametrize("order", [("DELETE", "ADD"), ("ADD", "DELETE"), ("DELETE", "UPDATE", "ADD")])
    def test_whatever_the_order_the_portal_of_now_counts(self, portal, drain, told, company, order):
        for what in order:
            told(f"ONCRMCOMPANY{what}", company)
        drain()
        assert Company.objects.get().deleted_at is None
        portal.delete_company(company)
        for what in order:
            told(f"ONCRMCOMPANY{what}", company)
        drain()
        assert Company.objects.get().deleted_at

    def test_an_event_before_the_first_sync_is_no_news(self, portal, drain, told):
        company = portal.add_company("Старая")
        told("ONCRMCOMPANYUPDATE", company)
        drain()
        assert Company.objects.get().title == "Старая"
        assert not Change.objects.exists()

    def test_what_comes_while_the_worker_asks_waits_for_its_own_turn(self, portal, drain, told, company):
        first, second = told("ONCRMCOMPANYUPDATE", company), told("ONCRMCOMPANYUPDATE", company)
        InboxEvent.objects.filter(id=second.id).update(next_attempt_at=timezone.now() + timedelta(hours=1))
        drain()
        assert InboxEvent.objects.get(id=first.id).state == State.DONE
        assert InboxEvent.objects.get(id=second.id).state == State.WAITING


class TestHint:
    def test_a_lying_payload_changes_nothing(self, portal, sync, drain, told):
        company = portal.add_company("Ромашка", phone="8 (916) 123-45-67")
        sync()
        lie = {"FIELDS": {"ID": str(company), "TITLE": "Взломано", "PHONE": [], "ASSIGNED_BY_ID": "666"}}
        told("ONCRMCOMPANYUPDATE", data=lie)
        told("ONCRMCOMPANYDELETE", company)
        drain()
        row = Company.objects.get()
        assert (row.title, row.deleted_at, numbers_of(company)) == ("Ромашка", None, ["+79161234567"])
        assert not Change.objects.exists()

    def test_an_event_of_something_that_never_was_does_nothing(self, portal, sync, drain, told):
        sync()
        told("ONCRMCOMPANYUPDATE", 4711)
        told("ONCRMCOMPANYDELETE", 4712)
        drain()
        assert states() == [State.DONE] * 2
        assert not Company.objects.exists()

    def test_unreadable_events_put_back_to_waiting_do_no_harm(self, portal, sync, drain, told):
        told("ONCRMCOMPANYUPDATE", "x")
        told("ONWHATEVER", 5)
        inbox.replay(InboxEvent.objects.all(), at=timezone.now())
        drain()
        assert states() == [State.DONE] * 2


class TestWhoActed:
    @pytest.fixture
    def company(self, portal, sync):
        company = portal.add_company("Ромашка")
        sync()
        return company

    def test_the_event_tells_who_deleted(self, portal, drain, told, company):
        ivan = portal.add_employee("Иван Сидоров", admin=True)
        portal.delete("company", company, by=ivan)
        told("ONCRMCOMPANYDELETE", company, by=ivan.id)
        drain()
        change = Change.objects.get(kind="company")
        assert (change.what, change.by_id, change.source) == ("deleted", ivan.id, "event")

    def test_two_people_between_two_looks_leave_it_to_the_row(self, portal, drain, told, company):
        ivan = portal.add_employee("Иван Сидоров", admin=True)
        portal.update("company", company, TITLE="Лютик", by=ivan)
        told("ONCRMCOMPANYUPDATE", company, by=4711)
        told("ONCRMCOMPANYUPDATE", company, by=ivan.id)
        drain()
        assert Change.objects.get(kind="company").by_id == ivan.id

    def test_an_edit_after_the_events_is_not_laid_on_the_event_s_user(self, portal, drain, told, company):
        ivan = portal.add_employee("Иван Сидоров", admin=True)
        portal.update("company", company, TITLE="Лютик", by=ivan)
        told("ONCRMCOMPANYUPDATE", company, by=4711)
        drain()
        assert Change.objects.get(kind="company").by_id == ivan.id

    def test_the_lag_is_told_by_the_portals_clock(self, portal, drain, told, company):
        portal.portal.clock.advance(3600)
        portal.update_company(company, TITLE="Лютик")
        told("ONCRMCOMPANYUPDATE", company)
        drain()
        assert 0 <= Change.objects.get(kind="company").lag_s < 60


@pytest.mark.parametrize("lists_companies", [True, False], ids=["companyIds", "one by one"])
class TestLinks:
    @pytest.fixture
    def portal(self, settings, lists_companies):
        with running("empty", limits_on=False, item_list_company_ids=lists_companies) as server:
            settings.BITRIX_WEBHOOK_URL = server.webhook
            settings.BITRIX_RATE_PER_SECOND = 0.0
            yield PortalDriver(server)

    @pytest.fixture
    def world(self, portal, sync):
        companies = [portal.add_company("Ромашка"), portal.add_company("Лютик")]
        contact = portal.add_contact("Ольга Петрова", companies=companies[:1])
        sync()
        return contact, *companies

    def links(self):
        return sorted(ContactCompany.objects.values_list("contact_id", "company_id"))

    def test_a_contacts_event_brings_its_links(self, portal, drain, told, world):
        contact, first, second = world
        portal.unlink(contact, first)
        portal.link(contact, second)
        told("ONCRMCONTACTUPDATE", contact)
        drain()
        assert self.links() == [(contact, second)]

    def test_a_companys_event_brings_links_that_came_and_went_at_its_end(self, portal, drain, told, world):
        contact, first, second = world
        portal.unlink(contact, first)
        portal.link(contact, second)
        told("ONCRMCOMPANYUPDATE", first)
        drain()
        assert self.links() == [(contact, second)]
        portal.link(contact, first)
        told("ONCRMCOMPANYUPDATE", first)
        drain()
        assert self.links() == [(contact, first), (contact, second)]

    def test_a_company_without_news_of_links_costs_no_second_request(self, portal, drain, told, world):
        told("ONCRMCOMPANYUPDATE", world[1])
        portal.log.clear()
        drain()
        assert len(list(portal.log)) == 1

    def test_a_contact_that_is_gone_is_not_asked_for_again_and_again(self, portal, sync, drain, told, world):
        contact, first, _ = world
        portal.delete_contact(contact)
        told("ONCRMCONTACTDELETE", contact)
        drain()
        told("ONCRMCOMPANYUPDATE", first)
        portal.log.clear()
        drain()
        assert len(list(portal.log)) == 1

    def test_without_an_administrators_token_no_link_is_removed(self, portal, drain, told, world):
        contact, first, _ = world
        portal.unlink(contact, first)
        portal.fails_with("not_admin")
        told("ONCRMCONTACTUPDATE", contact)
        drain()
        assert ContactCompany.objects.get().missing_since


class TestDeleted:
    @pytest.fixture
    def companies(self, portal, sync):
        companies = [portal.add_company(f"Компания {number}", phone=f"+7916{number:07}") for number in range(4)]
        sync()
        return companies

    def deleted(self):
        return sorted(Company.objects.exclude(deleted_at=None).values_list("portal_id", flat=True))

    def test_a_deleted_one_is_asked_for_and_buried(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        report = drain()
        assert self.deleted() == [companies[1]]
        assert report.entities["company"].deleted == 1
        assert Change.objects.get().what == "deleted"
        assert states() == [State.DONE]

    def test_its_update_event_will_do(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYUPDATE", companies[1])
        drain()
        assert self.deleted() == [companies[1]]

    def test_double_delete_events_bury_once(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        for _ in range(2):
            told("ONCRMCOMPANYDELETE", companies[1])
            drain()
        assert Change.objects.filter(what="deleted").count() == 1

    def test_a_restored_one_is_revived(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        portal.restore_company(companies[1])
        told("ONCRMCOMPANYADD", companies[1])
        drain()
        assert self.deleted() == []
        assert numbers_of(companies[1]) == ["+79160000001"]
        assert list(Change.objects.order_by("id").values_list("what", flat=True)) == ["deleted", "revived"]

    def test_one_in_quarantine_leaves_it(self, portal, drain, told, companies):
        Quarantine.objects.create(kind="company", portal_id="4711", reason="…", row={}, seen_at=timezone.now())
        told("ONCRMCOMPANYDELETE", 4711)
        drain()
        assert not Quarantine.objects.exists()

    def test_one_that_a_list_loses_is_kept(self, portal, drain, told, companies):
        portal.fails_with("empty_page", method="crm.company.list")
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == []
        assert states() == [State.DONE]

    @pytest.mark.parametrize(
        ("fault", "words"), [("not_admin", "no administrator"), ("own_rows", "Access denied")], ids=str
    )
    def test_without_proof_its_event_waits_and_one_line_says_why(self, portal, drain, told, companies, fault, words):
        ivan = portal.add_employee("Иван Сидоров")
        for company in companies:
            portal.update_company(company, responsible=ivan)
        portal.delete_company(companies[1])
        portal.fails_with(fault)
        for company in companies[1:3]:
            told("ONCRMCOMPANYDELETE", company)
        report = drain()
        assert Company.objects.get(portal_id=companies[2]).deleted_at is None
        kept = waiting().order_by("entity_id").last()
        assert (kept.attempts, kept.next_attempt_at > timezone.now()) == (1, True)
        assert [words in warning for warning in report.warnings if warning.startswith("inbox")] == [True]
        portal.heal()
        try_again_now()
        drain()
        assert self.deleted() == [companies[1]]
        assert states() == [State.DONE] * 2

    def test_one_that_cannot_be_proven_does_not_hold_up_another(self, portal, drain, told, companies):
        portal.delete_company(companies[0])
        portal.delete_company(companies[1])
        portal.fails_with("error", times=1, method="crm.company.get")
        told("ONCRMCOMPANYDELETE", companies[0])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == [companies[1]]
        assert waiting().get().entity_id == str(companies[0])

    def test_a_row_that_a_later_request_brought_is_not_buried(self, portal, drain, told, companies):
        Company.objects.update(read_ticket=10_000_000)
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == []


class TestFaults:
    @pytest.fixture
    def company(self, portal, sync):
        company = portal.add_company("Ромашка")
        sync()
        portal.update_company(company, TITLE="Лютик")
        return company

    @pytest.mark.parametrize("fault", ["revoked", "plan_ended", "deleted", "overload"])
    def test_a_lost_portal_leaves_everything_waiting(self, portal, drain, told, company, fault):
        told("ONCRMCOMPANYUPDATE", company)
        portal.fails_with(fault)
        with pytest.raises(PortalError):
            drain()
        assert (waiting().get().attempts, Company.objects.get().title) == (0, "Ромашка")

    def test_a_kind_that_is_refused_waits_and_the_others_go_on(self, portal, drain, told, company):
        lead = portal.add_lead("Звонок")
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMLEADADD", lead)
        portal.fails_with("scope", method="crm.company.list")
        report = drain()
        assert (Lead.objects.count(), waiting().get().entity_id) == (1, str(company))
        assert "insufficient_scope" in waiting().get().note
        assert len(report.warnings) == 1
        portal.heal()
        try_again_now()
        drain()
        assert Company.objects.get().title == "Лютик"

    def test_a_method_whose_budget_is_spent_is_left_alone(self, portal, drain, told, company):
        lead = portal.add_lead("Звонок")
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMLEADADD", lead)
        portal.fails_with("429", times=1, method="crm.company.list")
        drain()
        try_again_now()
        portal.log.clear()
        drain()
        assert not list(portal.log)
        assert waiting().get().attempts == 2

    def test_after_about_a_day_it_is_given_up_and_may_be_replayed(self, portal, drain, told, company):
        told("ONCRMCOMPANYUPDATE", company)
        portal.fails_with("error", method="crm.company.list")
        spent = timedelta()
        while waiting().exists():
            drain()
            spent += InboxEvent.objects.get().next_attempt_at - timezone.now()
            try_again_now()
        assert timedelta(hours=20) < spent < timedelta(hours=28)
        assert states() == [State.FAILED]
        portal.heal()
        assert inbox.replay(InboxEvent.objects.filter(state=State.FAILED), at=timezone.now()) == 1
        drain()
        assert (states(), Company.objects.get().title) == ([State.DONE], "Лютик")

    def test_a_crash_after_the_question_repeats_harmlessly(self, portal, drain, told, company):
        gone = portal.add_company("Уходит")
        told("ONCRMCOMPANYADD", gone)
        drain()
        portal.delete_company(gone)
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMCOMPANYDELETE", gone)
        portal.fails_with("revoked", after=1)  # the portal is lost between the list and the questions one by one
        with pytest.raises(PortalError):
            drain()
        assert waiting().count() == 2
        portal.heal()
        drain()
        assert waiting().count() == 0
        assert Company.objects.get(portal_id=gone).deleted_at
        assert Change.objects.filter(portal_id=str(gone), what="deleted").count() == 1


class TestBurst:
    def test_ten_thousand_events_of_two_thousand_entities_are_a_handful_of_requests(self, portal, sync, drain):
        contacts = [portal.add_contact(f"Контакт {number}", phone=f"+7916{number:07}") for number in range(1900)]
        companies = [portal.add_company(f"Компания {number}") for number in range(100)]
        sync()
        at = timezone.now()
        named = [("ONCRMCONTACTUPDATE", one) for one in contacts] + [("ONCRMCOMPANYUPDATE", one) for one in companies]
        InboxEvent.objects.bulk_create(
            InboxEvent(event=event, entity_id=str(one), received_at=at, next_attempt_at=at)
            for _ in range(5)
            for event, one in named
        )
        portal.update_contact(contacts[-1], NAME="Новое")
        portal.log.clear()
        drain()
        assert len(list(portal.log)) <= 6
        assert states() == [State.DONE] * 10_000
        assert Contact.objects.get(portal_id=contacts[-1]).title.startswith("Новое")


class TestEndedCalls:
    CALL = "externalCall.7b0c7de811455ef32b18dc5917e4306a.1773239327"

    def facts(self, **more):
        return {"CALL_ID": self.CALL, "CALL_TYPE": "1", "CALL_DURATION": "0", "CALL_FAILED_CODE": "304"} | more

    def test_until_the_statistics_know_it_the_event_is_believed(self, portal, drain, told):
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        call = EndedCall.objects.get()
        assert (call.call_id, call.code, call.by_statistics) == (self.CALL, "304", False)
        assert states() == [State.DONE]

    def test_the_statistics_word_beats_the_events(self, portal, drain, told):
        row = self.facts(CALL_FAILED_CODE="200", CALL_DURATION="42", CALL_START_DATE="2026-03-11T17:28:46+03:00")
        portal.portal.memory["statistics"] = [row]
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        call = EndedCall.objects.get()
        assert (call.code, call.by_statistics) == ("200", True)

    def test_without_the_right_to_the_statistics_the_event_is_believed(self, portal, drain, told):
        portal.fails_with("scope", method="voximplant.statistic.get")
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        assert not EndedCall.objects.get().by_statistics
