"""What somebody asks of the figures, out of the address bar: which days, whose calls, which conflicts.

It is also the one place where rights narrow figures: `people` never holds anybody whose calls the actor may not see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min
from django.utils.translation import gettext as _

from callguard.access.actors import Actor
from callguard.models import CallTally
from callguard.reports.company import Company, company
from callguard.tallies.days import DAY, day_of
from callguard.tallies.refresh import standing_for_page
from crm_mirror.models import Status

PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}  # days, today included
ALL, DEFAULT_PERIOD = "all", "30"
EXCUSED = ("all", "no", "yes", "pending")
NO_STATUS = "-"  # conflicts whose client had none
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """`people` None: everybody, of administrators only. `status` "" and `excused` "all": whatever it was.

    Status and excused speak of conflicts; all calls beside them are those of the same days and people. Figures keep
    what they have read in the question: one question a request, and all of a page is of one moment.
    """

    first: date
    last: date
    people: frozenset[int] | None
    status: str = ""
    excused: str = "all"
    period: str = ""  # of PERIODS or ALL; "": the days were given
    department: int | None = None
    person: int | None = None
    scope: frozenset[int] | None = frozenset()  # everybody whom the actor may ask about; None as in `people`
    is_complete: bool = True  # False: calls are still being counted, figures may lag behind them
    notes: tuple[str, ...] = ()  # what of the address was not understood, in words
    company: Company = field(default_factory=lambda: Company({}, {}), compare=False, repr=False)
    memory: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # of reports.sources

    @classmethod
    def asked(cls, params: Parameters, actor: Actor, at: datetime) -> Question:
        """Whatever cannot be read or is not for the actor stays as if it had not been asked, and is noted.

        Counts the calls that are new since the last question. Else four queries, with a status or for the whole time
        another.
        """
        standing = standing_for_page()
        known = company()
        scope = None if actor.is_administrator else actor.sees
        notes: list[str] = []
        first, last, period = _days(params, day_of(at), notes)
        department, person, people = _whom(params, scope, known, notes)
        return cls(
            first=first,
            last=last,
            people=people,
            status=_status(params, notes),
            excused=_chosen(params, "excused", EXCUSED, "all", notes),
            period=period,
            department=department,
            person=person,
            scope=scope,
            is_complete=standing.is_complete,
            notes=tuple(notes),
            company=known,
        )

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def narrows_conflicts(self) -> bool:
        return bool(self.status) or self.excused != "all"

    @property
    def before(self) -> Question | None:
        """The same of as many days just before; None of the whole time."""
        if self.period == ALL:
            return None
        return replace(self, first=self.first - self.days * DAY, last=self.first - DAY, period="")

    @cached_property
    def stem(self) -> str:
        """`query()`, written once."""
        return self.query()

    def query(self, **more: object) -> str:
        """The address's query string that asks the same, defaults left out; `more` is added, None and "" left out."""
        given = self.period == ""
        params = {
            "from": self.first.isoformat() if given else "",
            "to": self.last.isoformat() if given else "",
            "period": "" if self.period == DEFAULT_PERIOD else self.period,
            "department": self.department,
            "person": self.person,
            "status": self.status,
            "excused": "" if self.excused == "all" else self.excused,
        }
        return urlencode({name: value for name, value in (params | more).items() if value not in (None, "")})


def _days(params: Parameters, today: date, notes: list[str]) -> tuple[date, date, str]:
    if params.get("from") or params.get("to"):
        first, last = _date(params.get("from")), _date(params.get("to"))
        last = min(last or today, today) if last or not params.get("to") else None
        first = first or (_first_day(today) if not params.get("from") else None)
        if first and last and first <= last:
            return max(first, date(2000, 1, 1)), last, ""
        notes.append(_("These days could not be read: the last 30 days are shown."))
        params = {}
    period = _chosen(params, "period", (*PERIODS, ALL), DEFAULT_PERIOD, notes)
    if period == ALL:
        return _first_day(today), today, period
    return today - (PERIODS[period] - 1) * DAY, today, period


def _date(text: object) -> date | None:
    try:
        found = date.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.year >= 2000 else None


def _first_day(today: date) -> date:
    """Of the first call that was ever tallied, on record or not."""
    first = CallTally.objects.aggregate(first=Min("day"))["first"]
    return min(first, today) if first else today


def _chosen(params: Parameters, name: str, known: tuple[str, ...], default: str, notes: list[str]) -> str:
    value = params.get(name) or default
    if value in known:
        return str(value)
    notes.append(_("Unknown value of “%(name)s”: it was left out.") % {"name": name})
    return default


def _whom(
    params: Parameters, scope: frozenset[int] | None, known: Company, notes: list[str]
) -> tuple[int | None, int | None, frozenset[int] | None]:
    """Department, person, and the people they come to within the scope. Not known and not his are said alike."""
    people, department = scope, _id(params.get("department"))
    if params.get("department"):
        found = known.people_of(department) if department is not None else frozenset()
        found = found if scope is None else found & scope
        if found:
            people = found
        else:
            department = None
            notes.append(_("No such department among those that you see: it was left out."))
    person = _id(params.get("person"))
    if params.get("person"):
        if person is not None and person in known.people and (people is None or person in people):
            people = frozenset({person})
        else:
            person = None
            notes.append(_("No such person among those that you see: it was left out."))
    return department, person, people


def _id(text: object) -> int | None:
    said = str(text or "")
    return int(said) if said.isascii() and said.isdigit() and int(said) < 2**63 else None


def _status(params: Parameters, notes: list[str]) -> str:
    value = str(params.get("status") or "")
    if value in ("", NO_STATUS) or Status.objects.filter(value=value).exists():
        return value
    notes.append(_("No such status: it was left out."))
    return ""
