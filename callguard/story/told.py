"""Three months of life of a sales department of forty, put beside a mirror that holds the portal of the story.

The same day makes the same story. Everything goes the way it goes in life: verdicts by the core, records as the card
leaves them, excuses and takeovers as callguard.fairness finds them, disputes by those who may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from callguard import lookup, rules
from callguard.access.actors import employee_actor
from callguard.answer import terms_in_force
from callguard.kpi.noting import note_deals
from callguard.models import Call, DealMark, Rule, RuleSetVersion
from callguard.story import aftermath, mirror_past
from callguard.story.cast import HEAD, HONEST, POACHER, Cast, cast
from callguard.story.clients import clients
from callguard.story.days import Days
from callguard.story.everyday import Office
from callguard.story.honest import leave, wrongly_suspected
from callguard.story.mishaps import WRONG_RULES, mishaps, outage
from callguard.story.poacher import poaching
from callguard.story.ringing import Exchange, StandIn
from callguard.story.tidying import tidy_up
from callguard.verdict import RuleSet, Tier

SEED = 8
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Told:
    """What came of it, for whoever started it."""

    calls: int
    conflicts: int


@transaction.atomic
def tell(*, at: datetime) -> Told:
    """Raises StoryUntold when the mirror holds another portal."""
    days = Days(timezone.localtime(at))
    people = cast()
    book = clients(people.names, painting=painting_statuses())
    office = Office(people, book, days, Random(SEED))  # noqa: S311 - a story, not secrets
    stand_ins, still = (leave(office), standing_in_today(people, days)), outage(office)
    mirror_past.rules_since(days.at(days.first - timedelta(days=7), 12))
    exchange = Exchange(
        book,
        replace(terms_in_force(), colours_since=days.colours),
        stand_ins=stand_ins,
        outages=(still,),
        versions=versions(days),
        dice=office.dice,
    )
    elsewhere = frozenset({people.named(POACHER), people.named(HONEST)})
    rings = [
        *office.everyday(but=elsewhere),
        *poaching(office),
        *wrongly_suspected(office, stand_ins[0]),
        *mishaps(office, still),
    ]
    told = dict(exchange.records(rings))
    Call.objects.bulk_create(told.values(), batch_size=ROWS_AT_ONCE)
    mirror_past.tell_handovers(book)
    mirror_past.tell_ends(told)
    mirror_past.enter_substitutions(stand_ins, by=employee_actor(people.named(HEAD)))
    DealMark.objects.all().delete()  # the first sync has looked already, and found no calls
    note_deals(at=at)
    aftermath.judge(at=at)
    aftermath.quarrel(told, people, at=at)
    tidy_up(days, office.dice, at=at)
    return Told(len(told), sum(call.conflict for call in told.values()))


def painting_statuses() -> frozenset[str]:
    """Values of the statuses whose companies are painted."""
    painted = Rule.objects.filter(tier=Tier.COMPANY, palette__isnull=False, status__isnull=False)
    return frozenset(painted.values_list("status__value", flat=True))


def standing_in_today(people: Cast, days: Days) -> StandIn:
    """For whoever tries the card: dialled by the one, clients of the other bear a badge."""
    first, last = days.today - timedelta(days=2), days.today + timedelta(days=5)
    known = days.at(days.ago(4), 16)
    return StandIn(people.named("Марат Сафин"), people.named("Светлана Волкова"), first, last, known)


def versions(days: Days) -> list[tuple[datetime, RuleSet]]:
    """The rules of the story: one day they painted those in waiting too, which was an error, and taken back."""
    day = days.ago(WRONG_RULES)
    wrong, mended = days.at(day, 11, 20), days.at(day, 15, 45)
    first = in_force(days.now)
    waiting = list(Rule.objects.filter(tier__startswith="company", status__isnull=False, palette=None))
    yellow = Rule.objects.filter(tier=Tier.CONTACT).values_list("palette_id", flat=True).first()
    Rule.objects.filter(pk__in=[rule.pk for rule in waiting]).update(palette_id=yellow)
    rules.publish(by=None, at=wrong, note="«В ожидании» — тоже жёлтый")
    second = in_force(days.now)
    Rule.objects.filter(pk__in=[rule.pk for rule in waiting]).update(palette_id=None)
    rules.publish(by=None, at=mended, note="Отмена: «В ожидании» свободны, это была ошибка")
    RuleSetVersion.objects.filter(version=second.version).update(withdrawn_at=mended)
    return [(days.at(days.first, 0), first), (wrong, second), (mended, in_force(days.now))]


def in_force(now: datetime) -> RuleSet:
    return lookup.found([], caller_id=0, day=now.date()).rules
