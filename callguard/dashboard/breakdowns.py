"""The reports' figures as tables, each number with the list behind it: one function a table, for pages and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callguard.dashboard.addresses import calls_at, person_at
from callguard.dashboard.cells import Cell
from callguard.dashboard.tables import Table, heat_of, share
from callguard.dashboard.words import FIGURES
from callguard.reports import figures, shapes
from callguard.reports.lists import NOBODY
from callguard.reports.question import Question
from callguard.reports.shapes import Counts, Head, Traffic

Link = str | Callable[[], str]
OUTCOMES = ("heeded", "proceeded", "takeovers", "excused", "pending")  # columns beside the conflicts themselves
DEEPEST = 4  # levels of departments that are indented


# --- Columns that tables share -------------------------------------------------------------------------------------
def outcome_titles() -> list[str]:
    return [
        pgettext("column", "Conflicts"),
        pgettext("column", "Heeded"),
        pgettext("column", "Talked"),
        pgettext("column", "Taken over"),
        pgettext("column", "Excused"),
        pgettext("column", "Being checked"),
    ]


def outcome_cells(q: Question, counts: Counts, most: int | None, **cell: object) -> list[Cell]:
    """`most`: conflicts of the line that has most, for the length of the bar; None: no bars."""
    bar = None if most is None else share(counts.blamed, most)
    blamed = Cell(counts.blamed, link_if(counts.blamed, q, "blamed", cell), bar=bar)
    others = ((name, getattr(counts, name)) for name in OUTCOMES)
    return [blamed, *(Cell(count, link_if(count, q, name, cell)) for name, count in others)]


def link_if(count: int, q: Question, figure: str, cell: dict[str, object]) -> Link:
    """Nothing is behind nought."""
    return partial(calls_at, q, figure, **cell) if count else ""


def most_blamed(lines: Sequence[shapes.Line | shapes.DepartmentLine | shapes.PersonLine]) -> int:
    return max((line.counts.blamed for line in lines), default=0)


def calls_cell(q: Question, traffic: Traffic, **cell: object) -> Cell:
    return Cell(traffic.calls, link_if(traffic.calls, q, "calls", cell))


# --- Tables ---------------------------------------------------------------------------------------------------------
def people(q: Question, first: int | None = None) -> Table:
    """`first`: no more rows than that are made, of 2,000 people."""
    lines = figures.people(q)
    most = most_blamed(lines)
    return Table(
        "people",
        _("Who calls colleagues' clients"),
        [_("Employee"), pgettext("column", "Calls"), *outcome_titles()],
        [
            [
                Cell(line.name, partial(person_at, q, line.id)),
                calls_cell(q, line.traffic, caller=line.id),
                *outcome_cells(q, line.counts, most, caller=line.id),
            ]
            for line in lines[:first]
        ],
        if_empty=_("Nobody called in this time."),
        left_out=0 if first is None else max(0, len(lines) - first),
    )


def departments(q: Question) -> Table:
    lines = figures.by_department(q)
    most = most_blamed(lines)
    return Table(
        "departments",
        _("By department"),
        [_("Department"), pgettext("column", "Calls"), *outcome_titles()],
        [
            [
                Cell(line.name, indent=min(line.depth, DEEPEST)),
                calls_cell(q, line.traffic, department=line.id),
                *outcome_cells(q, line.counts, most, department=line.id),
            ]
            for line in lines
        ],
        _("A department's people include those of the departments below it; who belongs to two is counted in both."),
        _("The mirror knows no department of these people."),
    )


def tiers(q: Question) -> Table:
    return of_lines(q, "tiers", _("How the client was found"), _("Step"), "tier", figures.by_tier(q))


def statuses(q: Question) -> Table:
    title = _("By the client's status at that moment")
    return of_lines(q, "statuses", title, _("Status"), "status", figures.by_status(q))


def hours(q: Question, lines: Sequence[shapes.Line]) -> Table:
    return of_lines(q, "hours", _("By hour of the day"), _("Hour"), "hour", lines)


def of_lines(q: Question, code: str, title: str, over: str, field: str, lines: Sequence[shapes.Line]) -> Table:
    most = most_blamed(lines)
    rows = [[Cell(line.name), *outcome_cells(q, line.counts, most, **{field: line.key})] for line in lines]
    return Table(code, title, [over, *outcome_titles()], rows, if_empty=_("No conflicts in this time."))


def grounds(q: Question) -> Table:
    lines = figures.by_ground(q)
    most = max((line.conflicts for line in lines), default=0)
    return Table(
        "grounds",
        _("Why conflicts were excused"),
        [_("Ground"), pgettext("column", "Conflicts")],
        [
            [
                Cell(line.name),
                Cell(line.conflicts, calls_at(q, "ground", ground=line.ground), bar=share(line.conflicts, most)),
            ]
            for line in lines
        ],
        _("Excused conflicts blame nobody. One may have several grounds."),
        _("Nothing was excused in this time."),
    )


def contested(q: Question) -> Table:
    return Table(
        "contested",
        _("Contested numbers"),
        [_("Number"), pgettext("column", "Calls"), _("Callers"), _("Last call")],
        [
            [
                Cell(line.number, calls_at(q, "contested", number=line.number)),
                Cell(line.calls),
                Cell(line.callers),
                Cell(date_format(localtime(line.last_at), "SHORT_DATETIME_FORMAT")),
            ]
            for line in figures.contested_numbers(q)
        ],
        _("They belong to several clients with different responsibles: put them right in the portal."),
        _("Nobody called a number that belongs to several responsibles."),
    )


def takeovers(q: Question) -> Table:
    return Table(
        "takeovers",
        _("Whose clients went to whom"),
        [_("Called"), _("Was responsible"), pgettext("column", "Clients")],
        [
            [
                Cell(line.caller.name),
                Cell(line.responsible.name),
                Cell(line.takeovers, partial(calls_at, q, "takeovers", **pair(line.caller, line.responsible))),
            ]
            for line in figures.takeovers(q)
        ],
        _("After a conflict the caller became responsible for the client."),
        _("No client changed hands after a conflict."),
    )


def matrix(q: Question) -> Table:
    """The last column sums the row up."""
    found = figures.matrix(q)
    most = max((count for row in found.cells for count in row), default=0)
    rows = []
    for caller, counts in zip(found.callers, found.cells, strict=True):
        cells = [
            Cell(count or None, link_if(count, q, found.figure, pair(caller, responsible)), heat=heat_of(count, most))
            for responsible, count in zip(found.responsibles, counts, strict=True)
        ]
        whole = sum(counts)
        total = Cell(whole, link_if(whole, q, found.figure, {"caller": caller.key}))
        rows.append([Cell(caller.name, named_at(q, caller)), *cells, total])
    return Table(
        "matrix",
        _("Who called whose clients"),
        [_("Called ↓ · Responsible →"), *(head.name for head in found.responsibles), _("Total")],
        rows,
        _("Rows: who called. Columns: who was responsible at that moment. The more, the darker."),
        _("No conflicts in this time."),
    )


def pair(caller: Head, responsible: Head) -> dict[str, object]:
    return {"caller": caller.key, "responsible": NOBODY if responsible.key is None else responsible.key}


def named_at(q: Question, head: Head) -> Link:
    return partial(person_at, q, head.key) if isinstance(head.key, int) else ""


def weeks(q: Question, trend: Sequence[shapes.Week]) -> Table:
    """The trend in figures: the whole time up to the question's last day."""
    return Table(
        "weeks",
        _("Conflicts by week, since the start"),
        [_("Week"), pgettext("column", "Calls"), str(FIGURES["unseen"]), *outcome_titles()],
        [
            [
                Cell(week_name(week)),
                calls_cell(q, week.traffic, week=week.first),
                Cell(week.counts.unseen, link_if(week.counts.unseen, q, "unseen", {"week": week.first})),
                *outcome_cells(q, week.counts, None, week=week.first),
            ]
            for week in trend
        ],
        if_empty=_("No calls yet."),
    )


def week_name(week: shapes.Week) -> str:
    last = week.first + timedelta(days=6)
    return f"{date_format(week.first, 'SHORT_DATE_FORMAT')} – {date_format(last, 'SHORT_DATE_FORMAT')}"


TABLES: dict[str, Callable[[Question], Table]] = {
    "people": people,
    "departments": departments,
    "tiers": tiers,
    "statuses": statuses,
    "hours": lambda q: hours(q, figures.by_hour(q)),
    "grounds": grounds,
    "contested": contested,
    "takeovers": takeovers,
    "matrix": matrix,
    "weeks": lambda q: weeks(q, figures.trend(q)),
}
