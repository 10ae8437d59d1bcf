"""The portal of the story: the hand-made one, and beside it three months in the CRM of a sales department of forty.

What is left of those months in a portal is this: who created a client and who is responsible now, when it changed
hands and by whom, leads and what they became, deals and when they moved. The calls are the product's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any

from crm_mirror.sandbox import entities
from crm_mirror.sandbox.data import demo, story_people
from crm_mirror.sandbox.data.demo_people import IVAN, MARINA, OLGA
from crm_mirror.sandbox.data.status_field import FIELD, PROCESSING, WAITING, WORKING
from crm_mirror.sandbox.data.story_people import EVERYBODY, IDS, ROMAN, STEPAN, VERA
from crm_mirror.sandbox.data.words import FIRMS, MEN, NOT_PHONES, SURNAMES, TRADES, WOMEN
from crm_mirror.sandbox.kinds import kinds
from crm_mirror.sandbox.store import Store

DAYS = 92
LANDLINES, MOBILES = ("495", "499", "812", "343", "383", "846"), ("903", "905", "909", "916", "926", "985")
CLIENTS_EACH = (5, 6, 7, 7, 8)
STATUSES = (*[WORKING] * 11, *[PROCESSING] * 6, *[WAITING] * 2, None)
WORK = ("Проект цеха", "Экспертиза сметы", "Генплан", "Межевание участка", "Обследование здания", "Кадастровые работы",
        "Реконструкция склада", "Сопровождение экспертизы", "Рабочая документация", "Инженерные изыскания")  # fmt: skip
ASKED = ("проект дома", "экспертиза", "аренда земли", "перепланировка", "межевание", "смета", "геодезия", "склад")
OPEN_STAGES = ("NEW", "PREPARATION", "EXECUTING", "FINAL_INVOICE")

# Whose client went to whom, how many days ago, by whose hand, and the deal that came of it: days until it was won
# (None: still open) and its sum. What Roman takes he has talked away; the others were handed over by their head.
Handover = tuple[int, int, int, int, int | None, int]
HANDOVERS: tuple[Handover, ...] = (
    (OLGA, ROMAN, 52, ROMAN, 9, 1_480_000),
    (IDS["Егор Данилов"], ROMAN, 46, ROMAN, 12, 960_000),
    (OLGA, ROMAN, 40, ROMAN, 8, 2_150_000),
    (IDS["Полина Васильева"], ROMAN, 34, ROMAN, 10, 730_000),
    (IDS["Никита Сорокин"], ROMAN, 27, ROMAN, 11, 1_240_000),
    (IDS["Галина Авдеева"], ROMAN, 20, ROMAN, 9, 1_890_000),
    (IDS["Полина Васильева"], ROMAN, 13, ROMAN, 8, 640_000),
    (OLGA, ROMAN, 6, ROMAN, None, 1_700_000),
    (IDS["Лариса Титова"], STEPAN, 31, STEPAN, None, 310_000),
    (IDS["Кирилл Усов"], IDS["Ирина Цветкова"], 44, IDS["Виктор Панов"], 15, 420_000),
    (IDS["Андрей Голубев"], IDS["Анна Сорокина"], 24, IDS["Жанна Романова"], None, 280_000),
    (OLGA, VERA, 58, MARINA, 20, 350_000),
)
SHARED = ((VERA, OLGA), (VERA, IDS["Максим Дроздов"]), (IDS["Денис Баранов"], IDS["Юлия Романова"]),
          (IDS["Вадим Хохлов"], IDS["Артём Юдин"]), (IVAN, IDS["Степан Ершов"]))  # fmt: skip


@dataclass(frozen=True)
class Client:
    """A company as the story's other rows refer to it."""

    id: int
    title: str
    phone: str
    responsible: int
    since: datetime


def fill(store: Store, statuses: dict[str, int | str], *, seed: int, now: datetime) -> None:
    """Everything of the hand-made portal, then the story; the same seed and day make the same portal."""
    demo.fill(store, statuses)
    story_people.hire(store)
    with store.writing():
        Teller(store, statuses, seed, now).tell()


class Teller:
    """Draws everything from one seeded source, in a fixed order."""

    def __init__(self, store: Store, statuses: dict[str, int | str], seed: int, now: datetime) -> None:
        self.store = store
        self.statuses = statuses
        self.dice = Random(seed)  # noqa: S311 - data, not secrets
        self.now = now
        self.midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        titles = [f"«{firm}{trade}»" for firm, trade in product(FIRMS, TRADES)]
        titles += [f"«{trade.capitalize()}-{firm}»" for firm, trade in product(FIRMS, TRADES)]
        self.dice.shuffle(titles)
        self.titles = iter(titles)
        self.used: set[str] = set()

    def tell(self) -> None:
        clients = [self.company(person) for person in EVERYBODY for _ in range(self.clients_of(person))]
        for client in clients:
            self.contacts_of(client)
        for giver, taker in SHARED:
            self.shared(giver, taker)
        for person in self.drawn(EVERYBODY, 34):
            self.contact(person, [], self.mobile(), at=self.moment(self.dice.randint(5, 88)))
        self.untidy(clients)
        for person in self.drawn(EVERYBODY, 220):
            self.lead(person)
        for client in clients:
            self.deals_of(client)
        for handover in HANDOVERS:
            self.hand_over(*handover)

    def clients_of(self, person: int) -> int:
        """Ivan begins at the phone of the demonstration: he has the second most."""
        return {OLGA: 5, IVAN: 12, MARINA: 2}.get(person) or self.dice.choice(CLIENTS_EACH)

    # Clients

    def company(self, person: int, *, days_ago: int | None = None, phone: str = "", status: str = "") -> Client:
        at = self.moment(days_ago if days_ago is not None else self.first_day_of_client())
        chosen = status or self.dice.choice(STATUSES)
        title = f"{self.dice.choice(('ООО', 'ООО', 'ООО', 'АО', 'ЗАО'))} {next(self.titles)}"
        phone = phone or self.landline()
        fields: dict[str, Any] = {"TITLE": title, "COMPANY_TYPE": "CUSTOMER", "ASSIGNED_BY_ID": person}
        fields |= {FIELD: self.statuses[chosen] if chosen else None, "PHONE": phones(phone)}
        return Client(self.create("company", fields, by=person, at=at), title, phone, person, at)

    def first_day_of_client(self) -> int:
        """Two thirds were there before the story begins."""
        return self.dice.randint(DAYS + 1, 400) if self.dice.random() < 0.67 else self.dice.randint(3, DAYS)

    def contacts_of(self, client: Client) -> None:
        if self.dice.random() < 0.6:
            self.contact(client.responsible, [client.id], self.mobile(), at=client.since + timedelta(minutes=9))

    def contact(self, person: int, companies: list[int], phone: str, *, at: datetime) -> int:
        is_man = self.dice.random() < 0.5
        last = self.dice.choice(SURNAMES) + ("" if is_man else "а")
        fields: dict[str, Any] = {"NAME": self.dice.choice(MEN if is_man else WOMEN), "LAST_NAME": last}
        fields |= {"ASSIGNED_BY_ID": person, "COMPANY_IDS": companies, "PHONE": phones(phone)}
        return self.create("contact", fields, by=person, at=at)

    def shared(self, one: int, other: int) -> None:
        """Two companies of different people behind one switchboard: a contested number."""
        first = self.company(one, days_ago=200, status=WORKING)
        self.company(other, days_ago=190, phone=first.phone, status=WORKING)

    def untidy(self, clients: list[Client]) -> None:
        """What the cleaning queue is for: numbers no one can dial, contacts astray, leads of known clients."""
        for client in self.drawn(clients, 6):
            self.contact(self.dice.choice(EVERYBODY), [client.id], self.mobile(), at=client.since)
        for client in self.drawn(clients, 4):
            self.contact(client.responsible, [], client.phone, at=self.moment(40))
        for client in self.drawn(clients, 5):
            person = self.dice.choice(EVERYBODY)
            self.lead(person, phone=client.phone)
        for text in self.drawn(NOT_PHONES, 6):
            self.company(self.dice.choice(EVERYBODY), phone=text)

    # Leads and deals

    def lead(self, person: int, *, phone: str = "") -> None:
        """One in three becomes a client, one in five comes to nothing."""
        at = self.moment(self.dice.randint(1, DAYS))
        fields: dict[str, Any] = {"TITLE": f"{self.dice.choice(MEN)}: {self.dice.choice(ASKED)}", "SOURCE_ID": "WEB"}
        fields |= {"ASSIGNED_BY_ID": person, "PHONE": phones(phone or self.mobile())}
        lead_id = self.create("lead", fields, by=person, at=at)
        chance, moved = self.dice.random(), self.later(at, 1, 9)
        if moved is None:
            return
        if chance < 0.35 and not phone:
            company = self.company(
                person, days_ago=(self.midnight - at).days, status=self.dice.choice((WAITING, WORKING))
            )
            self.store.execute("UPDATE company SET LEAD_ID = ? WHERE ID = ?", (lead_id, company.id))
            self.change("lead", lead_id, {"STATUS_ID": "CONVERTED", "COMPANY_ID": company.id}, by=person, at=moved)
            self.deal(company, since=moved, lead_id=lead_id)
        else:
            stage = "JUNK" if chance < 0.55 else "IN_PROCESS"
            self.change("lead", lead_id, {"STATUS_ID": stage}, by=person, at=moved)

    def deals_of(self, client: Client) -> None:
        if client.responsible != ROMAN or self.dice.random() < 0.5:  # he has little of his own
            for _ in range(self.dice.choice((0, 0, 1, 1, 2))):
                self.deal(client, since=max(client.since, self.moment(self.dice.randint(4, DAYS))))

    def deal(self, client: Client, *, since: datetime, lead_id: int | None = None) -> int:
        fields: dict[str, Any] = {"TITLE": self.dice.choice(WORK), "STAGE_ID": "NEW", "COMPANY_ID": client.id}
        fields |= {"OPPORTUNITY": self.dice.randint(6, 58) * 10_000, "ASSIGNED_BY_ID": client.responsible}
        deal_id = self.create("deal", fields | {"LEAD_ID": lead_id}, by=client.responsible, at=since)
        chance, moved = self.dice.random(), self.later(since, 4, 30)
        if moved:
            stage = "WON" if chance < 0.42 else "LOSE" if chance < 0.6 else self.dice.choice(OPEN_STAGES)
            self.change("deal", deal_id, {"STAGE_ID": stage}, by=client.responsible, at=moved)
        return deal_id

    def hand_over(self, giver: int, taker: int, days_ago: int, by: int, won_after: int | None, amount: int) -> None:
        """A company made by one, now another's: the portal keeps its author and the hour of its last change."""
        client = self.company(giver, days_ago=days_ago + 150, status=WORKING)
        self.contact(giver, [client.id], self.mobile(), at=client.since)
        at = self.moment(days_ago)
        self.change("company", client.id, {"ASSIGNED_BY_ID": taker}, by=by, at=at)
        fields = {"TITLE": self.dice.choice(WORK), "STAGE_ID": "NEW", "COMPANY_ID": client.id, "OPPORTUNITY": amount}
        deal_id = self.create("deal", fields | {"ASSIGNED_BY_ID": taker}, by=taker, at=at + timedelta(hours=2))
        stage = "EXECUTING" if won_after is None else "WON"
        if moved := self.later(at, won_after or 2, won_after or 4):
            self.change("deal", deal_id, {"STAGE_ID": stage}, by=taker, at=moved)

    # Words that all this is made of

    def create(self, kind: str, fields: dict[str, Any], *, by: int, at: datetime) -> int:
        return entities.create(self.store, kinds()[kind], fields, by=by, at=at)

    def change(self, kind: str, entity_id: int, fields: dict[str, Any], *, by: int, at: datetime) -> None:
        entities.change(self.store, kinds()[kind], entity_id, fields, by=by, at=at)

    def moment(self, days_ago: int) -> datetime:
        """In office hours of the last working day that long ago, and not in the future."""
        day = self.midnight - timedelta(days=max(days_ago, 1))
        day -= timedelta(days=max(day.weekday() - 4, 0))
        return day + timedelta(minutes=self.dice.randint(9 * 60 + 10, 17 * 60 + 50))

    def later(self, at: datetime, least: int, most: int) -> datetime | None:
        """Some days later; None when that is still to come."""
        moved = at + timedelta(days=self.dice.randint(least, most), minutes=self.dice.randint(-40, 40))
        return moved if moved < self.midnight else None

    def drawn(self, among: Any, count: int) -> Iterator[Any]:
        """Some of them, each at most once while they last."""
        pool: list[Any] = []
        for _ in range(count):
            pool = pool or self.dice.sample(list(among), len(among))
            yield pool.pop()

    def landline(self) -> str:
        return self._number(LANDLINES)

    def mobile(self) -> str:
        return self._number(MOBILES)

    def _number(self, codes: tuple[str, ...]) -> str:
        while True:
            four = f"{self.dice.randrange(10_000):04d}"
            said = f"({self.dice.choice(codes)}) 555-{four[:2]}-{four[2:]}"
            if said not in self.used:
                self.used.add(said)
                return f"{self.dice.choice(('+7', '8'))} {said}"


def phones(value: str) -> list[dict[str, str]]:
    return [{"VALUE": value, "VALUE_TYPE": "WORK"}]
