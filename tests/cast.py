"""The people, and rows put straight into the mirror, for tests that need no portal.

Olga is responsible, Ivan calls, Marina heads both, Boris heads others; Pavel has left. IDs are the portal's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from callguard.models import Call, Substitution
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
    SyncCursor,
    UnreadablePhone,
)
from crm_mirror.phones import numbers_in

KINDS = ("department", "employee", "company", "contact", "link", "lead", "deal")  # sync.kinds, by name
Phones = str | Iterable[str]


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    active: bool = True


OLGA = Person(7, "Ольга Петрова")
IVAN = Person(8, "Иван Сидоров")
MARINA = Person(9, "Марина Кузнецова")
BORIS = Person(10, "Борис Орлов")
PAVEL = Person(11, "Павел Ушедший", active=False)
STRANGER = Person(404, "")  # responsible for clients, yet in no list of employees: an integrator, a bot
PEOPLE = (OLGA, IVAN, MARINA, BORIS, PAVEL)
SALES, OTHERS, WHOLE_COMPANY = 20, 30, 1

_ids = count(1000)


def mirrored_people() -> None:
    """Everybody and the departments: the whole company, the sales that Marina heads, the others that Boris heads."""
    home = {OLGA: SALES, IVAN: SALES, MARINA: SALES, BORIS: OTHERS, PAVEL: OTHERS}
    Employee.objects.bulk_create(
        Employee(portal_id=p.id, name=p.name, active=p.active, department_ids=[home[p]], user_type="employee")
        for p in PEOPLE
    )
    Department.objects.bulk_create(
        Department(portal_id=id_, name=name, parent_id=parent, head_id=head)
        for id_, name, parent, head in (
            (WHOLE_COMPANY, "Компания", None, None),
            (SALES, "Продажи", WHOLE_COMPANY, MARINA.id),
            (OTHERS, "Прочие", WHOLE_COMPANY, BORIS.id),
        )
    )


def mirrored_company(
    title: str,
    *,
    phone: Phones = (),
    responsible: Person | None = OLGA,
    status: str | None = None,
    id: int | None = None,
    is_my_company: bool = False,
    deleted: bool = False,
) -> Company:
    """A company as a sync would leave it. `status` is a name, three are seeded; an unknown one stays a bare value."""
    row = Company.objects.create(
        portal_id=id or next(_ids),
        title=title,
        responsible_id=responsible and responsible.id,
        status_id=value_of(status),
        is_my_company=is_my_company,
        deleted_at=timezone.now() if deleted else None,
    )
    _phones("company", row.portal_id, phone)
    return row


def mirrored_contact(
    title: str,
    *,
    phone: Phones = (),
    responsible: Person | None = OLGA,
    companies: Iterable[Company] = (),
    id: int | None = None,
    deleted: bool = False,
) -> Contact:
    row = Contact.objects.create(
        portal_id=id or next(_ids),
        title=title,
        responsible_id=responsible and responsible.id,
        deleted_at=timezone.now() if deleted else None,
    )
    _phones("contact", row.portal_id, phone)
    for company in companies:
        ContactCompany.objects.create(contact_id=row.portal_id, company_id=company.portal_id)
    return row


def mirrored_lead(
    title: str,
    *,
    phone: Phones = (),
    responsible: Person | None = OLGA,
    id: int | None = None,
    deleted: bool = False,
) -> Lead:
    row = Lead.objects.create(
        portal_id=id or next(_ids),
        title=title,
        responsible_id=responsible and responsible.id,
        deleted_at=timezone.now() if deleted else None,
    )
    _phones("lead", row.portal_id, phone)
    return row


def mirrored_deal(
    title: str,
    *,
    responsible: Person | None = OLGA,
    company: Company | None = None,
    contact: Contact | None = None,
    lead: Lead | None = None,
    outcome: str = "P",
    amount: str | None = None,
    currency: str = "RUB",
    created: datetime | None = None,
    moved: datetime | None = None,
    id: int | None = None,
    deleted: bool = False,
) -> Deal:
    """A deal as a sync would leave it. `outcome`: P in progress, S won, F lost; `moved`: since when it stands so."""
    return Deal.objects.create(
        portal_id=id or next(_ids),
        title=title,
        responsible_id=responsible and responsible.id,
        company_id=company and company.portal_id,
        contact_id=contact and contact.portal_id,
        lead_id=lead and lead.portal_id,
        stage_id={"P": "NEW", "S": "WON", "F": "LOSE"}[outcome],
        semantic=outcome,
        closed=outcome != "P",
        amount=amount,
        currency=currency,
        created_at=created,
        moved_at=moved,
        deleted_at=timezone.now() if deleted else None,
    )


def substitution(
    substitute: Person, *, of: Person, first: datetime | None = None, last: datetime | None = None
) -> Substitution:
    """Today only, unless told otherwise; days are those of settings.TIME_ZONE."""
    today = timezone.now()
    return Substitution.objects.create(
        substitute_id=substitute.id,
        substituted_id=of.id,
        first_day=timezone.localdate(first or last or today),
        last_day=timezone.localdate(last or first or today),
    )


def mirror_synced(at: datetime | None = None, *, ago: timedelta = timedelta(0)) -> None:
    """Every kind passed through completely, at the given moment."""
    finished = (at or timezone.now()) - ago
    for kind in KINDS:
        SyncCursor.objects.update_or_create(kind=kind, defaults={"finished_at": finished, "true_at": finished})


def empty_mirror() -> None:
    """Take back what was committed, for tests with threads and processes; seeds stay."""
    for model in (Call, Substitution, PhoneNumber, UnreadablePhone, ContactCompany, Company, Contact, Lead, Employee):
        model.objects.all().delete()
    Department.objects.all().delete()
    SyncCursor.objects.all().delete()


def value_of(status: str | None) -> str | None:
    if status is None:
        return None
    found = Status.objects.filter(name=status).values_list("value", flat=True).first()
    return found or status


def _phones(entity_type: str, entity_id: int, phone: Phones) -> None:
    texts = [phone] if isinstance(phone, str) else list(phone)
    numbers = dict.fromkeys(number for text in texts for number in numbers_in(text).numbers)
    PhoneNumber.objects.bulk_create(
        PhoneNumber(entity_type=entity_type, entity_id=entity_id, e164=number) for number in numbers
    )
