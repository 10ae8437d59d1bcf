"""The demo's phone book: numbers of the mirror, grouped by what the chosen employee would see on dialling them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callguard.answer import Answer, verdict_for
from callguard.verdict import Reason, Tier
from crm_mirror.models import EntityType, PhoneNumber, UnreadablePhone

MOST_NUMBERS = 80  # of each kind in the mirror; each costs one query
MOST_IN_GROUP = 12
UNKNOWN = "+79990000000"  # from the end of a range that no operator gives out


@dataclass(frozen=True)
class Entry:
    """One line: the text to dial and the answer it gets. `note` says why the line is worth trying."""

    phone: str
    answer: Answer
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        told = self.answer.as_dict()
        palette = told["palette"] or {}
        return {
            "phone": self.phone,
            "name": subscriber(told),
            "note": self.note,
            "colour": palette.get("label", ""),
            "background": palette.get("background", ""),
        }


def subscriber(told: dict[str, Any]) -> str:
    """Whom the number belongs to, as the CRM calls them; in tier 2 the contact and the company."""
    entity, contact = told["entity"], told["contact"]
    if entity is None:
        return ""
    return f"{contact['title']}, {entity['title']}" if contact else str(entity["title"])


def _foreign(answer: Answer, tier: Tier) -> bool:
    return answer.verdict.reason is Reason.FOREIGN_CLIENT and answer.verdict.tier is tier


def _alone(belongs: Callable[[Answer], bool]) -> Callable[[Answer], bool]:
    return lambda answer: answer.verdict.matches == 1 and belongs(answer)


Group = tuple[Any, Callable[[Answer], bool]]
PAINTED: list[Group] = [
    (gettext_lazy("A colleague's client: the company's number"), _alone(lambda a: _foreign(a, Tier.COMPANY))),
    (gettext_lazy("A colleague's client: a contact's number"), _alone(lambda a: _foreign(a, Tier.COMPANY_CONTACT))),
    (
        gettext_lazy("Contacts without a company"),
        _alone(lambda a: a.verdict.reason is Reason.STANDALONE_CONTACT),
    ),
    (gettext_lazy("Leads"), _alone(lambda a: a.verdict.reason is Reason.KNOWN_LEAD)),
    (gettext_lazy("One number, several clients"), lambda a: a.verdict.matches > 1),
]
UNPAINTED: list[Group] = [
    (gettext_lazy("Own clients: no colour"), lambda a: a.verdict.own),
    (gettext_lazy("Free to work with: no colour"), lambda a: a.verdict.decisive is not None),
    (gettext_lazy("Carried only by what does not count: deleted, our own legal entities"), lambda a: True),
]
GROUPS = [*PAINTED, *UNPAINTED]


def groups(caller_id: int, *, at: datetime, language: str) -> list[dict[str, Any]]:
    """`[{"title": …, "entries": [Entry as JSON, …]}, …]`, empty groups left out. A query a number, at most 240."""

    def ask(phone: str, note: str = "") -> Entry:
        return Entry(phone, verdict_for(phone, caller_id=caller_id, at=at, language=language), note)

    entries = [ask(readable(number)) for number in _mirrored_numbers()]
    sorted_in: list[tuple[str, list[Entry]]] = [(str(title), []) for title, _belongs in GROUPS]
    for entry in entries:
        place = next(i for i, (_title, belongs) in enumerate(GROUPS) if belongs(entry.answer))
        sorted_in[place][1].append(entry)
    painted = next((entry for entry in entries if entry.answer.verdict.colour != "none"), None)
    sorted_in.insert(
        len(PAINTED), (_("The same number, written otherwise"), [ask(*spelt) for spelt in spellings(painted)])
    )
    sorted_in.append((_("Nobody's numbers: no colour"), [ask(*odd) for odd in _oddities()]))
    return [
        {"title": title, "entries": [entry.as_json() for entry in found[:MOST_IN_GROUP]]}
        for title, found in sorted_in
        if found
    ]


def _mirrored_numbers() -> list[str]:
    """Those of the oldest entities of each kind."""
    by_age = PhoneNumber.objects.order_by("entity_id").values_list("e164", flat=True)
    return list(dict.fromkeys(e164 for kind in EntityType for e164 in by_age.filter(entity_type=kind)[:MOST_NUMBERS]))


def readable(number: str) -> str:
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(number), style)


def spellings(painted: Entry | None) -> Iterator[tuple[str, str]]:
    """Ways in which people write a Russian number; the portal's records and cards know them all."""
    number = painted.answer.number if painted else None
    if number is None or not number.startswith("+7") or len(number) != len("+79161234567"):
        return
    code, first, rest, last = number[2:5], number[5:8], number[8:10], number[10:]
    yield f"8 ({code}) {first}-{rest}-{last}", ""
    yield f"8{code}{first}{rest}{last}", ""
    yield f"{number},,12", _("with an extension")
    yield f"тел. 8 {code} {first}{rest}{last} доб. 5", _("with words around it")


def _oddities() -> Iterator[tuple[str, str]]:
    yield readable(UNKNOWN), _("in no record")
    yield "hidden", _("the number is hidden")
    yield "101", _("a colleague's extension")
    for value in UnreadablePhone.objects.order_by("id").values_list("value", flat=True)[:4]:
        yield value, _("stands in the CRM like this: kept for cleaning")
