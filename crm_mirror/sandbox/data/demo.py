"""The hand-made portal: each situation of the published case once, small enough to know by heart."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from crm_mirror.sandbox import entities, links
from crm_mirror.sandbox.data import demo_people
from crm_mirror.sandbox.data.demo_entities import COMPANIES, CONTACTS, DEALS, GONE, LEADS, Company, Contact, Deal, Lead
from crm_mirror.sandbox.data.demo_people import IVAN, OLGA
from crm_mirror.sandbox.data.status_field import FIELD
from crm_mirror.sandbox.kinds import kinds
from crm_mirror.sandbox.store import Store

MOSCOW = timezone(timedelta(hours=3))
OPENING = datetime(2026, 9, 1, 9, 0, tzinfo=MOSCOW)
PACE = timedelta(hours=13)
GAPS = (1, 3, 2, 5, 1, 4)  # IDs that were never kept

# Label, number to dial, and what to expect for Ivan and for Olga: colours as in the verdict's spec.
PHONE_BOOK: list[tuple[str, str, str]] = [
    ("Клиент Ольги в работе", "+7 916 123-45-67", "Иван: красный. Ольга: свой клиент, без цвета"),
    ("Клиент Ольги в обработке", "+7 495 200-10-20", "Иван: жёлтый. Ольга: свой клиент, без цвета"),
    ("Клиент Ольги в ожидании", "8 495 200-10-30", "Иван: без цвета (в ожидании). Ольга: свой клиент"),
    ("Клиент Ольги без статуса", "+7 495 200-10-40", "Иван: без цвета (нет статуса). Ольга: свой клиент"),
    ("Клиент Ивана в работе", "+7 812 300-10-10", "Иван: свой клиент, без цвета. Ольга: красный"),
    ("Клиент Ивана в обработке", "8 812 300-10-20", "Иван: свой клиент, без цвета. Ольга: жёлтый"),
    ("Клиент другого отдела", "+7 495 500-10-30", "Оба: красный"),
    ("Ответственный уволен", "+7 495 500-10-10", "Оба: красный, ответственный не работает"),
    ("Ответственный — интегратор", "+7 495 500-10-20", "Оба: жёлтый, ответственного нет в списке сотрудников"),
    ("Общий номер, спорный", "+7 495 400-10-10", "Иван: жёлтый. Ольга: красный. Номер спорный"),
    ("Дубль у другого отдела", "+7 495 400-10-20", "Оба: красный. Номер спорный"),
    ("Общий номер, ответственная одна", "+7 495 400-10-30", "Иван: красный. Ольга: свой клиент. Номер не спорный"),
    ("Контакт Ивана в компании Ольги", "+7 903 111-22-33", "Иван: красный, решает компания. Ольга: свой клиент"),
    ("Контакт двух компаний", "8 903 111-22-44", "Иван: красный. Ольга: жёлтый. Номер спорный"),
    ("Контакт Ольги, компания Ивана", "+7 906 444-10-20", "Иван: свой клиент. Ольга: красный"),
    ("Компании контакта удалены", "+7 903 111-22-66", "Оба: жёлтый, контакт без компании"),
    ("Контакт собственного юрлица", "+7 903 111-22-77", "Оба: жёлтый, контакт без компании"),
    ("Контакт Ольги без компании", "+7 903 222-33-44", "Оба: жёлтый"),
    ("Контакт Ивана без компании", "+7 903 222-33-55", "Оба: жёлтый"),
    ("Номер и у компании, и у контакта", "+7 903 111-22-88", "Иван: без цвета (решает компания). Ольга: свой клиент"),
    ("Лид Ольги", "+7 905 333-44-55", "Оба: синий"),
    ("Лид Ивана", "+7 905 333-44-66", "Оба: синий"),
    ("Один номер у двух лидов", "+7 905 555-10-10", "Оба: синий. Номер спорный"),
    ("Лид, ставший компанией", "8 905 333-44-77", "Иван: без цвета (в ожидании). Ольга: свой клиент"),
    ("Номер и у лида, и у контакта", "+7 905 333-44-99", "Оба: жёлтый, решает контакт"),
    ("Казахстан", "+7 701 123 45 67", "Иван: красный. Ольга: свой клиент"),
    ("Беларусь", "+375 29 123-45-67", "Иван: жёлтый. Ольга: свой клиент"),
    ("Два номера в одном поле", "8 916 600-10-11", "Иван: красный. Ольга: свой клиент"),
    ("Добавочный номер", "+7 495 400-10-40", "Иван: красный. Ольга: свой клиент"),
    ("Бесплатный номер", "8 800 555-35-35", "Иван: свой клиент. Ольга: красный"),
    ("Собственное юрлицо", "+7 495 100-00-00", "Оба: без цвета, номер неизвестен"),
    ("Удалённая компания", "+7 495 900-10-10", "Оба: без цвета, номер неизвестен"),
    ("Незнакомый номер", "+7 999 000-00-00", "Оба: без цвета, номер неизвестен"),
    ("Внутренний номер", "101", "Оба: без цвета, внутренний"),
    ("Скрытый номер", "Скрытый номер", "Оба: без цвета, скрытый"),
]


def fill(store: Store, statuses: dict[str, int | str]) -> None:
    """Everything in the order it happened: people, companies, contacts, leads and what they became, deals."""
    demo_people.hire(store)
    portal = Builder(store, statuses)
    for company in (*COMPANIES, GONE):
        portal.add_company(company)
    for contact in CONTACTS:
        portal.add_contact(contact)
    for lead in LEADS:
        portal.add_lead(lead)
    for deal in DEALS:
        portal.add_deal(deal)
    entities.remove(store, kinds()["company"], portal.companies[GONE.title])


class Builder:
    """Adds entities one after another, half a day apart, and remembers their IDs by name."""

    def __init__(self, store: Store, statuses: dict[str, int | str]) -> None:
        self.store = store
        self.statuses = statuses
        self.at = OPENING
        self.companies: dict[str, int] = {}
        self.contacts: dict[str, int] = {}

    def add(self, kind: str, fields: dict[str, Any], phones: tuple[str, ...], note: str, responsible: int) -> int:
        self.at += PACE
        fields |= {"ASSIGNED_BY_ID": responsible, "COMMENTS": note or None}
        if phones:
            fields["PHONE"] = [{"VALUE": phone, "VALUE_TYPE": "WORK"} for phone in phones]
        author = responsible if responsible in (OLGA, IVAN) else demo_people.ADMIN
        entity_id = entities.create(self.store, kinds()[kind], fields, by=author, at=self.at)
        self.store.skip_ids(kinds()[kind], GAPS[entity_id % len(GAPS)])
        return entity_id

    def add_company(self, one: Company) -> None:
        fields: dict[str, Any] = {"TITLE": one.title, "COMPANY_TYPE": "CUSTOMER"}
        fields |= {
            "IS_MY_COMPANY": "Y" if one.is_ours else "N",
            FIELD: self.statuses[one.status] if one.status else None,
        }
        self.companies[one.title] = self.add("company", fields, one.phones, one.note, one.responsible)

    def add_contact(self, one: Contact) -> None:
        first, last = one.name.split(" ")
        fields = {"NAME": first, "LAST_NAME": last, "COMPANY_IDS": [self.companies[title] for title in one.companies]}
        self.contacts[one.name] = self.add("contact", fields, one.phones, one.note, one.responsible)

    def add_lead(self, one: Lead) -> None:
        fields: dict[str, Any] = {"TITLE": one.title, "STATUS_ID": one.stage, "SOURCE_ID": "CALL"}
        company_id = self.companies.get(one.converted_to)
        lead_id = self.add("lead", fields | {"COMPANY_ID": company_id}, one.phones, one.note, one.responsible)
        if company_id:
            self.store.execute("UPDATE company SET LEAD_ID = ? WHERE ID = ?", (lead_id, company_id))

    def add_deal(self, one: Deal) -> None:
        fields = {"TITLE": one.title, "STAGE_ID": one.stage, "OPPORTUNITY": one.amount}
        deal_id = self.add("deal", fields | {"COMPANY_ID": self.companies[one.company]}, (), "", one.responsible)
        linked = links.links_sent([self.contacts[name] for name in one.contacts])
        links.set_links(self.store, links.link_kinds()["deal"], deal_id, linked)
