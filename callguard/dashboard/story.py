"""Whether the colours work, in one sentence: the weeks before them against the last four. Pure but for the words.

Compared is the share of outgoing calls: a month of holidays has fewer conflicts, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from callguard.reports.shapes import Week

LATELY = 4  # whole weeks
NOTABLE = 10  # of 100: less than that is chance


@dataclass(frozen=True)
class Story:
    """`tone`: good, bad or plain; `before`, `now`: of 100 outgoing calls; `change` of 100, below nought: fewer."""

    tone: str
    before: float
    now: float
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
    if not any(week.counts.conflicts for week in before) or not share_of(before) or share_of(lately) is None:
        return None
    return compared(before, lately, since_colours=colours_since is not None)


def compared(before: Sequence[Week], lately: Sequence[Week], *, since_colours: bool) -> Story:
    was, now = share_of(before) or 0, share_of(lately) or 0
    change = round(100 * (now - was) / was)
    tone = "good" if change <= -NOTABLE else "bad" if change >= NOTABLE else "plain"
    return Story(tone, round(was, 1), round(now, 1), change, heeded(lately), since_colours)


def share_of(weeks: Sequence[Week]) -> float | None:
    """Conflicts of 100 outgoing calls; None where nobody called."""
    outgoing = sum(week.traffic.outgoing for week in weeks)
    return 100 * sum(week.counts.conflicts for week in weeks) / outgoing if outgoing else None


def heeded(weeks: Sequence[Week]) -> int | None:
    hung_up = sum(week.counts.heeded for week in weeks)
    known = hung_up + sum(week.counts.proceeded for week in weeks)
    return round(100 * hung_up / known) if known else None


def told(story: Story) -> tuple[str, str]:
    """The figure that stands out, and the sentence behind it."""
    if story.since_colours:
        sentence = _(
            "Of 100 outgoing calls %(before)s went to colleagues' clients before the colours, %(now)s lately, "
            "excused ones too."
        )
    else:
        sentence = _(
            "Of 100 outgoing calls %(before)s went to colleagues' clients in the first weeks, %(now)s lately, "
            "excused ones too."
        )
    numbers = sentence % {"before": number_format(story.before, 1), "now": number_format(story.now, 1)}
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
