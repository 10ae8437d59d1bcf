"""The draft: saved, thrown away, published; and versions put back in force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from callguard import rules
from callguard.models import Account, Rule, RuleDraft, RuleSetVersion
from callguard.workshop.errors import withdraw
from callguard.workshop.sets import Reference, Row


class DraftMoved(Exception):
    """Somebody else saved, published or threw away the draft meanwhile."""


class RulesMoved(Exception):
    """Another version was published since the draft was begun. The draft counts from that one on now."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class NothingNew(Exception):
    """The rules in force say the same already."""


def current() -> RuleDraft | None:
    return RuleDraft.objects.select_related("saved_by").first()


def newest() -> RuleSetVersion | None:
    return RuleSetVersion.objects.select_related("published_by").order_by("-version").first()


def save(rows: Sequence[Row], *, revision: int | None, by: Account, at: datetime) -> None:
    """Keep these rows as the draft. `revision`: of the draft that was edited, None for a first one."""
    if revision is None:
        based_on = found.version if (found := newest()) else 0
        made = {"rules": list(rows), "based_on": based_on, "saved_at": at, "saved_by": by}
        _draft, is_first = RuleDraft.objects.get_or_create(slot=1, defaults=made)
        if not is_first:
            raise DraftMoved
        return
    saved = RuleDraft.objects.filter(revision=revision).update(
        rules=list(rows), revision=revision + 1, saved_at=at, saved_by=by
    )
    if not saved:
        raise DraftMoved


def discard(*, revision: int) -> None:
    if not RuleDraft.objects.filter(revision=revision).delete()[0]:
        raise DraftMoved


def publish(
    *, revision: int, by: Account, at: datetime, note: str = "", errors: Collection[int] = ()
) -> RuleSetVersion:
    """The draft becomes the version in force. `errors`: earlier versions that are called errors with it.

    Raises RulesMoved once when rules were published since the draft was begun: then its reader knows, and may again.
    """
    try:
        with transaction.atomic():
            return _published(revision, by=by, at=at, note=note, errors=errors)
    except RulesMoved as moved:
        RuleDraft.objects.filter(revision=revision).update(based_on=moved.version)
        raise


def _published(revision: int, *, by: Account, at: datetime, note: str, errors: Collection[int]) -> RuleSetVersion:
    in_force = RuleSetVersion.objects.select_for_update().order_by("-version").first()
    draft = RuleDraft.objects.filter(revision=revision).first()
    if draft is None:
        raise DraftMoved
    if in_force and in_force.version != draft.based_on:
        raise RulesMoved(in_force.version)
    discard(revision=revision)
    return _put_in_force(draft.rules, by=by, at=at, note=note, errors=errors)


@transaction.atomic
def roll_back(
    version: RuleSetVersion, *, by: Account, at: datetime, note: str = "", errors: Collection[int] = ()
) -> RuleSetVersion:
    """An earlier version's rules become the next version, without those whose status or palette is gone."""
    return _put_in_force(version.rules, by=by, at=at, note=note, errors=errors)


def _put_in_force(
    rows: Sequence[Row], *, by: Account, at: datetime, note: str, errors: Collection[int]
) -> RuleSetVersion:
    reference = Reference.now()
    if same(rules.in_force(), rows, reference):
        raise NothingNew
    wanted = {reference.key_of(row): row for row in reference.known(rows)}
    stays = [rule.pk for rule in Rule.objects.all() if (rule.tier, rule.match, rule.status_id) in wanted]
    Rule.objects.exclude(pk__in=stays).delete()
    for row in wanted.values():
        Rule.objects.update_or_create(
            tier=row["tier"],
            match=row["match"],
            status=reference.status_of(row),
            defaults={"palette": reference.palette_of(row), "applies_to_own": row["applies_to_own"]},
        )
    published = rules.publish(by=by, at=at, note=note)
    withdraw(errors, by=by, at=at)
    return published


def same(left: Sequence[Row], right: Sequence[Row], reference: Reference) -> bool:
    """Whether two sets rule alike, whatever the order of their rows."""
    first, second = (
        {reference.key_of(row): (row["palette"], row["applies_to_own"]) for row in reference.known(rows)}
        for rows in (left, right)
    )
    return first == second
