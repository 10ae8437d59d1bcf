"""The few figures at the top, each beside the same of the period before, and leading to its calls."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from callguard.dashboard.addresses import calls_at
from callguard.reports.question import Question
from callguard.reports.shapes import Counts, Summary, Totals
from crm_mirror.admin.tiles import grouped


@dataclass(frozen=True)
class Change:
    """Against the period before, in words and with an arrow. `tone`: better, worse or same."""

    tone: str
    arrow: str
    words: str


@dataclass(frozen=True)
class Tile:
    """`split`: of 100, a bar of two parts below the figure."""

    title: str
    figure: str
    link: str = ""
    change: Change | None = None
    hint: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    split: int | None = None
    main: bool = False


def tiles(q: Question, summary: Summary) -> list[Tile]:
    now, before = summary.now, summary.before
    return [
        conflicts(q, now, before),
        heeded(q, now.counts, before.counts if before else None),
        takeovers(q, now.counts, before.counts if before else None),
        not_blamed(q, now.counts),
        calls(q, now, before),
    ]


def conflicts(q: Question, now: Totals, before: Totals | None) -> Tile:
    return Tile(
        _("Conflicts: calls to a colleague's client"),
        grouped(now.counts.blamed),
        calls_at(q, "blamed"),
        fewer_is_better(now.counts.blamed, before.counts.blamed) if before else None,
        of_a_hundred(now),
        main=True,
    )


def heeded(q: Question, now: Counts, before: Counts | None) -> Tile:
    share, was = share_heeded(now), share_heeded(before) if before else None
    known: list[tuple[int, str, str]] = [
        (now.heeded, _("hung up: %(count)s"), "heeded"),
        (now.proceeded, _("talked: %(count)s"), "proceeded"),
        (now.open, _("end not known: %(count)s"), "open"),
    ]
    return Tile(
        _("Heeded the colour"),
        "–" if share is None else f"{share} %",
        change=None if share is None or was is None else more_is_better(share, was),
        parts=parts(q, known),
        split=share,
    )


def takeovers(q: Question, now: Counts, before: Counts | None) -> Tile:
    return Tile(
        _("Clients taken over"),
        grouped(now.takeovers),
        calls_at(q, "takeovers") if now.takeovers else "",
        fewer_is_better(now.takeovers, before.takeovers) if before else None,
        _("After a conflict the caller became responsible."),
    )


def not_blamed(q: Question, now: Counts) -> Tile:
    known = [
        (now.excused, _("excused: %(count)s"), "excused"),
        (now.pending, _("being checked: %(count)s"), "pending"),
    ]
    hint = _("Counted apart: they blame nobody.")
    return Tile(_("Excused or being checked"), grouped(now.excused + now.pending), hint=hint, parts=parts(q, known))


def calls(q: Question, now: Totals, before: Totals | None) -> Tile:
    hint = _("of them outgoing: %(count)s") % {"count": grouped(now.traffic.outgoing)}
    change = plain_change(now.traffic.calls, before.traffic.calls) if before else None
    return Tile(_("Calls with a card"), grouped(now.traffic.calls), calls_at(q, "calls"), change, hint)


def parts(q: Question, known: list[tuple[int, str, str]]) -> tuple[tuple[str, str], ...]:
    """(count, words, figure) of those that there are."""
    return tuple((words % {"count": grouped(count)}, calls_at(q, figure)) for count, words, figure in known if count)


# --- Comparing -------------------------------------------------------------------------------------------------------
def share_heeded(counts: Counts) -> int | None:
    """Of 100 whose end is known."""
    known = counts.heeded + counts.proceeded
    return round(100 * counts.heeded / known) if known else None


def of_a_hundred(now: Totals) -> str:
    if not now.traffic.outgoing:
        return ""
    share = 100 * now.counts.blamed / now.traffic.outgoing
    return _("%(share)s of 100 outgoing calls") % {"share": number_format(round(share, 1), 1)}


def fewer_is_better(now: int, was: int) -> Change:
    return changed(now, was, better=now < was)


def more_is_better(now: int, was: int) -> Change:
    """Of shares: in points."""
    points = now - was
    words = _("%(points)s points, was %(was)s %%") % {"points": signed(points), "was": was}
    return Change(tone(points, better=points > 0), arrow(points), words)


def plain_change(now: int, was: int) -> Change:
    """Neither good nor bad."""
    change = changed(now, was, better=False)
    return Change("same", change.arrow, change.words)


def changed(now: int, was: int, *, better: bool) -> Change:
    words = _("was %(was)s") % {"was": grouped(was)}
    if was and now != was:
        words = f"{signed(round(100 * (now - was) / was))} %, {words}"
    return Change(tone(now - was, better=better), arrow(now - was), words)


def tone(difference: int, *, better: bool) -> str:
    return "same" if not difference else "better" if better else "worse"


def arrow(difference: int) -> str:
    return "=" if not difference else "▲" if difference > 0 else "▼"


def signed(number: int) -> str:
    """With a minus that is as wide as a digit."""
    return f"+{number}" if number > 0 else f"−{-number}" if number < 0 else "0"
