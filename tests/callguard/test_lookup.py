"""What the one statement finds, leaves out and costs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from callguard import lookup
from callguard.verdict import Tier
from crm_mirror.models import SyncCursor
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    PAVEL,
    STRANGER,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)

PHONE, OTHER = "+79161234567", "+74951234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    mirrored_people()


def found(*numbers, caller=IVAN, at=None, call_id=""):
    day = timezone.localdate(at or timezone.now())
    return lookup.found(numbers or (PHONE,), caller_id=caller.id, day=day, call_id=call_id)


def tiers_of(*numbers):
    return [(row.tier, row.id) for row in found(*numbers).candidates]


def test_a_company_is_found_with_its_responsible_and_status():
    mirrored_company("Ромашка", phone="8 (916) 123-45-67", status="В работе", id=5)
    (row,) = found().candidates
    assert (row.tier, row.id, row.title) == (Tier.COMPANY, 5, "Ромашка")
    assert (row.responsible.id, row.responsible.name, row.responsible.active) == (OLGA.id, OLGA.name, True)
    assert (row.status.name, row.contact) == ("В работе", None)


def test_a_status_the_reference_lacks_goes_by_its_value():
    mirrored_company("Ромашка", phone=PHONE, status="999")
    (row,) = found().candidates
    assert (row.status.value, row.status.name, row.status.row_id) == ("999", "999", None)


def test_a_contact_brings_every_company_it_works_for():
    first, second = mirrored_company("А", id=1), mirrored_company("Б", id=2, responsible=BORIS)
    mirrored_contact("Пётр", phone=PHONE, companies=[first, second], responsible=MARINA, id=50)
    rows = sorted(found().candidates, key=lambda row: row.id)
    assert [(r.tier, r.id, r.responsible.id) for r in rows] == [
        (Tier.COMPANY_CONTACT, 1, OLGA.id),
        (Tier.COMPANY_CONTACT, 2, BORIS.id),
    ]
    assert {(r.contact.id, r.contact.title, r.contact.responsible.id) for r in rows} == {(50, "Пётр", MARINA.id)}


@pytest.mark.parametrize("gone", [{"deleted": True}, {"is_my_company": True}])
def test_a_contact_whose_every_company_is_gone_or_ours_stands_alone(gone):
    mirrored_contact("Пётр", phone=PHONE, companies=[mirrored_company("А", **gone)], id=50)
    assert tiers_of() == [(Tier.CONTACT, 50)]


def test_a_contact_of_a_live_company_is_not_also_a_contact_alone():
    live, dead = mirrored_company("А", id=1), mirrored_company("Б", deleted=True)
    mirrored_contact("Пётр", phone=PHONE, companies=[live, dead])
    assert tiers_of() == [(Tier.COMPANY_CONTACT, 1)]


def test_deleted_entities_and_own_legal_entities_are_not_found():
    mirrored_company("Удалена", phone=PHONE, deleted=True)
    mirrored_company("Наше юрлицо", phone=PHONE, is_my_company=True)
    mirrored_contact("Удалён", phone=PHONE, deleted=True, companies=[mirrored_company("Жива")])
    mirrored_lead("Удалён", phone=PHONE, deleted=True)
    assert found().candidates == []


def test_a_number_of_one_kind_does_not_find_another_kind_of_the_same_id():
    mirrored_company("Компания", phone=PHONE, id=1)
    mirrored_contact("Контакт", phone=OTHER, id=1)
    mirrored_lead("Лид", phone=OTHER, id=1)
    assert tiers_of(PHONE) == [(Tier.COMPANY, 1)]
    assert sorted(tiers_of(OTHER)) == [(Tier.CONTACT, 1), (Tier.LEAD, 1)]


def test_all_numbers_of_a_card_are_looked_up():
    mirrored_company("А", phone=PHONE, id=1)
    mirrored_company("Б", phone=OTHER, id=2)
    assert sorted(tiers_of(PHONE, OTHER)) == [(Tier.COMPANY, 1), (Tier.COMPANY, 2)]
    assert lookup.found((), caller_id=IVAN.id, day=timezone.localdate()).candidates == []


@pytest.mark.parametrize("responsible", [STRANGER, PAVEL, None])
def test_an_entity_is_found_whoever_is_responsible_and_whether_known_or_not(responsible):
    mirrored_company("А", phone=PHONE, responsible=responsible)
    (row,) = found().candidates
    assert row.responsible_id == (responsible and responsible.id)
    assert row.responsible is None or not row.responsible.active


def test_substitutions_of_today_are_found_and_no_others():
    now = timezone.now()
    substitution(IVAN, of=OLGA)
    substitution(IVAN, of=BORIS, first=now + timedelta(days=1), last=now + timedelta(days=3))
    substitution(IVAN, of=MARINA, first=now - timedelta(days=3), last=now - timedelta(days=1))
    substitution(OLGA, of=PAVEL)
    assert found().substitutes == {OLGA.id}
    assert found(at=now + timedelta(days=2)).substitutes == {BORIS.id}


def test_the_mirror_is_as_old_as_its_oldest_kind_and_has_no_age_until_every_kind_was_read():
    now = timezone.now()
    assert (found().synced_at, found().people_synced) == (None, False)
    mirror_synced(now)
    SyncCursor.objects.filter(kind="contact").update(true_at=now - timedelta(hours=2))
    SyncCursor.objects.filter(kind="deal").update(true_at=None)  # no verdict rests on deals
    assert (found().synced_at, found().people_synced) == (now - timedelta(hours=2), True)
    SyncCursor.objects.filter(kind="link").update(true_at=None)
    assert (found().synced_at, found().people_synced) == (None, True)


def test_the_caller_is_told_from_a_stranger_and_from_one_who_left():
    assert found(caller=IVAN).caller.active
    assert not found(caller=PAVEL).caller.active
    assert found(caller=STRANGER).caller is None


def test_one_query_however_many_share_the_number(django_assert_num_queries):
    found()  # the rules are read once and kept
    companies = [mirrored_company(f"Компания {n}", phone=PHONE) for n in range(40)]
    for n in range(40):
        mirrored_contact(f"Контакт {n}", phone=PHONE, companies=companies[:3])
        mirrored_lead(f"Лид {n}", phone=PHONE)
    with django_assert_num_queries(1):
        assert len(found().candidates) == 40 + 40 * 3 + 40


GENERATED = {  # portable: SQLite has no generate_series by default
    "crm_mirror_company (portal_id, title, responsible_id, is_my_company)": "n, 'Компания', 7, {false}",
    "crm_mirror_contact (portal_id, title, responsible_id)": "n, 'Контакт', 7",
    "crm_mirror_lead (portal_id, title, responsible_id, status_id, semantic)": "n, 'Лид', 7, 'NEW', 'P'",
    "crm_mirror_contactcompany (contact_id, company_id)": "n, n",
}
SERIES = "WITH RECURSIVE series(n) AS (SELECT 100000 UNION ALL SELECT n + 1 FROM series WHERE n < 134999)"


def fill_mirror():
    """35,000 of each kind with a number each: 105,000 numbers."""
    false = "FALSE" if connection.vendor == "postgresql" else "0"
    with connection.cursor() as cursor:
        for table, values in GENERATED.items():
            rows = f"INSERT INTO {table} {SERIES} SELECT {values.format(false=false)} FROM series"  # noqa: S608
            cursor.execute(rows)
        for position, kind in enumerate(("company", "contact", "lead")):
            cursor.execute(
                f"INSERT INTO crm_mirror_phonenumber (entity_type, entity_id, e164) {SERIES} "  # noqa: S608
                f"SELECT '{kind}', n, '+7916' || (1000000 + n * 3 + {position}) FROM series"
            )
        cursor.execute("ANALYZE")


def scanned_whole(plan):
    """Tables that a PostgreSQL plan reads from end to end."""
    whole = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return whole.union(*(scanned_whole(child) for child in plan.get("Plans", ())))


def test_among_a_hundred_thousand_numbers_every_big_table_is_reached_by_an_index():
    fill_mirror()
    numbers = (f"+7916{1000000 + 120000 * 3 + 1}",)
    values = [*numbers * 4, IVAN.id, IVAN.id, "2026-01-01", "2026-01-01", "x", *lookup.FEEDING_KINDS]
    assert [row.tier for row in found(*numbers).candidates] == [Tier.COMPANY_CONTACT]
    explain = "EXPLAIN (FORMAT JSON) " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(explain + lookup.statement(1), values)
        rows = cursor.fetchall()
    if connection.vendor == "postgresql":
        plan = rows[0][0] if not isinstance(rows[0][0], str) else json.loads(rows[0][0])
        whole = scanned_whole(plan[0]["Plan"])
    else:
        whole = {row[3].split()[1] for row in rows if row[3].startswith("SCAN ")}
    big = {"phonenumber", "company", "contact", "lead", "contactcompany"}
    aliases = {"phone", "link"} | big | {f"crm_mirror_{name}" for name in big}
    assert not whole & aliases
