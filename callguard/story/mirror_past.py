"""What the mirror and telephony would have told in those months, had the product been there: changes, ends, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from callguard import history, substitutions
from callguard.access.actors import Actor, employee_actor
from callguard.fairness import takeovers
from callguard.models import About, Call, History, Origin, PaletteVersion, RuleSetVersion, Substitution
from callguard.story.clients import Clients, Handover
from callguard.story.mishaps import FORWARDED
from callguard.story.ringing import Ring, StandIn
from crm_mirror.models import Change, ChangeReader, EndedCall

SEEN_AFTER = timedelta(seconds=12)
REDIRECTED = 3  # EndedCall.call_type


def rules_since(at: datetime) -> None:
    """Rules and palettes were there before the story begins, not since the migration of a minute ago."""
    RuleSetVersion.objects.filter(version=1).update(published_at=at)
    PaletteVersion.objects.filter(published_at__gt=at).update(published_at=at)


def tell_handovers(book: Clients) -> None:
    """The feed's words for every company that changed hands, the lines of its history, and the takeovers among them.

    Read already: nobody is told today of what happened then.
    """
    changes = Change.objects.bulk_create(_change(one) for one in sorted(book.handovers, key=lambda one: one.at))
    ChangeReader.objects.update_or_create(name="callguard", defaults={"last_id": changes[-1].pk})
    takeovers.follow(changes)
    history.add(_line(one) for one in book.handovers)


def _change(one: Handover) -> Change:
    return Change(
        at=one.at + SEEN_AFTER,
        kind="company",
        portal_id=str(one.company_id),
        what=Change.What.UPDATED,
        facts={"responsible_id": [one.giver, one.taker]},
        by_id=one.by,
        modified_at=one.at,
        lag_s=SEEN_AFTER.total_seconds(),
        source="event",
    )


def _line(one: Handover) -> History:
    return history.line(
        About.RESPONSIBLE,
        one.company_id,
        before=one.giver,
        after=one.taker,
        by=employee_actor(one.by),
        origin=Origin.PORTAL,
        at=one.at + SEEN_AFTER,
        title=one.title,
    )


def enter_substitutions(stand_ins: Iterable[StandIn], *, by: Actor) -> None:
    for one in stand_ins:
        entry = Substitution(
            substitute_id=one.substitute, substituted_id=one.substituted, first_day=one.first, last_day=one.last
        )
        substitutions.enter(entry, by=by, at=one.known_at)


def tell_ends(told: Mapping[Ring, Call]) -> None:
    """Telephony's word for calls that it knows better than the card: those it forwarded by itself."""
    EndedCall.objects.bulk_create(
        EndedCall(
            call_id=call.call_id,
            user_id=call.caller_id,
            call_type=REDIRECTED,
            phone=call.number,
            started_at=call.rung_at,
            duration=call.duration or 0,
            code="200",
            seen_at=call.ended_at or call.rung_at,
        )
        for ring, call in told.items()
        if ring.about == FORWARDED
    )
