"""The line of filters: what can be chosen, what is, and links to other periods. Everything stands in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from callguard.dashboard.words import EXCUSED, PERIODS
from callguard.reports import choices
from callguard.reports.question import Question

SELECTED = mark_safe(" selected")


@dataclass(frozen=True)
class Field:
    """A list to choose from. `options` is made at once: with 2,000 people a template's loop is slow."""

    name: str
    title: str
    options: SafeString


@dataclass(frozen=True)
class Period:
    title: str
    query: str
    chosen: bool


def periods(q: Question, **more: object) -> list[Period]:
    return [Period(str(title), replace(q, period=code).query(**more), q.period == code) for code, title in PERIODS]


def fields(q: Question, *, of_a_person: bool = False) -> list[Field]:
    """`of_a_person`: on the page of one, who is not chosen."""
    about_conflicts = [
        Field("status", _("Client's status"), options([("", _("any")), *choices.statuses()], q.status)),
        Field("excused", _("Conflicts"), options(EXCUSED, q.excused)),
    ]
    if of_a_person:
        return about_conflicts
    departments = [(str(part.id), "\N{NO-BREAK SPACE}" * 3 * part.depth + part.name) for part in choices.departments(q)]
    people = [(str(one.id), one.name or f"ID {one.id}") for one in choices.people(q)]
    return [
        Field("department", _("Department"), options([("", _("all")), *departments], shown(q.department))),
        Field("person", _("Employee"), options([("", _("all")), *people], shown(q.person))),
        *about_conflicts,
    ]


def shown(chosen: int | None) -> str:
    return "" if chosen is None else str(chosen)


def options(known: Iterable[tuple[str, object]], chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((code, SELECTED if code == chosen else "", title) for code, title in known),
    )
