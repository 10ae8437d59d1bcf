"""The rule set in force, its versions, and the statuses that no rule names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from callguard import history, verdict
from callguard.access.actors import actor_of
from callguard.models import About, Account, Origin, Palette, Rule, RuleSetVersion, StatusMatch, Tier
from crm_mirror.models import Status

COMPANY_TIERS = (Tier.COMPANY, Tier.COMPANY_CONTACT)


@lru_cache(maxsize=8)
def rule_set(version: int, rules_stamp: str, palettes_stamp: str) -> verdict.RuleSet:
    """The rules of the version in force. The stamps are when rules and palettes were last published (callguard.lookup):
    severities come from the palettes, and two databases of one process may both have a version 2."""
    rows = Rule.objects.select_related("palette").order_by("id")
    return verdict.RuleSet(version, tuple(_pure(row) for row in rows))


def _pure(row: Rule) -> verdict.Rule:
    return verdict.Rule(
        tier=verdict.Tier(row.tier),
        match=row.match,
        status_row_id=row.status_id,
        palette=row.palette.code if row.palette else None,
        severity=row.palette.severity if row.palette else -1,
        applies_to_own=row.applies_to_own,
    )


@lru_cache(maxsize=8)
def looks(palettes_stamp: str) -> dict[str, Palette]:
    """Palettes in force by code."""
    return {palette.code: palette for palette in Palette.objects.all()}


@transaction.atomic
def publish(*, by: Account | None, at: datetime, note: str = "") -> RuleSetVersion:
    """Make the present rules the next version. Call it in the transaction that edited them."""
    newest = RuleSetVersion.objects.select_for_update().order_by("-version").first()
    published = RuleSetVersion.objects.create(
        version=newest.version + 1 if newest else 1,
        published_at=at,
        published_by=by,
        note=note,
        rules=in_force(),
    )
    history.note(
        About.RULE,
        published.version,
        before=newest.rules if newest else None,
        after=published.rules,
        by=actor_of(by) if by else None,
        origin=Origin.ADMIN,
        at=at,
        title=note,
    )
    return published


def in_force() -> list[dict[str, Any]]:
    """The present rules as a version keeps them. One query."""
    return [snapshot_of(row) for row in Rule.objects.select_related("palette", "status").order_by("id")]


def snapshot_of(row: Rule) -> dict[str, Any]:
    """A rule in words, which stay readable when its status is renamed or its palette repainted.

    `status_value` finds a renamed status again (callguard.workshop); snapshots from before it was kept lack it.
    """
    return {
        "tier": row.tier,
        "match": row.match,
        "status": row.status.name if row.status else None,
        "status_value": row.status.value if row.status else None,
        "palette": row.palette.code if row.palette else None,
        "applies_to_own": row.applies_to_own,
    }


def gaps() -> list[tuple[Tier, Status]]:
    """Statuses in use that a company tier has no rule for: no colour there, reason no_rule. Two queries."""
    rules = list(Rule.objects.all())
    statuses = Status.objects.filter(retired_at=None)
    return [(tier, status) for tier in COMPANY_TIERS for status in statuses if not _covers(rules, tier, status)]


def _covers(rules: Iterable[Rule], tier: Tier, status: Status) -> bool:
    return any(
        rule.tier == tier and (rule.match == StatusMatch.ANY or rule.status_id == status.pk)
        for rule in rules
        if rule.match != StatusMatch.NONE
    )
