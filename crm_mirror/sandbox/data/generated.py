"""A big portal by seed: as many entities as asked for, streamed into the store.

60 % companies, 25 % contacts (70 % of them linked to one to three companies), 15 % leads, and some deals besides.
IDs are sparse, 5 % of phones are malformed, one in twelve is a number that others have too.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from random import Random
from typing import Any

from crm_mirror.sandbox.data.people import ROOT, add_department, add_user
from crm_mirror.sandbox.data.status_field import FIELD
from crm_mirror.sandbox.data.words import (
    DIVISIONS,
    FIRMS,
    FORMS,
    MEN,
    NOT_PHONES,
    SURNAMES,
    TEAMS,
    TRADES,
    WOMEN,
)
from crm_mirror.sandbox.multifields import INSERT, search_code
from crm_mirror.sandbox.store import Store

Row = tuple[Any, ...]

EMPLOYEES = 200
FIRST_DAY = 1_700_000_000  # 2023-11-14
SPAN = 94_000_000  # until 2026-11-06
CHUNK = 5_000
SHARED_POOL = 4_096
SHARES = {"company": 0.60, "contact": 0.25, "lead": 0.15, "deal": 0.02}
COMMON = ("ID", "ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "DATE_CREATE", "DATE_MODIFY", "LAST_ACTIVITY_BY",
          "LAST_ACTIVITY_TIME", "OPENED")  # fmt: skip
PHONE_FLAGS = ("HAS_PHONE", "HAS_EMAIL", "HAS_IMOL")
COLUMNS = {
    "company": (*COMMON, *PHONE_FLAGS, "TITLE", "COMPANY_TYPE", "INDUSTRY", "CURRENCY_ID", "IS_MY_COMPANY", FIELD),
    "contact": (*COMMON, *PHONE_FLAGS, "NAME", "LAST_NAME", "POST", "EXPORT", "TYPE_ID", "COMPANY_ID"),
    "lead": (*COMMON, *PHONE_FLAGS, "TITLE", "NAME", "STATUS_ID", "STATUS_SEMANTIC_ID", "OPPORTUNITY", "CURRENCY_ID",
             "SOURCE_ID", "IS_MANUAL_OPPORTUNITY", "IS_RETURN_CUSTOMER", "MOVED_BY_ID", "MOVED_TIME"),
    "deal": (*COMMON, "TITLE", "STAGE_ID", "STAGE_SEMANTIC_ID", "CATEGORY_ID", "CLOSED", "OPPORTUNITY", "CURRENCY_ID",
             "COMPANY_ID", "TYPE_ID", "IS_NEW", "IS_MANUAL_OPPORTUNITY", "IS_RECURRING", "IS_RETURN_CUSTOMER",
             "IS_REPEATED_APPROACH", "MOVED_BY_ID", "MOVED_TIME"),
}  # fmt: skip
LEAD_STAGES = (("NEW", "P"), ("IN_PROCESS", "P"), ("PROCESSED", "P"), ("JUNK", "F"), ("CONVERTED", "S"))
DEAL_STAGES = (("NEW", "P"), ("PREPARATION", "P"), ("EXECUTING", "P"), ("WON", "S"), ("LOSE", "F"))


class Generator:
    """Draws everything from one seeded source, in a fixed order: the same seed makes the same portal."""

    def __init__(self, store: Store, statuses: dict[str, int | str], seed: int) -> None:
        self.store = store
        self.random = Random(seed)  # noqa: S311 - data, not secrets
        self.statuses = [*statuses.values(), None]
        self.company_ids: array[int] = array("L")
        self.shared = [self.number() for _ in range(SHARED_POOL)]
        self.phones: list[Row] = []
        self.links: list[Row] = []

    def number(self) -> str:
        """Ten digits of a Russian number."""
        code = 900 + self.random.getrandbits(6) if self.random.random() < 0.8 else 495
        return f"{code}{self.random.randrange(10_000_000):07d}"

    def spelling(self) -> str:
        """A phone value as people write them."""
        chance = self.random.random()
        if chance < 0.05:
            return NOT_PHONES[int(chance * 200)]
        ten = self.shared[self.random.getrandbits(12)] if chance < 0.13 else self.number()
        if chance < 0.55:
            return "+7" + ten
        if chance < 0.75:
            return "8" + ten
        if chance < 0.95:
            return f"8 ({ten[:3]}) {ten[3:6]}-{ten[6:8]}-{ten[8:]}"
        return f"+7 {ten[:3]} {ten[3:6]}-{ten[6:8]}-{ten[8:]} доб. {self.random.randrange(10, 999)}"

    def add_phones(self, type_id: int, entity_id: int) -> str:
        """One to three phones (none for one in fifty); returns HAS_PHONE."""
        chance = self.random.random()
        count = 0 if chance < 0.02 else 1 if chance < 0.60 else 2 if chance < 0.90 else 3
        for place in range(count):
            value = self.spelling()
            value_type = "MOBILE" if place else "WORK"
            self.phones.append((type_id, entity_id, "PHONE", value_type, value, search_code("PHONE", value)))
        return "Y" if count else "N"

    def employee(self) -> int:
        return 1 + self.random.getrandbits(16) % EMPLOYEES

    def common(self, entity_id: int) -> Row:
        responsible = self.employee()
        created = FIRST_DAY + self.random.randrange(SPAN)
        modified = created + self.random.randrange(FIRST_DAY + SPAN - created)
        return (entity_id, responsible, responsible, self.employee(), created, modified, responsible, modified, "Y")

    def ids(self, count: int) -> Iterator[int]:
        """Sparse: two thirds of the IDs in between were never kept."""
        entity_id = 0
        for _ in range(count):
            entity_id += 1 + self.random.getrandbits(2) + (self.random.getrandbits(10) == 0) * 5_000
            yield entity_id

    def company(self, entity_id: int) -> Row:
        bits = self.random.getrandbits(24)
        title = f"{FORMS[bits % 5]} «{FIRMS[bits // 5 % 20]}{TRADES[bits // 100 % 10]}-{entity_id}»"
        status = self.statuses[bits // 1000 % 4]
        self.company_ids.append(entity_id)
        has_phone = self.add_phones(4, entity_id)
        own = "Y" if bits % 100_000 == 0 else "N"
        return (*self.common(entity_id), has_phone, "N", "N", title, "CUSTOMER", "OTHER", "RUB", own, status)

    def contact(self, entity_id: int) -> Row:
        bits = self.random.getrandbits(24)
        is_man = bits & 1
        first = (MEN if is_man else WOMEN)[bits // 2 % 18]
        last = SURNAMES[bits // 36 % 27] + ("" if is_man else "а")
        primary = self.link_companies(entity_id) if bits // 972 % 10 < 7 else None
        has_phone = self.add_phones(3, entity_id)
        return (*self.common(entity_id), has_phone, "N", "N", first, last, None, "Y", "CLIENT", primary)

    def link_companies(self, contact_id: int) -> int:
        """One to three companies; returns the primary one."""
        chance = self.random.random()
        count = 1 if chance < 0.75 else 2 if chance < 0.93 else 3
        chosen = dict.fromkeys(self.random.choice(self.company_ids) for _ in range(count))
        for place, company_id in enumerate(chosen):
            self.links.append((3, contact_id, company_id, 10 * (place + 1), "N" if place else "Y"))
        return int(next(iter(chosen)))

    def lead(self, entity_id: int) -> Row:
        bits = self.random.getrandbits(24)
        stage, semantics = LEAD_STAGES[bits % 5]
        has_phone = self.add_phones(1, entity_id)
        common = self.common(entity_id)
        head = (*common, has_phone, "N", "N", f"Заявка с сайта №{entity_id}", MEN[bits // 5 % 18], stage, semantics)
        return (*head, float(bits % 90_000), "RUB", "WEB", "N", "N", common[1], common[5])

    def deal(self, entity_id: int) -> Row:
        bits = self.random.getrandbits(24)
        stage, semantics = DEAL_STAGES[bits % 5]
        common = self.common(entity_id)
        state = (f"Поставка №{entity_id}", stage, semantics, 0, "N" if semantics == "P" else "Y", float(bits % 900_000))
        company_id = self.random.choice(self.company_ids)
        return (*common, *state, "RUB", company_id, "SALE", "N", "N", "N", "N", "N", common[1], common[5])

    def stream(self, kind: str, count: int) -> None:
        """Write one kind in chunks, phones and links beside it, so that memory stays flat."""
        columns, make = COLUMNS[kind], getattr(self, kind)
        sql = f"INSERT INTO {kind} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        chunk: list[Row] = []
        for entity_id in self.ids(count):
            chunk.append(make(entity_id))
            if len(chunk) == CHUNK:
                self.flush(sql, chunk)
        self.flush(sql, chunk)

    def flush(self, sql: str, chunk: list[Row]) -> None:
        self.store.executemany(sql, chunk)
        self.store.executemany(INSERT, self.phones)
        self.store.executemany(
            "INSERT INTO link (KIND, OWNER_ID, TARGET_ID, SORT, IS_PRIMARY) VALUES (?, ?, ?, ?, ?)", self.links
        )
        for written in (chunk, self.phones, self.links):
            written.clear()


def fill(store: Store, statuses: dict[str, int | str], *, entities: int, seed: int) -> None:
    """Fill an empty store; indexes are built by the caller afterwards."""
    staff(store, Random(seed + 1))  # noqa: S311 - data, not secrets
    generator = Generator(store, statuses, seed)
    with store.writing():
        for kind in ("company", "contact", "lead", "deal"):
            generator.stream(kind, int(entities * SHARES[kind]))


def staff(store: Store, random: Random) -> None:
    """Two hundred people in a tree of divisions and teams; some posts vacant, some people dismissed or hidden."""
    add_department(store, ROOT, "Компания", parent=None, head=1)
    for place, division in enumerate(DIVISIONS):
        top = add_department(store, 10 * (place + 1), division, head=2 + place)
        for number, team in enumerate(TEAMS):
            head = 10 + place * 4 + number if random.random() < 0.8 else None
            add_department(store, top + 1 + number, f"{division}: {team}", parent=top, head=head)
    teams = [one for one in store.departments if one % 10]
    for user_id in range(1, EMPLOYEES + 1):
        is_man = random.random() < 0.5
        name = f"{random.choice(MEN if is_man else WOMEN)} {random.choice(SURNAMES)}{'' if is_man else 'а'}"
        home = ROOT if user_id == 1 else 10 * (user_id - 1) if user_id < 8 else random.choice(teams)
        hidden, active = user_id in (199, 200), user_id < 40 or random.random() > 0.1
        add_user(store, user_id, name, departments=[home], admin=user_id == 1, active=active, hidden=hidden)
