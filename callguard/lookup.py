"""Everything a verdict needs from the database, in one statement: it runs while a phone rings.

The ORM would take three to six statements and, at about a millisecond of Python each, most of the answer's time. The
SQL holds on SQLite and PostgreSQL; every branch starts at an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from callguard import rules
from callguard.prepared import prepared_cursor
from callguard.verdict import Candidate, Contact, Person, RuleSet, Status, Tier

FEEDING_KINDS = ("employee", "company", "contact", "link", "lead")  # sync.kinds a verdict rests on
# The first branch gives the columns their types, PostgreSQL wants that; so it is the one that fills them all.
STATEMENT = """
SELECT 'company_contact' AS what, company.portal_id AS id, company.title AS title,
       company.responsible_id AS person_id, person.name AS person_name,
       (person.active AND person.deleted_at IS NULL) AS person_active,
       company.status_id AS status_value, status.name AS status_name, status.id AS status_row_id,
       contact.portal_id AS contact_id, contact.title AS contact_title, contact.responsible_id AS contact_person_id,
       colleague.name AS contact_person_name,
       (colleague.active AND colleague.deleted_at IS NULL) AS contact_person_active
  FROM crm_mirror_phonenumber phone
  JOIN crm_mirror_contact contact ON contact.portal_id = phone.entity_id AND contact.deleted_at IS NULL
  JOIN crm_mirror_contactcompany link ON link.contact_id = contact.portal_id
  JOIN crm_mirror_company company ON company.portal_id = link.company_id
   AND company.deleted_at IS NULL AND NOT company.is_my_company
  LEFT JOIN crm_mirror_employee person ON person.portal_id = company.responsible_id
  LEFT JOIN crm_mirror_employee colleague ON colleague.portal_id = contact.responsible_id
  LEFT JOIN crm_mirror_status status ON status.value = company.status_id
 WHERE phone.e164 IN ({numbers}) AND phone.entity_type = 'contact'
UNION ALL
SELECT 'company', company.portal_id, company.title, company.responsible_id, person.name,
       (person.active AND person.deleted_at IS NULL), company.status_id, status.name, status.id,
       NULL, NULL, NULL, NULL, NULL
  FROM crm_mirror_phonenumber phone
  JOIN crm_mirror_company company ON company.portal_id = phone.entity_id
   AND company.deleted_at IS NULL AND NOT company.is_my_company
  LEFT JOIN crm_mirror_employee person ON person.portal_id = company.responsible_id
  LEFT JOIN crm_mirror_status status ON status.value = company.status_id
 WHERE phone.e164 IN ({numbers}) AND phone.entity_type = 'company'
UNION ALL
SELECT 'contact', contact.portal_id, contact.title, contact.responsible_id, person.name,
       (person.active AND person.deleted_at IS NULL), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM crm_mirror_phonenumber phone
  JOIN crm_mirror_contact contact ON contact.portal_id = phone.entity_id AND contact.deleted_at IS NULL
  LEFT JOIN crm_mirror_employee person ON person.portal_id = contact.responsible_id
 WHERE phone.e164 IN ({numbers}) AND phone.entity_type = 'contact' AND NOT EXISTS (
       SELECT 1 FROM crm_mirror_contactcompany link
         JOIN crm_mirror_company company ON company.portal_id = link.company_id
          AND company.deleted_at IS NULL AND NOT company.is_my_company
        WHERE link.contact_id = contact.portal_id)
UNION ALL
SELECT 'lead', lead.portal_id, lead.title, lead.responsible_id, person.name,
       (person.active AND person.deleted_at IS NULL), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM crm_mirror_phonenumber phone
  JOIN crm_mirror_lead lead ON lead.portal_id = phone.entity_id AND lead.deleted_at IS NULL
  LEFT JOIN crm_mirror_employee person ON person.portal_id = lead.responsible_id
 WHERE phone.e164 IN ({numbers}) AND phone.entity_type = 'lead'
UNION ALL
SELECT 'caller', portal_id, name, NULL, NULL, (active AND deleted_at IS NULL),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM crm_mirror_employee WHERE portal_id = %s AND user_type IN ('', 'employee')
UNION ALL
SELECT 'substituted', substituted_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM callguard_substitution WHERE substitute_id = %s AND last_day >= %s AND first_day <= %s
UNION ALL
SELECT 'stored', caller_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM callguard_call WHERE call_id = %s
UNION ALL
SELECT 'rules', version, CAST(published_at AS text), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM (SELECT version, published_at FROM callguard_rulesetversion ORDER BY version DESC LIMIT 1) AS newest
UNION ALL
SELECT 'palettes', COUNT(*), CAST(MAX(published_at) AS text),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM callguard_paletteversion
UNION ALL
SELECT 'mirror', COUNT(true_at), CAST(MIN(true_at) AS text),
       COUNT(CASE WHEN kind = 'employee' THEN true_at END),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM crm_mirror_synccursor WHERE kind IN ({kinds})
"""


class Row(NamedTuple):
    """One row of the statement; what the columns hold besides entities is said in `STATEMENT`."""

    what: str
    id: int
    title: str | None
    person_id: int | None
    person_name: str | None
    person_active: bool | None
    status_value: str | None
    status_name: str | None
    status_row_id: int | None
    contact_id: int | None
    contact_title: str | None
    contact_person_id: int | None
    contact_person_name: str | None
    contact_person_active: bool | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the mirror and the rules say at this moment.

    `synced_at` is the oldest of the last complete passes, None until every kind had one. `stored_by` is the caller of
    the call record that bears the asked call ID, None when there is none.
    """

    rules: RuleSet
    palettes_stamp: str
    candidates: list[Candidate] = field(default_factory=list)
    caller: Person | None = None
    substitutes: frozenset[int] = frozenset()
    synced_at: datetime | None = None
    people_synced: bool = False
    stored_by: int | None = None


def found(numbers: Sequence[str], *, caller_id: int, day: date, call_id: str = "") -> Found:
    """Candidates of all tiers and what judges them. One query; `day` is today, for substitutions."""
    today = connection.ops.adapt_datefield_value(day)
    rows = _rows(numbers, [caller_id, caller_id, today, today, call_id])
    about = {row.what: row for row in rows}
    mirror, palettes_stamp = about["mirror"], _stamp(about["palettes"])
    return Found(
        rules=_rules_in_force(about.get("rules"), palettes_stamp),
        palettes_stamp=palettes_stamp,
        candidates=[_candidate(row) for row in rows if row.what in TIERS],
        caller=_person(caller_id, about["caller"].title, about["caller"].person_active) if "caller" in about else None,
        substitutes=frozenset(row.id for row in rows if row.what == "substituted"),
        synced_at=_moment(mirror.title) if mirror.id == len(FEEDING_KINDS) else None,
        people_synced=bool(mirror.person_id),
        stored_by=about["stored"].id if "stored" in about else None,
    )


TIERS = {str(tier): tier for tier in Tier}


def _rows(numbers: Sequence[str], about: Sequence[Any]) -> list[Row]:
    with prepared_cursor() as cursor:
        cursor.execute(statement(len(numbers)), [*numbers, *numbers, *numbers, *numbers, *about, *FEEDING_KINDS])
        return [Row._make(row) for row in cursor.fetchall()]


@lru_cache(maxsize=32)
def statement(numbers: int) -> str:
    """The statement for so many numbers; `IN (NULL)`, which nothing meets, for none."""
    return STATEMENT.format(numbers=", ".join(["%s"] * numbers) or "NULL", kinds=", ".join(["%s"] * len(FEEDING_KINDS)))


def _candidate(row: Row) -> Candidate:
    return Candidate(
        tier=TIERS[row.what],
        id=row.id,
        title=row.title or "",
        responsible=_person(row.person_id, row.person_name, row.person_active),
        status=_status(row),
        contact=_contact(row),
    )


def _person(id_: int | None, name: str | None, active: bool | None) -> Person | None:
    return None if id_ is None else Person(id_, name, bool(active))


def _status(row: Row) -> Status | None:
    """A value the reference does not hold goes by itself; no rule can name it."""
    if not row.status_value:
        return None
    return Status(row.status_value, row.status_name or row.status_value, row.status_row_id)


def _contact(row: Row) -> Contact | None:
    if row.contact_id is None:
        return None
    person = _person(row.contact_person_id, row.contact_person_name, row.contact_person_active)
    return Contact(row.contact_id, row.contact_title or "", person)


def _rules_in_force(row: Row | None, palettes_stamp: str) -> RuleSet:
    return rules.rule_set(row.id, _stamp(row), palettes_stamp) if row else RuleSet(0, ())


def _stamp(row: Row) -> str:
    return f"{row.id} {row.title}"


def _moment(text: str | None) -> datetime | None:
    """SQLite keeps times as UTC without saying so; PostgreSQL writes the offset."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
