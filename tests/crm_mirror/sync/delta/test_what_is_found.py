"""What changed since the last round is in the mirror after the next, at the price of a request or two."""

from __future__ import annotations

import pytest

from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    DeltaCursor,
    Department,
    Employee,
    Lead,
    PhoneNumber,
    Status,
)
from crm_mirror.sandbox.data import people
from tests.crm_mirror.sync.delta.conftest import titles

pytestmark = pytest.mark.django_db


class TestWhatIsFound:
    def test_new_and_changed_rows_of_every_kind(self, portal, delta):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        contact = portal.add_contact("Анна Белова")
        lead, deal = portal.add_lead("Заявка"), portal.add_deal("Поставка")
        delta()
        olga = portal.add_employee("Ольга Смирнова")
        portal.update_company(company, TITLE="Лютик", responsible=olga)
        portal.change_phone("company", company, "8 916 123-45-67", "8 916 765-43-21")
        portal.update_contact(contact, LAST_NAME="Чернова")
        portal.update_lead(lead, STATUS_ID="JUNK")
        portal.update_deal(deal, STAGE_ID="WON")
        new = portal.add_lead("Вторая заявка", phone="8 495 123-45-67")
        report = delta()
        row = Company.objects.get()
        assert (row.title, row.responsible_id) == ("Лютик", olga.id)
        assert list(PhoneNumber.objects.values_list("e164", flat=True).order_by("e164")) == [
            "+74951234567",
            "+79167654321",
        ]
        assert Contact.objects.get().title == "Анна Чернова"
        assert Lead.objects.get(portal_id=lead).semantic == "F"
        assert Lead.objects.get(portal_id=new).title == "Вторая заявка"
        assert Deal.objects.get().semantic == "S"
        assert report.entities["lead"].created == 1
        assert report.entities["company"].updated == 1

    def test_only_what_changed_is_read(self, portal, delta):
        for number in range(120):
            portal.add_company(f"Компания {number}")
        delta()
        portal.portal.clock.advance(3600)
        delta()
        portal.update_company(portal.add_company("Новая"), TITLE="Новейшая")
        assert delta().entities["company"].seen == 1

    def test_people_and_departments(self, portal, delta):
        delta()
        sales = portal.add_department("Продажи")
        ivan = portal.add_employee("Иван Сидоров", department=sales)
        portal.set_head(sales, ivan)
        delta()
        assert Employee.objects.get(portal_id=ivan.id).department_ids == [sales]
        assert Department.objects.get(portal_id=sales).head_id == ivan.id
        portal.dismiss(ivan)
        portal.set_head(sales, None)
        delta()
        assert not Employee.objects.get(portal_id=ivan.id).active
        assert Department.objects.get(portal_id=sales).head_id is None

    def test_a_department_that_is_gone(self, portal, delta):
        sales = portal.add_department("Продажи")
        delta()
        del portal.store.departments[sales]
        delta()
        assert Department.objects.get(portal_id=sales).deleted_at

    @pytest.mark.parametrize("kind", ["enumeration", "crm_status"])
    def test_status_values(self, portal, delta, kind):
        portal.status_kind = kind
        portal.add_company("Ромашка", status="В работе")
        delta()
        field = portal.status_field
        if kind == "enumeration":
            item = next(item for item in field["LIST"] if item["VALUE"] == "В работе")
            changed = {"LIST": [{"ID": item["ID"], "VALUE": "Работаем"}]}
            portal.call("crm.company.userfield.update", {"id": field["ID"], "fields": changed})
        else:
            ours = [row for row in portal.store.statuses if row["ENTITY_ID"] == field["SETTINGS"]["ENTITY_TYPE"]]
            row = next(row for row in ours if row["NAME"] == "В работе")
            portal.call("crm.status.update", {"id": row["ID"], "fields": {"NAME": "Работаем"}})
        delta()
        assert Status.objects.filter(name="Работаем", in_portal=True).exists()

    def test_a_row_deleted_without_an_event(self, portal, delta):
        kept, gone = portal.add_company("Ромашка"), portal.add_company("Лютик")
        delta()
        portal.delete_company(gone)
        report = delta()
        assert titles() == ["Ромашка"]
        assert report.entities["company"].deleted == 1
        assert Company.objects.get(portal_id=kept).deleted_at is None

    def test_a_row_brought_back_from_the_recycle_bin(self, portal, delta):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        delta()
        portal.delete_company(company)
        delta()
        portal.restore_company(company)
        delta()
        assert titles() == ["Ромашка"]
        assert Change.objects.filter(kind="company").first().what == Change.What.REVIVED

    def test_a_converted_lead_and_its_company(self, portal, delta):
        lead = portal.add_lead("Заявка", phone="8 916 123-45-67")
        delta()
        company = portal.convert_lead(lead, company_title="Ромашка")
        delta()
        assert Company.objects.get(portal_id=company).lead_id == lead
        assert Lead.objects.get().status_id == "CONVERTED"

    def test_the_loser_of_a_merge_points_to_its_survivor(self, portal, delta):
        first = portal.add_company("Ромашка", phone="8 916 123-45-67")
        second = portal.add_company("Ромашка ООО", phone="8 495 123-45-67")
        contact = portal.add_contact("Анна Белова", companies=[second])
        delta()
        portal.merge("company", first, second)
        delta()
        assert Company.objects.get(portal_id=second).merged_into_id == first
        assert list(ContactCompany.objects.values_list("contact_id", "company_id")) == [(contact, first)]


class TestPrice:
    def test_an_idle_round_is_one_request(self, portal, delta):
        portal.add_company("Ромашка", status="В работе")
        delta()
        portal.portal.clock.advance(60)
        delta()
        assert delta().requests <= 2

    def test_an_idle_round_of_a_big_company_is_five_requests_at_most(self, portal, delta):
        for number in range(2000):
            people.add_user(portal.store, 1000 + number, f"Сотрудник {number}", departments=[people.ROOT])
        delta()
        counts = [delta().requests for _ in range(3)]
        assert max(counts) <= 5
        assert Employee.objects.count() > 2000


def test_a_portal_under_a_new_address_goes_on_counting_requests(portal, delta, settings):
    company = portal.add_company("Ромашка")
    for _ in range(3):
        delta()
    settings.BITRIX_WEBHOOK_URL = portal.webhook.replace("127.0.0.1", "localhost")
    portal.update_company(company, TITLE="Лютик")
    delta()
    assert titles() == ["Лютик"]


def test_an_installation_read_through_before_there_was_a_delta_goes_on_from_its_last_pass(portal, delta):
    company = portal.add_company("Ромашка")
    delta()
    DeltaCursor.objects.all().delete()
    portal.update_company(company, TITLE="Лютик")
    delta()
    assert titles() == ["Лютик"]
