"""What changed since the last round is in the mirror after the next, at the price of a request or two."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from crm_mirror.allowance import resume
from crm_mirror.freshness import synced_at
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
    SyncCursor,
)
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox import links
from crm_mirror.sandbox.data import people
from crm_mirror.sync.kinds import VERDICT_NAMES
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db


@pytest.fixture
def delta(portal: PortalDriver, sync):
    """A delta round; the first call reads everything before it. Time passes in the portal in between."""

    def run(**how):
        portal.portal.clock.advance(60)
        return sync(full=False, **how)

    return run


def titles() -> list[str]:
    return list(Company.objects.live().values_list("title", flat=True))


def renamed(portal: PortalDriver, company: int, title: str) -> None:
    """By HTTP, so that the portal's wrong clock stamps the change as well."""
    change = {"id": company, "fields": {"TITLE": title}}
    assert requests.post(f"{portal.webhook}crm.company.update", json=change, timeout=5).ok


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


class TestLinks:
    @pytest.fixture
    def three(self, portal, delta) -> tuple[int, int, int]:
        old, new = portal.add_company("Старая"), portal.add_company("Новая")
        contact = portal.add_contact("Анна Белова", companies=[old])
        delta()
        return contact, old, new

    def test_a_contact_that_moved_to_another_company(self, portal, delta, three):
        contact, _, new = three
        portal.update_contact(contact, COMPANY_IDS=[new])
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_link_that_moved_without_any_trace_in_a_date(self, portal, delta, three):
        contact, old, new = three
        relation = links.link_kinds()["contact"]
        with portal.store.writing():
            links.remove_link(portal.store, relation, contact, old)
            links.add_link(portal.store, relation, contact, new)
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_company_that_changed_brings_its_contacts_on_portals_without_company_ids(self, portal, delta, three):
        contact, old, new = three
        portal.portal.config.item_list_company_ids = False
        portal.unlink(contact, old)
        portal.link(contact, new)
        portal.update_company(new, TITLE="Новейшая")
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_portal_that_tells_no_companies_in_lists_takes_no_link_away(self, portal, delta, three):
        portal.portal.config.item_list_company_ids = False
        delta()
        delta()
        assert ContactCompany.objects.count() == 1

    def test_contacts_that_all_lose_their_companies_at_once_are_only_suspected(self, portal, delta, settings, three):
        contact, _, _ = three
        settings.MASS_DELETE_ROWS = 0
        portal.update_contact(contact, COMPANY_IDS=[])
        delta()
        assert ContactCompany.objects.get().missing_since

    def test_links_that_a_broken_round_left_unread_are_read_by_the_next(self, portal, delta, three):
        contact, _, new = three
        portal.update_contact(contact, COMPANY_IDS=[new])
        portal.fails_with("revoked", after=1)
        portal.delete_company(portal.add_company("Лишняя"))
        with pytest.raises(PortalError):
            delta()
        portal.heal()
        resume()
        portal.portal.clock.advance(3600)
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_token_that_is_no_administrators_removes_no_link(self, portal, delta, three):
        contact, _, _ = three
        portal.update_contact(contact, COMPANY_IDS=[])
        portal.fails_with("not_admin")
        delta()
        assert ContactCompany.objects.count() == 1


class TestTime:
    def test_a_change_in_the_second_of_the_last_look_is_read(self, portal, delta, sync):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        sync(full=False)
        portal.update_company(company, TITLE="Василёк")  # the same second
        sync(full=False)
        assert titles() == ["Василёк"]

    @pytest.mark.parametrize("hours", [-5, 5])
    def test_the_portals_clock_may_be_another(self, portal, delta, hours):
        company = portal.add_company("Ромашка")
        portal.fails_with("clock", amount=f"{hours}h")
        delta()
        renamed(portal, company, "Лютик")
        delta()
        assert titles() == ["Лютик"]

    def test_a_portal_clock_that_was_set_back_loses_nothing(self, portal, delta):
        company = portal.add_company("Ромашка")
        portal.fails_with("clock", amount="3h")
        delta()
        delta()
        portal.heal()
        renamed(portal, company, "Лютик")
        delta()
        assert titles() == ["Лютик"]

    def test_the_first_round_goes_on_from_the_beginning_of_the_pass_by_the_portals_clock(self, portal, delta, sync):
        before = portal.now
        sync()
        after = portal.now
        since = DeltaCursor.objects.get(kind="company").since
        assert before - timedelta(seconds=1) <= since <= after

    def test_lag_is_measured_by_the_portals_clock(self, portal, delta, sync):
        portal.portal.clock.advance(7200)
        company = portal.add_company("Ромашка")
        sync()
        portal.update_company(company, TITLE="Лютик")
        portal.portal.clock.advance(40)
        sync(full=False)
        assert 39 <= Change.objects.get(kind="company").lag_s <= 50

    def test_what_was_read_is_true_as_of_the_rounds_beginning(self, portal, delta):
        delta()
        before = timezone.now()
        delta()
        assert set(SyncCursor.objects.filter(kind__in=VERDICT_NAMES).values_list("true_at", flat=True)) == {synced_at()}
        assert before <= synced_at() <= timezone.now()


class TestManyAtOnce:
    def change_all(self, portal: PortalDriver, title: str) -> None:
        moment = int(portal.now.timestamp())
        with portal.store.writing():
            portal.store.execute("UPDATE company SET TITLE = ?, DATE_MODIFY = ?", (title, moment))

    @pytest.fixture
    def many(self, portal, delta) -> int:
        with portal.store.writing():
            portal.store.executemany(
                "INSERT INTO company (TITLE, ASSIGNED_BY_ID, DATE_MODIFY, DATE_CREATE) VALUES (?, ?, ?, ?)",
                [("Компания", 1, 1, 1)] * 3000,
            )
        delta()
        return 3000

    def test_a_mass_change_is_worked_off_and_fresh_changes_go_first(self, portal, delta, many):
        self.change_all(portal, "Импорт")
        report = delta()
        assert report.entities["company"].seen >= 1000
        left = Company.objects.filter(title="Компания").count()
        for _ in range(5):
            newest = portal.add_company("Свежая")
            delta()
            assert Company.objects.filter(portal_id=newest).exists()
        assert Company.objects.filter(title="Компания").count() == 0 <= left

    def test_a_backlog_makes_the_mirror_as_old_as_it_is(self, portal, delta, many):
        portal.fails_with("revoked", after=2)
        before = SyncCursor.objects.get(kind="company").true_at
        self.change_all(portal, "Импорт")
        with pytest.raises(PortalError):
            delta()
        cursor = DeltaCursor.objects.get(kind="company")
        assert cursor.backlog_since
        assert SyncCursor.objects.get(kind="company").true_at == before
        portal.heal()
        delta()
        assert Company.objects.filter(title="Компания").count() == 0
        assert SyncCursor.objects.get(kind="company").true_at > before


class TestTrouble:
    def test_a_kind_that_is_refused_stays_where_it_is_and_the_others_go_on(self, portal, delta):
        company, deal = portal.add_company("Ромашка"), portal.add_deal("Поставка")
        delta()
        since = DeltaCursor.objects.get(kind="deal").since
        portal.update_company(company, TITLE="Лютик")
        portal.update_deal(deal, TITLE="Возврат")
        portal.fails_with("error", method="crm.deal.list")
        with pytest.raises(PortalError, match=r"crm\.deal\.list"):
            delta()
        assert titles() == ["Лютик"]
        assert DeltaCursor.objects.get(kind="deal").since == since
        portal.heal()
        delta()
        assert Deal.objects.get().title == "Возврат"

    def test_a_method_whose_budget_is_spent_waits_and_is_no_error(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("429", times=1, method="crm.lead.list")
        delta()
        assert titles() == ["Лютик"]

    def test_a_lost_answer_repeats_the_round(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("half", times=2)
        delta()
        assert titles() == ["Лютик"]

    def test_a_malformed_row_goes_to_quarantine_and_is_read_when_it_is_mended(self, portal, delta):
        good, bad = portal.add_company("Ромашка"), portal.add_company("Лютик")
        delta()
        moment = int(portal.now.timestamp())
        with portal.store.writing():
            portal.store.execute(
                "UPDATE company SET ASSIGNED_BY_ID = 'кто-то', DATE_MODIFY = ? WHERE ID = ?", (moment, bad)
            )
        portal.update_company(good, TITLE="Василёк")
        report = delta()
        assert report.entities["company"].quarantined == 1
        assert "Василёк" in titles()
        portal.update_company(bad, responsible=1)
        assert delta().entities["company"].quarantined == 0

    def test_a_kind_that_was_never_read_does_not_hold_up_the_others(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        SyncCursor.objects.filter(kind="department").delete()
        portal.fails_with("scope", method="department.get")
        portal.update_company(company, TITLE="Лютик")
        with pytest.raises(PortalError):
            delta()
        assert titles() == ["Лютик"]

    def test_a_first_request_that_takes_too_long_is_repeated_smaller_and_moves_the_cursor(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        since = DeltaCursor.objects.get(kind="company").since
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("504", times=3)
        delta()
        assert titles() == ["Лютик"]
        assert DeltaCursor.objects.get(kind="company").since > since


def test_a_portal_under_a_new_address_goes_on_counting_requests(portal, delta, settings):
    company = portal.add_company("Ромашка")
    for _ in range(3):
        delta()
    settings.BITRIX_WEBHOOK_URL = portal.webhook.replace("127.0.0.1", "localhost")
    portal.update_company(company, TITLE="Лютик")
    delta()
    assert titles() == ["Лютик"]


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


def test_an_installation_read_through_before_there_was_a_delta_goes_on_from_its_last_pass(portal, delta):
    company = portal.add_company("Ромашка")
    delta()
    DeltaCursor.objects.all().delete()
    portal.update_company(company, TITLE="Лютик")
    delta()
    assert titles() == ["Лютик"]
