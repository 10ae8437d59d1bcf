"""People, a client of Olga's, and calls to it that are blamed or not; a Wednesday noon to begin with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from callguard.calls import Ring, record_call
from callguard.models import Call, NoticeSettings
from callguard.notices.choices import in_force
from tests.cast import IVAN, OLGA, Person, mirror_synced, mirrored_company, mirrored_people

NOON = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)  # 12:00 in Moscow, a Wednesday
PHONE, OTHER_PHONE = "8 (916) 123-45-67", "8 (916) 123-45-68"
Calling = Callable[..., Call]


@pytest.fixture
def chosen(db: None) -> NoticeSettings:
    """The settings as they begin, a week before noon."""
    return in_force(at=NOON - timedelta(days=7))


@pytest.fixture
def clients(db: None) -> None:
    mirrored_people()
    mirror_synced(NOON)
    mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)
    mirrored_company("АО «Вектор»", phone=OTHER_PHONE, responsible=OLGA, status="В работе", id=6)


@pytest.fixture
def called(chosen: NoticeSettings, clients: None) -> Calling:
    """called(caller=IVAN, at=NOON, judged=True, excused=False): a conflict on record."""
    numbers = count(1)

    def call(
        phone: str = PHONE,
        *,
        caller: Person = IVAN,
        at: datetime = NOON,
        judged: bool = True,
        excused: bool = False,
        answered: bool | None = None,
    ) -> Call:
        row, _new = record_call(Ring(f"c{next(numbers)}", phone, "outgoing"), caller_id=caller.id, at=at, language="ru")
        row.judged_at, row.excused, row.answered = at if judged else None, excused, answered
        row.save()
        return row

    return call
