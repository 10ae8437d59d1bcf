"""Calls, conflicts, takeovers and what was earned, put straight into the tables: figures ask how they add up."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from callguard.models import Call, Takeover
from crm_mirror.models import Lead
from tests.cast import Person, mirrored_lead

_ids = count(1)


def called(caller: Person, at: datetime, *, tier: str = "", direction: str = "outgoing", **columns) -> Call:
    return Call.objects.create(
        call_id=f"kpi-{next(_ids)}",
        caller_id=caller.id,
        rung_at=at,
        direction=direction,
        colour="none",
        tier=tier,
        reason="own_client",
        rules_version=1,
        verdict={},
        **columns,
    )


def took_over(
    by: Person, of: Person, client, at: datetime, *, excused=False, judged=True, undone: datetime | None = None
) -> Takeover:
    """After a conflict that blames, unless told otherwise, `client` became the caller's."""
    kind = type(client).__name__.lower()
    entity = {"entity_type": kind, "entity_id": client.portal_id, "responsible_id": of.id}
    state = {"conflict": True, "judged_at": at if judged else None, "excused": excused, "taken_over": undone is None}
    call = called(by, at, tier=kind, **entity, **state)
    return Takeover.objects.create(call=call, moved_at=at, from_id=of.id, to_id=by.id, undone_at=undone)


def converted_lead(title: str, responsible: Person, at: datetime | None) -> Lead:
    lead = mirrored_lead(title, responsible=responsible)
    Lead.objects.filter(pk=lead.pk).update(status_id="CONVERTED", semantic="S", moved_at=at)
    return lead
