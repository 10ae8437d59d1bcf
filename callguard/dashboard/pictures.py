"""The charts, each made of the same figures as the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callguard.dashboard.bars import Bar, Bars, Mark
from callguard.reports.shapes import Counts, Line, Week


def trend_chart(weeks: Sequence[Week], *, colours_since: date | None) -> Bars:
    """Every week since the first call; the bars of a week come to all its conflicts."""
    counts = [week.counts for week in weeks]
    return Bars(
        _("Conflicts by week, since the start"),
        _("conflicts"),
        [date_format(week.first, "d.m") for week in weeks],
        [
            Bar(_("before the colours"), [unseen(one) for one in counts], "before"),
            *outcome_bars(counts),
            Bar(_("excused or being checked"), [apart(one) for one in counts], "apart"),
        ],
        about_trend(colours_since),
        _("No conflicts since the start."),
        over=_("Week"),
        mark=mark_of(weeks, colours_since),
    )


def hours_chart(lines: Sequence[Line]) -> Bars:
    counts = [line.counts for line in lines]
    return Bars(
        _("By hour of the day"),
        _("conflicts"),
        [line.name for line in lines],
        outcome_bars(counts),
        if_empty=_("No conflicts in this time."),
        over=_("Hour"),
    )


def outcome_bars(counts: Sequence[Counts]) -> list[Bar]:
    """Of the conflicts that blame somebody."""
    shares: list[tuple[str, str, Callable[[Counts], int]]] = [
        (_("heeded the colour"), "heeded", lambda one: one.heeded),
        (_("talked all the same"), "proceeded", lambda one: one.proceeded),
        (_("end not known"), "open", lambda one: one.open),
    ]
    bars = [Bar(title, [value(one) for one in counts], means) for title, means, value in shares]
    return [bar for bar in bars if bar.means != "open" or any(bar.values)]


def unseen(counts: Counts) -> int:
    """Conflicts of a time without colours that blame nobody; where they do they are among the others."""
    return min(counts.unseen, counts.conflicts - counts.blamed)


def apart(counts: Counts) -> int:
    return counts.conflicts - counts.blamed - unseen(counts)


def about_trend(colours_since: date | None) -> str:
    about = _("All conflicts of the people chosen above, whatever the period; the last week may not be over.")
    if colours_since is None:
        return about
    since = _("Colours are shown since %(day)s.") % {"day": date_format(colours_since, "SHORT_DATE_FORMAT")}
    return f"{about} {since}"


def mark_of(weeks: Sequence[Week], day: date | None) -> Mark | None:
    """Where within the weeks the day stands; None where it is not among them."""
    if day is None or not weeks:
        return None
    place = (day - weeks[0].first) / timedelta(days=7)
    if not 0 < place < len(weeks):
        return None
    return Mark(round(place, 3), _("%(day)s: colours introduced") % {"day": date_format(day, "d.m")})
