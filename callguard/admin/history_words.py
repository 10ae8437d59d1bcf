"""Lines of the history in words: who, where, why, and from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from callguard import palettes, substitutions
from callguard.access.roles import Role
from callguard.dispute_words import noted
from callguard.models import About, History, Origin, Substitution
from callguard.notices import choices
from callguard.rule_words import differences
from callguard.status.guard import Ground
from callguard.status.outcomes import REFUSED
from callguard.status.reference import OURS_IS_LATER
from callguard.status.standing import names_of_statuses
from crm_mirror.admin.pieces import NOTHING
from crm_mirror.models import Employee

GROUNDS: dict[str, StrOrPromise] = {  # a code without a word is shown as it is
    Ground.OWN_WRITE: _("set here before; it reached the portal only after the edit there"),
    Ground.GUARD_OFF: _("the guard on the status is off"),
    Ground.ADMINISTRATOR: _("by an administrator"),
    Ground.MANAGER: _("by the responsible's manager"),
    Ground.UNKNOWN_AUTHOR: _("nobody can tell who did it: doubtful"),
    Ground.LEFT_MEANWHILE: _("by somebody who has left since: doubtful"),
    Ground.MAY_BE_ADMINISTRATOR: _("by somebody who may be an administrator: doubtful"),
    Ground.NOT_ALLOWED: _("by somebody who may not"),
    Ground.FLAGS_ONLY: _("by somebody who may not: doubtful, for the guard only flags"),
    Ground.FIRST_STATUS: _("the company came with it"),
    OURS_IS_LATER: _("both sides had edited it: ours was later and stands"),
    REFUSED: _("the portal refused what was set: what it shows stands"),
}
ROLES: dict[str, StrOrPromise] = {
    Role.ADMINISTRATOR: _("administrator"),
    Role.SUPERVISOR: _("supervisor"),
    Role.EMPLOYEE: _("employee"),
    Role.NOBODY: _("no access"),
}
DATA: dict[str, StrOrPromise] = {"handed out": _("handed out"), "erased": _("erased")}  # callguard.privacy
PEOPLE = frozenset({"substitute_id", "substituted_id", "employee_id"})  # fields that hold a portal ID
DAYS = frozenset({"first_day", "last_day"})
FIELDS: dict[str, StrOrPromise] = {  # of the company statuses, and others that no model names
    "name": _("name"),
    "sort": _("order"),
    "colour": _("colour"),
    "retired": _("retired"),
    "withdrawn": _("was an error"),
    "data": _("personal data"),
    "in_portal": _("known to the portal"),
    "enabled": _("excuses"),
    "minutes": _("minutes"),
}
ORDER = (*palettes.LOOK, *substitutions.FACTS, *FIELDS)


@dataclass(frozen=True)
class Entry:
    """One line to be read. `changes`: a sentence for each thing that changed."""

    at: datetime
    about: str
    title: str
    changes: list[str]
    who: str
    where: str
    why: str


@dataclass(frozen=True)
class Names:
    """What IDs and values that lines speak of are called: statuses by value, people by portal ID."""

    statuses: Mapping[str, str]
    people: Mapping[int, str]

    @classmethod
    def of(cls, lines: Iterable[History]) -> Names:
        """Two queries, however many lines."""
        ids = {one for line in lines for side in (line.before, line.after) for one in _people_in(line, side)}
        return cls(
            names_of_statuses(), dict(Employee.objects.filter(portal_id__in=ids).values_list("portal_id", "name"))
        )

    def status(self, value: object) -> str:
        return gettext("no status") if value is None else self.statuses.get(str(value), str(value))

    def person(self, portal_id: object) -> str:
        if portal_id is None:
            return gettext("nobody")
        return self.people.get(portal_id, f"ID {portal_id}") if isinstance(portal_id, int) else str(portal_id)


def entries(lines: Sequence[History]) -> list[Entry]:
    names = Names.of(lines)
    return [entry(line, names) for line in lines]


def entry(line: History, names: Names) -> Entry:
    return Entry(
        at=line.at,
        about=line.get_about_display(),
        title=line.title or line.object_id,
        changes=changes_of(line, names),
        who=who(line),
        where=line.get_origin_display(),
        why=why(line),
    )


def who(line: History) -> str:
    """Whoever made the change; a program by its name."""
    if line.actor_name:
        return line.actor_name
    if line.actor_id:
        return f"ID {line.actor_id}"
    if line.ground == REFUSED:
        return gettext("the portal")
    ours = line.origin in (Origin.GUARD, Origin.NEWCOMERS) or line.ground == Ground.OWN_WRITE
    return "Call Guard" if ours else gettext("nobody knows who")


def why(line: History) -> str:
    return str(GROUNDS.get(line.ground, line.ground))


def changes_of(line: History, names: Names) -> list[str]:
    before, after = line.before, line.after
    if line.about == About.RULE and _are_rules(before) and _are_rules(after):
        return differences(before or [], after or []) or [gettext("the same rules, published again")]
    if line.about == About.CONFLICT and isinstance(after, dict):
        return [noted(before or {}, after)]
    if isinstance(before or after, dict) and isinstance(after or before, dict):
        return _fields_of(line.about, before or {}, after or {}, names)
    return [f"{value_words(line.about, '', before, names)} → {value_words(line.about, '', after, names)}"]


def _are_rules(rules: object) -> bool:
    return rules is None or (isinstance(rules, list) and all(isinstance(one, dict) and "tier" in one for one in rules))


def _fields_of(about: str, before: dict[str, Any], after: dict[str, Any], names: Names) -> list[str]:
    """A line for each field that is another now; what came or went as a whole says so first."""
    if not before or not after:
        word = gettext("removed") if before else gettext("added")
        whole = before or after
        fields = sorted(whole, key=place)
        return [word, *(f"{label(about, name)}: {value_words(about, name, whole[name], names)}" for name in fields)]
    changed = [name for name in sorted({**before, **after}, key=place) if before.get(name) != after.get(name)]
    return [
        f"{label(about, name)}: {value_words(about, name, before.get(name), names)}"
        f" → {value_words(about, name, after.get(name), names)}"
        for name in changed
    ]


def place(field: str) -> tuple[int, str]:
    """As on the page where the field is edited; PostgreSQL keeps no order. Unknown ones come last."""
    return (ORDER.index(field), "") if field in ORDER else (len(ORDER), field)


def label(about: str, field: str) -> str:
    """What a field is called, in the language that is active."""
    if about == About.PALETTE and field in palettes.LOOK:
        return palettes.name_of(field)
    if about == About.SUBSTITUTION and field in PEOPLE | DAYS:
        return str(Substitution._meta.get_field(field.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
    if about == About.NOTICES:
        return choices.name_of(field)
    return str(FIELDS.get(field, field))


def value_words(about: str, field: str, value: object, names: Names) -> str:
    """`field` "": the whole of what changed is the one value."""
    if field in PEOPLE or (about == About.RESPONSIBLE and not field):
        return names.person(value)
    if about == About.STATUS and not field:
        return names.status(value)
    if about == About.ROLE and isinstance(value, str):
        return str(ROLES.get(value, value))
    if about == About.NOTICES and (words := choices.value_words(field, value)):
        return words
    if about == About.PERSON and isinstance(value, str):
        return str(DATA.get(value, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field in DAYS and isinstance(value, str):
        return date_format(date.fromisoformat(value))
    return NOTHING if value in (None, "") else str(value)


def _people_in(line: History, side: object) -> Iterable[int]:
    if line.about == About.RESPONSIBLE and isinstance(side, int):
        return [side]
    if isinstance(side, dict):
        return [value for name, value in side.items() if name in PEOPLE and isinstance(value, int)]
    return []
