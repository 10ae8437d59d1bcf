"""A phone and a caller → the complete verdict (verdict.md §3): the one path of API, command, probe and demo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from callguard import explanation, lookup, messages, rules
from callguard.palettes import palette_json, values_of
from callguard.verdict import (
    NO_COLOUR,
    Caller,
    Candidate,
    Contact,
    Person,
    Policy,
    Reason,
    RuleSet,
    Tier,
    Verdict,
    decide,
    unasked,
)
from crm_mirror.phones import Kind, Parsed, numbers_in

ENTITY_TYPE = {
    Tier.COMPANY: "company",
    Tier.COMPANY_CONTACT: "company",
    Tier.CONTACT: "contact",
    Tier.LEAD: "lead",
}
NUMBERLESS = {
    Kind.HIDDEN: Reason.HIDDEN_NUMBER,
    Kind.INTERNAL: Reason.INTERNAL_NUMBER,
    Kind.UNREADABLE: Reason.UNKNOWN_NUMBER,
}


class CallerRefused(Exception):
    """The caller is nobody whose calls are judged. `code` is stable."""

    code = ""

    def __init__(self, caller_id: int) -> None:
        super().__init__(f"{self.code}: {caller_id}")
        self.caller_id = caller_id


class CallerUnknown(CallerRefused):
    """The mirror knows no such employee though it has seen the portal's people."""

    code = "employee-unknown"


class CallerDismissed(CallerRefused):
    """The employee no longer works here."""

    code = "employee-dismissed"


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings a verdict depends on. `stale_after` in seconds; `portal_origin` "" when there is no portal.

    Before `colours_since` calls are judged and recorded, and their cards keep the portal's colours: what is to be
    compared with later. None: colours are shown, always were.
    """

    region: str = "RU"
    stale_after: int = 900
    policy: Policy = Policy.STRICTEST
    portal_origin: str = ""
    colours_since: date | None = None


def terms_in_force() -> Terms:
    """From the settings; doors read them and hand them in."""
    return Terms(
        region=settings.PHONE_REGION,
        stale_after=settings.MIRROR_STALE_AFTER,
        policy=Policy(settings.SHARED_NUMBER_POLICY),
        portal_origin=settings.PORTAL_ORIGIN,
        colours_since=settings.COLOURS_SINCE,
    )


@dataclass(frozen=True)
class Answer:
    """A verdict with all that is needed to tell it."""

    verdict: Verdict
    parsed: Parsed
    found: lookup.Found
    caller: Caller
    direction: str
    terms: Terms
    at: datetime
    language: str

    @property
    def number(self) -> str | None:
        """The number looked up; of several on one card the first, though all were."""
        return self.parsed.numbers[0] if self.parsed.numbers else None

    @property
    def shown(self) -> bool:
        """Whether the card may show the colour on this day."""
        since = self.terms.colours_since
        return since is None or timezone.localdate(self.at) >= since

    @property
    def mirror_age(self) -> int | None:
        """Seconds since the oldest of the last complete passes."""
        return None if self.found.synced_at is None else max(0, int((self.at - self.found.synced_at).total_seconds()))

    @cached_property
    def explanation(self) -> list[dict[str, Any]]:
        """The steps, for supervisors: JSON-ready, never sent to the card."""
        with translation.override(self.language):
            return explanation.steps(self.verdict)

    def as_dict(self) -> dict[str, Any]:
        """The fields of verdict.md §3, JSON-ready, in their order."""
        decisive = self.verdict.decisive.candidate if self.verdict.decisive else None
        with translation.override(self.language):
            return {
                "colour": self.verdict.colour,
                "tier": self.verdict.tier and str(self.verdict.tier),
                "own": self.verdict.own,
                "reason": str(self.verdict.reason),
                "message": messages.sentence(self.verdict),
                "entity": decisive and self._entity(decisive),
                "contact": decisive and self._contact(decisive.contact),
                "responsible": decisive and person_json(decisive.responsible),
                "status": status_json(decisive),
                "matches": self.verdict.matches,
                "contested": self.verdict.contested,
                "palette": self._palette(),
                "mirror": self._mirror(),
                "rules_version": self.verdict.rules_version,
                "number": self.number,
            }

    def for_card(self) -> dict[str, Any]:
        """As `as_dict`, without the colour while none is to be shown."""
        return veiled(self.as_dict(), shown=self.shown)

    def _entity(self, candidate: Candidate) -> dict[str, Any]:
        kind = ENTITY_TYPE[candidate.tier]
        return {"type": kind, "id": candidate.id, "title": candidate.title, "url": self._url(kind, candidate.id)}

    def _contact(self, contact: Contact | None) -> dict[str, Any] | None:
        if contact is None:
            return None
        return {
            "id": contact.id,
            "title": contact.title,
            "url": self._url("contact", contact.id),
            "responsible": person_json(contact.responsible),
        }

    def _url(self, kind: str, portal_id: int) -> str | None:
        origin = self.terms.portal_origin
        return f"{origin}/crm/{kind}/details/{portal_id}/" if origin else None

    def _palette(self) -> dict[str, Any] | None:
        if self.verdict.colour == NO_COLOUR:
            return None
        look = rules.looks(self.found.palettes_stamp)[self.verdict.colour]
        return palette_json(values_of(look), code=look.code, version=look.version, language=self.language)

    def _mirror(self) -> dict[str, Any]:
        synced_at, age = self.found.synced_at, self.mirror_age
        return {
            "synced_at": synced_at and synced_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "age_s": age,
            "fresh": age is not None and age <= self.terms.stale_after,
        }


def veiled(given: dict[str, Any], *, shown: bool) -> dict[str, Any]:
    """What a card may know of a verdict: before colours are introduced, none."""
    return given if shown else {**given, "colour": NO_COLOUR, "palette": None, "message": ""}


def person_json(person: Person | None) -> dict[str, Any] | None:
    """One whom the mirror does not know is shown by ID and as not active: no call can be passed on to him."""
    if person is None:
        return None
    return {"id": person.id, "name": messages.name_of(person), "active": person.active}


def status_json(candidate: Candidate | None) -> dict[str, Any] | None:
    status = candidate.status if candidate else None
    return {"id": status.value, "name": status.name} if status else None


def verdict_for(
    phone: str,
    *,
    caller_id: int,
    direction: str = "outgoing",
    at: datetime,
    language: str | None = None,
    terms: Terms | None = None,
    call_id: str = "",
    day: date | None = None,
    ruled_by: RuleSet | None = None,
) -> Answer:
    """The verdict on the number for the caller at the moment, in one query. Raises CallerRefused.

    `terms` None: those in force. `call_id` also asks whether that call is already on record (`found.stored_by`).
    The direction colours nothing: it decides only whether a call on record is a conflict (callguard.calls).
    `day` and `ruled_by` are for trying: substitutions of another day, other rules than those in force.
    """
    terms = terms or terms_in_force()
    parsed = numbers_in(phone, terms.region)
    known = lookup.found(parsed.numbers, caller_id=caller_id, day=day or timezone.localdate(at), call_id=call_id)
    if ruled_by is not None:
        known = replace(known, rules=ruled_by)
    refuse_strangers(known, caller_id)
    caller = Caller(caller_id, known.substitutes)
    verdict = judged(parsed, known, caller, terms)
    return Answer(verdict, parsed, known, caller, direction, terms, at, spoken(language))


def judged(parsed: Parsed, known: lookup.Found, caller: Caller, terms: Terms) -> Verdict:
    """An incomplete mirror may judge by what it holds, but may not call a number unknown."""
    if parsed.kind is not Kind.NUMBER:
        return unasked(NUMBERLESS[parsed.kind], known.rules)
    if not known.candidates and known.synced_at is None:
        return unasked(Reason.MIRROR_EMPTY, known.rules)
    return decide(known.candidates, caller, known.rules, policy=terms.policy)


def refuse_strangers(known: lookup.Found, caller_id: int) -> None:
    """Before the first sync of people nobody is known, and nobody is refused for it."""
    if known.caller is None and known.people_synced:
        raise CallerUnknown(caller_id)
    if known.caller is not None and not known.caller.active:
        raise CallerDismissed(caller_id)


def spoken(language: str | None) -> str:
    """A language we speak: the one asked for ("en-GB" is "en"), else the default."""
    asked = (language or "").replace("_", "-").split("-")[0].lower()
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
