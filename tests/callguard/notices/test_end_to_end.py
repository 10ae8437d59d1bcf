"""From the ring to the portal's own notifications, on the sandbox, in one `manage.py sync`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from callguard import substitutions
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.calls import Ring, record_call
from callguard.models import Call, Notice, NoticeSettings, Substitution

pytestmark = pytest.mark.django_db
PHONE = "+7 916 123-45-67"
HOURS_AGO = timedelta(hours=3)  # every reach of the grounds is over


@pytest.fixture
def office(portal, settings):
    """Olga is responsible for «Ромашка»; Ivan called it hours ago. It is never quiet."""
    settings.PUBLIC_URL = "https://callguard.example"
    assert portal.status_field
    marina = portal.add_employee("Марина Кузнецова")
    sales = portal.add_department("Продажи", head=marina)
    portal.move_employee(marina, sales)
    olga, ivan = (portal.add_employee(name, department=sales) for name in ("Ольга Петрова", "Иван Сидоров"))
    portal.add_company("Ромашка", responsible=olga, status="В работе", phone=PHONE)
    portal.portal.clock.advance(600)
    call_command("sync", "--full", verbosity=0)
    now = timezone.now()
    NoticeSettings.objects.update_or_create(
        pk=1, defaults={"tells_since": now - timedelta(days=1), "quiet_from": None, "quiet_until": None}
    )
    record_call(Ring("c1", PHONE, "outgoing"), caller_id=ivan.id, at=now, language="ru")
    Call.objects.update(rung_at=now - HOURS_AGO)
    return olga, ivan, marina


def notified(portal):
    return [(one["user_id"], one["message"]) for one in portal.portal.memory.get("notifications", [])]


def test_the_responsible_finds_it_among_the_portals_notifications(portal, office):
    olga, ivan, _marina = office
    call_command("sync", verbosity=0)
    call = Call.objects.get()
    assert (call.conflict, call.excused, call.judged_at is None) == (True, False, False)
    [(told, message)] = [one for one in notified(portal) if "Вашему клиенту" in one[1]]
    assert told == olga.id
    assert ivan.name in message
    assert f"[URL=https://callguard.example/dashboard/conflicts/{call.pk}/]" in message
    call_command("sync", verbosity=0)
    assert len([one for one in notified(portal) if "Вашему клиенту" in one[1]]) == 1


def test_a_substitution_that_is_entered_late_takes_the_notice_back_while_it_waits(portal, office):
    olga, ivan, marina = office
    NoticeSettings.objects.update(quiet_from="00:00", quiet_until="23:59:59")
    call_command("sync", verbosity=0)
    assert Notice.objects.get(kind="conflict").state == "waiting"
    day = timezone.localdate(timezone.now() - HOURS_AGO)
    entry = Substitution(substitute_id=ivan.id, substituted_id=olga.id, first_day=day, last_day=day)
    head = Actor(marina.name, Role.SUPERVISOR, marina.id, manages=frozenset({olga.id}))
    substitutions.enter(entry, by=head, at=timezone.now())
    assert Call.objects.get().excused
    NoticeSettings.objects.update(quiet_from=None, quiet_until=None)
    call_command("sync", verbosity=0)
    assert Notice.objects.get(kind="conflict").state == "excused"
    assert [one for one in notified(portal) if "Вашему клиенту" in one[1]] == []
