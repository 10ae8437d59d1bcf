"""Whatever differs is found, told apart and put right; what does not differ is left alone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Drift,
    Employee,
    Lead,
    Patrol,
    PhoneNumber,
    Quarantine,
    Repair,
    Status,
    SyncRun,
    UnreadablePhone,
)
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox import custom_fields
from crm_mirror.sync.kinds import NAMES
from crm_mirror.sync.numbers import Disagreement, explanation
from crm_mirror.sync.patrol import share_of
from crm_mirror.sync.reconcile import patrol, reconcile
from crm_mirror.sync.work import Work, at_work


@pytest.fixture
def compare(portal, db):
    """reconcile() as the command calls it; `between` happens before each request."""

    def run(*, repair=False, allow_mass_delete=False, between=None):
        with at_work(Work.RECONCILE) as bench:
            bench = replace(bench, tick=between) if between else bench
            return reconcile(bench, repair=repair, allow_mass_delete=allow_mass_delete)

    return run


@pytest.fixture
def small(portal, sync):
    """A portal with some of everything, mirrored."""
    dice = random.Random(3)
    olga = portal.add_employee("Ольга Петрова")
    portal.add_department("Продажи", head=olga)
    companies = [portal.add_company(f"Компания {n}", phone=f"+7916{n:07}", status="В работе") for n in range(30)]
    for n in range(20):
        portal.add_contact(f"Иван Сидоров-{n}", phone=f"+7925{n:07}", companies=dice.sample(companies, n % 4))
        portal.add_lead(f"Звонок {n}", phone=f"8495{n:07}")
        portal.add_deal(f"Поставка {n}", company=companies[n])
    sync()
    return companies


def found(report):
    """Kinds with drift: (missing, surplus, different, repaired, left)"""
    return {
        name: (one.missing, one.surplus, one.different, one.repaired, one.left)
        for name, one in report.kinds.items()
        if one.missing or one.surplus or one.different or one.left
    }


def test_a_true_mirror_has_no_drift(compare, small):
    report = compare()
    assert (found(report), report.drift_left, report.warnings) == ({}, 0, [])
    assert list(report.kinds) == list(NAMES)
    company = report.kinds["company"]
    assert (company.portal, company.mirror, company.compared) == (30, 30, 30)
    assert (report.numbers.checked > 20, report.numbers.explained, report.numbers.unexplained) == (True, {}, 0)
    assert report.requests < 15


def test_every_run_is_kept(compare, portal, small):
    portal.delete_company(small[0])
    compare()
    row = Drift.objects.filter(kind="company").latest("at")
    assert (row.portal_rows, row.mirror_rows, row.surplus, row.left) == (29, 30, 1, 1)
    assert set(Drift.objects.values_list("kind", flat=True)) == set(NAMES)
    run = SyncRun.objects.get(work=Work.RECONCILE)
    assert (run.ok, run.report["kinds"]["company"]["surplus"]) == (True, 1)


class TestOneDifference:
    """Counted without --repair and left as it is; with it written, and noted with its reason."""

    @pytest.fixture
    def repaired(self, compare):
        def run(kind, expected, facts):
            missing, surplus, different = (expected == one for one in ("missing", "surplus", "different"))
            assert found(compare()) == {kind: (missing, surplus, different, 0, 1)}
            assert not Repair.objects.exists()
            assert found(compare(repair=True)) == {kind: (missing, surplus, different, 1, 0)}
            repair = Repair.objects.get()
            assert (repair.kind, repair.what, repair.facts) == (kind, expected, facts)
            assert found(compare()) == {}
            return repair.portal_id

        return run

    def test_an_unseen_row(self, portal, repaired, small):
        company = portal.add_company("Новая", phone="+7 916 555-55-55")
        assert repaired("company", "missing", {"row": [None, "live"]}) == company
        assert PhoneNumber.objects.filter(e164="+79165555555", entity_id=company).exists()
        assert Change.objects.latest("id").source == "reconcile"

    def test_a_row_that_is_gone(self, portal, repaired, small):
        portal.delete_company(small[3])
        assert repaired("company", "surplus", {"row": ["live", "Not found"]}) == small[3]
        assert Company.objects.get(portal_id=small[3]).deleted_at

    def test_a_row_that_is_back(self, portal, repaired, small):
        Company.objects.filter(portal_id=small[3]).update(deleted_at="2026-01-01T00:00:00Z")
        repaired("company", "missing", {"row": ["deleted", "live"]})

    def test_a_field(self, repaired, small):
        Company.objects.filter(portal_id=small[3]).update(title="Иначе", lead_id=7)
        repaired("company", "different", {"title": ["Иначе", "Компания 3"], "lead_id": [7, None]})

    def test_a_time_of_change_alone(self, repaired, small):
        Deal.objects.filter(title="Поставка 3").update(modified_by_id=77)
        repaired("deal", "different", {"modified_by_id": [77, 1]})

    def test_a_number(self, repaired, small):
        PhoneNumber.objects.filter(e164="+79160000003").update(e164="+79169999999")
        repaired("company", "different", {"numbers": [["+79169999999"], ["+79160000003"]]})

    def test_a_value_that_is_no_number(self, portal, sync, repaired, small):
        portal.add_phone("company", small[3], "спросить Олю")
        sync()
        UnreadablePhone.objects.all().delete()
        repaired("company", "different", {"unreadable": [[], ["спросить Олю"]]})

    def test_a_link_too_few(self, repaired, small):
        contact = Contact.objects.get(title="Иван Сидоров-1").portal_id
        (company,) = ContactCompany.objects.filter(contact_id=contact).values_list("company_id", flat=True)
        ContactCompany.objects.filter(contact_id=contact).delete()
        assert repaired("link", "different", {"company_ids": [[], [company]]}) == contact

    def test_a_link_too_many(self, repaired, small):
        contact = Contact.objects.get(title="Иван Сидоров-0").portal_id
        ContactCompany.objects.create(contact_id=contact, company_id=small[3])
        repaired("link", "different", {"company_ids": [[small[3]], []]})

    def test_an_employee(self, portal, repaired, small):
        employee = Employee.objects.get(name="Ольга Петрова")
        portal.dismiss(employee.portal_id)
        repaired("employee", "different", {"active": [True, False]})

    def test_an_employee_who_comes_no_more_is_kept(self, portal, repaired, small):
        employee = Employee.objects.get(name="Ольга Петрова")
        portal.store.user(employee.portal_id)["IS_HIDDEN"] = True
        assert repaired("employee", "surplus", {"row": ["live", "Not found"]}) == employee.portal_id
        employee.refresh_from_db()
        assert (employee.deleted_at, bool(employee.missing_since)) == (None, True)

    def test_a_department(self, portal, repaired, small):
        department = Department.objects.get(name="Продажи")
        portal.set_head(department.portal_id, None)
        repaired("department", "different", {"head_id": [department.head_id, None]})

    def test_a_status(self, repaired, small):
        status = Status.objects.filter(in_portal=True).first()
        Status.objects.filter(id=status.id).update(sort=7)
        facts = {"value": [status.value] * 2, "name and order": [[status.name, 7], [status.name, status.sort]]}
        assert repaired("status", "different", facts) == status.id

    def test_a_row_that_cannot_be_read(self, portal, repaired, small):
        portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'nobody' WHERE ID = ?", [small[3]])
        repaired("company", "different", {"quarantine": [None, "ASSIGNED_BY_ID is no ID: 'nobody'"]})
        assert Quarantine.objects.get().portal_id == str(small[3])


def test_a_swap_that_leaves_the_counts_equal_is_found(portal, compare, small):
    portal.delete_company(small[3])
    new = portal.add_company("Новая")
    assert found(compare(repair=True)) == {"company": (1, 1, 0, 2, 0)}
    assert Company.objects.live().filter(portal_id__in=[small[3], new]).get().portal_id == new


def test_an_unseen_contact_brings_its_companies(portal, compare, small):
    contact = portal.add_contact("Пётр Иванов", companies=small[:2])
    assert compare(repair=True).drift_left == 0
    assert ContactCompany.objects.filter(contact_id=contact).count() == 2


def test_a_portal_too_old_to_list_links_loses_none(portal, compare, small):
    portal.portal.config = replace(portal.portal.config, item_list_company_ids=False)
    before = set(ContactCompany.objects.values_list("contact_id", "company_id"))
    contact = Contact.objects.get(title="Иван Сидоров-1").portal_id
    portal.update_contact(contact, LAST_NAME="Иначе")
    report = compare(repair=True)
    assert found(report) == {"contact": (0, 0, 1, 1, 0)}
    assert "links were not compared" in report.warnings[0]
    assert set(ContactCompany.objects.values_list("contact_id", "company_id")) == before


class TestNoDrift:
    """Differences that are only an impression."""

    def test_what_changes_while_it_looks(self, portal, compare, small):
        portal.portal.clock.advance(5)

        def edit():
            portal.portal.clock.advance(5)
            portal.update_company(small[3], TITLE=f"Меняется {random.random()}")

        report = compare(repair=True, between=edit)
        assert found(report) == {}
        assert Company.objects.get(portal_id=small[3]).title == "Компания 3"  # the sync brings it

    def test_rows_left_out_of_a_page(self, portal, compare, small):
        portal.fails_with("lose", times=1, method="crm.company.list", after=1)
        assert found(compare(repair=True)) == {}

    def test_a_page_that_comes_empty(self, portal, compare, small):
        portal.fails_with("empty_page", times=1, method="crm.company.list", after=1)
        assert found(compare(repair=True)) == {}
        assert Company.objects.live().count() == 30


class TestDoubt:
    """What is not proven is not repaired, and counts as drift that is left."""

    def test_rows_that_may_not_be_read(self, portal, compare, small):
        ivan = portal.add_employee("Иван Сидоров")
        portal.update_company(small[5], responsible=ivan)
        portal.fails_with("own_rows")
        report = compare(repair=True)
        assert found(report)["company"] == (0, 1, 0, 0, 1)
        assert any("refused, not missing" in warning for warning in report.warnings)
        assert Company.objects.live().count() == 30

    def test_a_token_that_is_no_administrators(self, portal, compare, small):
        portal.delete_company(small[3])
        portal.fails_with("not_admin")
        report = compare(repair=True)
        assert found(report)["company"] == (0, 1, 0, 0, 1)
        assert Company.objects.live().count() == 30

    def test_so_many_that_a_person_must_decide(self, portal, compare, small):
        for company in small[:10]:
            portal.delete_company(company)
        report = compare(repair=True)
        assert found(report)["company"] == (0, 10, 0, 0, 10)
        assert any("--allow-mass-delete" in warning for warning in report.warnings)
        assert Company.objects.live().count() == 30
        assert compare(repair=True, allow_mass_delete=True).drift_left == 0
        assert Company.objects.live().count() == 20

    def test_so_many_links_that_a_person_must_decide(self, portal, compare, small):
        contact = Contact.objects.get(title="Иван Сидоров-0").portal_id
        ContactCompany.objects.bulk_create(ContactCompany(contact_id=contact, company_id=one) for one in small)
        report = compare(repair=True)
        assert found(report) == {"link": (0, 0, 1, 0, 1)}
        assert any("--allow-mass-delete" in warning for warning in report.warnings)
        assert compare(repair=True, allow_mass_delete=True).drift_left == 0

    def test_a_kind_that_is_refused_fails_the_run_after_all_the_others(self, portal, compare, small):
        portal.add_lead("Новый")
        portal.fails_with("scope", method="crm.company.list")
        with pytest.raises(PortalError):
            compare(repair=True)
        assert Lead.objects.filter(title="Новый").exists()
        assert Company.objects.live().count() == 30
        assert SyncRun.objects.get(work=Work.RECONCILE).ok is False

    def test_a_portal_that_is_lost(self, portal, compare, small):
        portal.fails_with("revoked", after=2)
        with pytest.raises(PortalError):
            compare(repair=True)
        assert Company.objects.live().count() == 30


class TestNumbers:
    """Our index and the portal's search."""

    @pytest.fixture
    def numbers(self, portal, sync, compare):
        def run():
            sync()
            tally = compare().numbers
            return dict(tally.explained), tally.unexplained

        return run

    def test_agree_on_plain_numbers_of_deleted_rows_too(self, portal, sync, numbers):
        portal.add_company("Ромашка", phone=["8 (916) 123-45-67", "+7 495 123-45-67 доб. 12"])
        sync()
        portal.delete_company(portal.add_company("Лютик", phone="89161234567"))
        assert numbers() == ({}, 0)

    def test_the_search_does_not_read_two_numbers_out_of_one_value(self, portal, numbers):
        portal.add_company("Ромашка", phone="8 916 123-45-67 / 8 916 765-43-21")
        assert numbers() == ({"several_in_one_value": 2}, 0)

    def test_the_search_takes_foreign_numbers_as_they_are_written(self, portal, numbers):
        portal.add_company("Ромашка", phone="00 49 30 12345678")
        assert numbers() == ({"foreign": 1}, 0)

    def test_the_search_stops_at_twenty(self, portal, numbers):
        for n in range(23):
            portal.add_company(f"Ромашка {n}", phone="8 916 123-45-67")
        assert numbers() == ({"cut_off": 3}, 0)

    def test_a_wrong_index_is_drift_and_is_mended(self, portal, sync, compare):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        sync()
        PhoneNumber.objects.update(e164="+79999999999")
        assert compare().numbers.unexplained == 0  # it is counted as a different row
        compare(repair=True)
        assert PhoneNumber.objects.get(entity_id=company).e164 == "+79161234567"

    def test_what_nothing_explains_is_drift(self, portal, sync, compare):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        sync()
        portal.store.execute("UPDATE multifield SET CODE = 'lost' WHERE ELEMENT_ID = ?", [company])
        report = compare(repair=True)
        assert (report.numbers.unexplained, report.drift_left) == (1, 1)


@pytest.mark.parametrize(
    ("e164", "values", "is_ours", "reason"),
    [
        ("+79161234567", ["8 916 123-45-67"], True, None),
        ("+79161234567", ["8 916 123-45-67"], False, None),
        ("+79161234567", ["8 916 123-45-67 (Оля, 101)"], True, "extension"),
        ("+79161234567", ["+8 916 123-45-67 x 1"], True, "extension"),
        ("+79161234567", ["8 495 765-43-21"], True, None),
        ("+79161234567", ["8 916 12345"], False, "spelling"),
        ("+79161234567", ["спросить 89161234567890123"], False, "extension"),
        ("+4930123456", ["+49 30 123456"], True, "foreign"),
    ],
)
def test_reasons(e164, values, is_ours, reason):
    record = type("Record", (), {"phones": tuple(values)})
    assert explanation(Disagreement(e164, "contact", 1, is_ours, False), record, "RU") == reason


class TestPatrol:
    def test_a_nights_share_covers_everything_within_a_week(self):
        assert [share_of(rows) for rows in (0, 1, 50, 51, 10_000)] == [1, 1, 1, 2, 200]
        assert share_of(1_000_000) == 3334
        assert share_of(1_000_000) * 50 * 7 > 1_000_000

    def test_it_goes_on_where_it_was_and_begins_anew_at_the_end(self, portal, sync, small):
        for n in range(120):
            portal.add_lead(f"Ещё {n}")
        sync()
        Lead.objects.update(title="Иначе")
        rounds = []
        for _ in range(3):
            with at_work(Work.RECONCILE) as bench:
                rounds.append(patrol(bench, 1)["lead"])
        assert [one.compared for one in rounds] == [50, 50, 40]
        assert [one.repaired for one in rounds] == [50, 50, 40]
        assert not Lead.objects.filter(title="Иначе").exists()
        row = Patrol.objects.get(kind="lead")
        assert (row.last_id, bool(row.finished_at)) == (0, True)

    def test_without_repair_it_only_looks(self, portal, small):
        Lead.objects.update(title="Иначе")
        with at_work(Work.RECONCILE) as bench:
            assert patrol(bench, 1, repair=False)["lead"].left == 20
        assert Lead.objects.filter(title="Иначе").count() == 20

    def test_an_interrupted_one_looks_at_the_same_rows_again(self, portal, small):
        Lead.objects.update(title="Иначе")
        portal.fails_with("revoked", method="batch", after=7)
        with at_work(Work.RECONCILE) as bench, pytest.raises(PortalError):
            patrol(bench, 1)
        portal.heal()
        with at_work(Work.RECONCILE) as bench:
            patrol(bench, 1)
        assert not Lead.objects.filter(title="Иначе").exists()


@pytest.mark.parametrize("seed", range(5))
def test_after_any_edits_behind_the_mirrors_back_a_repair_equals_a_fresh_full_sync(
    portal, sync, compare, settings, small, seed
):
    dice = random.Random(seed)
    for _ in range(60):
        dice.choice(EDITS)(portal, dice)
    compare(repair=True, allow_mass_delete=True)
    report = compare()
    assert (found(report), report.numbers.unexplained) == ({}, 0)
    mended = mirrored()
    for model in (Company, Contact, Lead, Deal, Employee, Department, ContactCompany, PhoneNumber, UnreadablePhone):
        model.objects.all().delete()
    sync()
    assert mended == mirrored()


def ids_in(portal, kind):
    return [one for (one,) in portal.store.rows(f"SELECT ID FROM {kind} ORDER BY ID")]  # noqa: S608 - names of ours


def any_kind(dice):
    return dice.choice(["company", "contact", "lead", "deal"])


def add(portal, dice):
    phone = dice.choice(["8 916 {0:07}", "+7495{0:07} доб. 5", "Оля", "+49 30 {0}"]).format(dice.randrange(10**7))
    linked = dice.sample(ids_in(portal, "company"), 2)
    dice.choice(
        [
            lambda: portal.add_company("Новая", phone=phone),
            lambda: portal.add_contact("Новый Новый", phone=phone, companies=linked),
            lambda: portal.add_lead("Новый", phone=phone),
            lambda: portal.add_deal("Новая", company=linked[0]),
        ]
    )()


def delete(portal, dice):
    kind = any_kind(dice)
    portal.delete(kind, dice.choice(ids_in(portal, kind)))


def restore(portal, dice):
    kind = dice.choice(["company", "contact", "lead"])
    type_id = {"company": 4, "contact": 3, "lead": 1}[kind]
    binned = portal.store.rows("SELECT ID FROM recycle_bin WHERE KIND = ? ORDER BY 1", [type_id])
    if binned:
        portal.restore(kind, dice.choice(list(binned))[0])


def rename_in_silence(portal, dice):
    """Without a new DATE_MODIFY, as an import into the database does."""
    kind = dice.choice(["company", "lead", "deal"])
    one = dice.choice(ids_in(portal, kind))
    portal.store.execute(f"UPDATE {kind} SET TITLE = ? WHERE ID = ?", [f"Тихо {dice.random()}", one])  # noqa: S608


def move_phone_in_silence(portal, dice):
    value = f"+7926{dice.randrange(10**7):07}"
    (row_id,) = dice.choice(list(portal.store.rows("SELECT ID FROM multifield ORDER BY ID")))
    portal.store.execute("UPDATE multifield SET VALUE = ?, CODE = ? WHERE ID = ?", [value, value[1:], row_id])


def link(portal, dice):
    portal.link(dice.choice(ids_in(portal, "contact")), dice.choice(ids_in(portal, "company")))


def unlink(portal, dice):
    pairs = list(portal.store.rows("SELECT OWNER_ID, TARGET_ID FROM link WHERE KIND = 3 ORDER BY 1, 2"))
    portal.unlink(*dice.choice(pairs))


def merge(portal, dice):
    kind = dice.choice(["company", "contact"])
    portal.merge(kind, *dice.sample(ids_in(portal, kind), 2))


def move_people(portal, dice):
    someone = portal.add_employee(f"Новый Сотрудник-{dice.randrange(100)}")
    portal.set_head(max(portal.store.departments), someone)


def rename_status(portal, dice):
    field = custom_fields.find(portal.store, portal.status_field["FIELD_NAME"])
    item = dice.choice(field["LIST"])
    item["SORT"] = str(dice.randrange(1000))


EDITS = [add, add, delete, restore, rename_in_silence, move_phone_in_silence, link, unlink, merge, move_people]
EDITS += [rename_status]


def mirrored():
    """Everything that lives, without what is ours alone (row IDs, tickets, times of our own)."""
    ours = {"id", "missing_since", "deleted_at", "read_ticket", "links_ticket", "merged_into_id", "is_portal_admin"}
    tables = {}
    for model in (Company, Contact, Lead, Deal, Employee, Department):
        columns = [field.attname for field in model._meta.concrete_fields if field.attname not in ours]
        tables[model.__name__] = sorted(map(repr, model.objects.filter(deleted_at=None).values_list(*columns)))
    live = {
        kind: set(model.objects.live().values_list("portal_id", flat=True))
        for kind, model in (("company", Company), ("contact", Contact), ("lead", Lead))
    }
    for model, value in ((PhoneNumber, "e164"), (UnreadablePhone, "value")):
        rows = model.objects.values_list("entity_type", "entity_id", value)
        tables[model.__name__] = sorted(row for row in rows if row[1] in live[row[0]])
    pairs = ContactCompany.objects.values_list("contact_id", "company_id")
    tables["links"] = sorted(pair for pair in pairs if pair[0] in live["contact"])
    tables["statuses"] = sorted(Status.objects.filter(in_portal=True).values_list("value", "name", "sort"))
    return tables
