"""After any edits behind the mirror's back a repair leaves what a fresh full sync would."""

from __future__ import annotations

import random

import pytest

from crm_mirror.models import (
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Employee,
    Lead,
    PhoneNumber,
    Status,
    UnreadablePhone,
)
from crm_mirror.sandbox import custom_fields
from tests.crm_mirror.sync.conftest import found


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
