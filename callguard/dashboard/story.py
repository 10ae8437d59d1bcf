"""Whether the colours work, in one sentence: the weeks before them against the last four. Pure but for the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from callguard.reports.shapes import Week

LATELY = 4  # whole weeks
NOTABLE = 10  # of 100: less than that is chance


@dataclass(frozen=True)
class Story:
    """`tone`: good, bad or plain; `before` and `now`: conflicts a week; `change` of 100, below nought when fewer."""

    tone: str
    before: int
    now: int
    change: int
    heeded: int | None  # of 100 that saw the colour lately; None: of none is the end known
    since_colours: bool


def story_of(weeks: Sequence[Week], *, colours_since: date | None, today: date) -> Story | None:
    """None while there is nothing to compare. Without a quiet start the first four weeks stand for before."""
    whole = [week for week in weeks if week.first + timedelta(days=7) <= today]
    if colours_since is None:
        before, after = whole[:LATELY], whole[LATELY:]
    else:
        before = [week for week in whole if week.first + timedelta(days=7) <= colours_since]
        after = [week for week in whole if week.first >= colours_since]
    lately = after[-LATELY:]
    if not before or not lately or not any(week.counts.conflicts for week in before):
        return None
    return compared(before, lately, since_colours=colours_since is not None)


def compared(before: Sequence[Week], lately: Sequence[Week], *, since_colours: bool) -> Story:
    was, now = (sum(week.counts.conflicts for week in weeks) / len(weeks) for weeks in (before, lately))
    change = round(100 * (now - was) / was)
    tone = "good" if change <= -NOTABLE else "bad" if change >= NOTABLE else "plain"
    return Story(tone, round(was), round(now), change, heeded(lately), since_colours)


def heeded(weeks: Sequence[Week]) -> int | None:
    hung_up = sum(week.counts.heeded for week in weeks)
    known = hung_up + sum(week.counts.proceeded for week in weeks)
    return round(100 * hung_up / known) if known else None


def told(story: Story) -> tuple[str, str]:
    """The figure that stands out, and the sentence behind it."""
    if story.since_colours:
        sentence = _("Conflicts a week: %(before)d before the colours, %(now)d over the last weeks.")
    else:
        sentence = _("Conflicts a week: %(before)d in the first weeks, %(now)d over the last ones.")
    numbers = sentence % {"before": story.before, "now": story.now}
    if story.heeded is None:
        return headline(story), numbers
    heed = _("Of 100 callers who saw the colour %(count)d hung up.") % {"count": story.heeded}
    return headline(story), f"{numbers} {heed}"


def headline(story: Story) -> str:
    share = {"share": abs(story.change)}
    if story.tone == "bad":
        return _("%(share)d %% more conflicts.") % share
    if story.tone == "plain":
        return _("About as many conflicts as before.")
    if story.since_colours:
        return _("The colours work: %(share)d %% fewer conflicts.") % share
    return _("%(share)d %% fewer conflicts.") % share
