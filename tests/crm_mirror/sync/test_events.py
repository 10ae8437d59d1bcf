"""Events are hints: whatever comes, in whatever order, the mirror ends as the portal is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import Change, Company, Contact, Deal, Employee, InboxEvent, Lead, Quarantine, Status
from tests.crm_mirror.sync.conftest import State, numbers_of, states


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
