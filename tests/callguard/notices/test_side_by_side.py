"""Two processes at the same round: whatever is told is told once."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from callguard.calls import Ring, record_call
from callguard.models import Call, DigestChoice, Letter, Notice, NoticeSettings
from callguard.notices.choices import in_force
from callguard.notices.digests import DAY
from callguard.notices.round import send_due
from crm_mirror.models import OutboxCall
from tests.callguard.notices.conftest import NOON, OTHER_PHONE, PHONE
from tests.cast import IVAN, MARINA, OLGA, empty_mirror, mirror_synced, mirrored_company, mirrored_people

AT_ONCE = 4


@pytest.fixture
def tidy(committed: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        for model in (Notice, DigestChoice, NoticeSettings, Letter, OutboxCall):
            model.objects.all().delete()
        empty_mirror()


def told_at_once(at) -> list[BaseException]:
    """Everybody begins at the same moment; what went wrong with whom."""
    start, wrong = Barrier(AT_ONCE), []

    def work():
        start.wait()
        try:
            send_due(at=at)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_of_several_processes_one_tells(tidy):
    mirrored_people()
    mirror_synced(NOON)
    mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)
    mirrored_company("АО «Вектор»", phone=OTHER_PHONE, responsible=OLGA, status="В работе", id=6)
    in_force(at=NOON - 7 * DAY)
    DigestChoice.objects.create(employee_id=MARINA.id, rhythm="daily")
    for number, phone in enumerate((PHONE, OTHER_PHONE)):
        record_call(Ring(f"c{number}", phone, "outgoing"), caller_id=IVAN.id, at=NOON, language="ru")
    Call.objects.update(judged_at=NOON)
    assert told_at_once(NOON + DAY) == []
    told = sorted(call.params["USER_ID"] for call in OutboxCall.objects.all())
    assert told == [OLGA.id, OLGA.id, MARINA.id], connection.vendor
    assert Notice.objects.filter(state="told").count() == 3
