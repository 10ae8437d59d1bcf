"""A verdict told to a visitor of the demo: whom the portal's card would show, and step by step why this colour."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from callguard import messages
from callguard.answer import Answer
from callguard.demo.book import readable
from callguard.explanation import outcome_words, tier_words, why_stopped
from callguard.models import Palette
from callguard.verdict import Finding, Step, Tier, Verdict
from crm_mirror.models import Company, Contact, Employee, Lead

MODELS: dict[str, type[Company] | type[Contact] | type[Lead]] = {"company": Company, "contact": Contact, "lead": Lead}


def told(answer: Answer) -> dict[str, Any]:
    """`{"crm": whom the card shows or None, "facts": [text], "steps": [{name, state, text, found}]}`."""
    return {"crm": shown_client(answer.as_dict()), "facts": list(facts(answer)), "steps": steps(answer)}


def shown_client(verdict: dict[str, Any]) -> dict[str, Any] | None:
    """What the portal's own card says of the subscriber: the contact where there is one, and the responsible."""
    entity, contact, person = verdict["entity"], verdict["contact"], verdict["responsible"]
    if entity is None:
        return None
    shown, kind = (contact, "contact") if contact else (entity, entity["type"])
    position = Employee.objects.filter(portal_id=person["id"]).values_list("position", flat=True) if person else ()
    return {
        "type": kind.upper(),
        "id": shown["id"],
        "name": shown["title"],
        "post": entity["title"] if contact else "",
        "url": mirrored_page(kind, shown["id"]),
        "responsible": person and {"name": person["name"], "position": next(iter(position), "")},
    }


def mirrored_page(kind: str, portal_id: int) -> str:
    """The entity in this product's administration; the made-up portal has no pages of its own."""
    row = MODELS[kind].objects.filter(portal_id=portal_id).first()
    try:
        return reverse(f"admin:crm_mirror_{kind}_change", args=[row.pk]) if row else ""
    except NoReverseMatch:
        return ""


def facts(answer: Answer) -> list[str]:
    numbers = answer.parsed.numbers
    said = [_("Looked up: %(numbers)s") % {"numbers": ", ".join(map(readable, numbers))}] if numbers else []
    if answer.verdict.contested:
        said.append(_("Contested: different people are responsible"))
    said.append(_("Version of the rules: %(version)s") % {"version": answer.verdict.rules_version})
    return said


def steps(answer: Answer) -> list[dict[str, Any]]:
    """All four tiers, those that were not looked at as well."""
    looked = {step.tier: step for step in answer.verdict.steps}
    labels = {palette.code: str(getattr(palette, f"label_{answer.language}")) for palette in Palette.objects.all()}
    return [{"name": tier_words(tier), **_step(looked.get(tier), answer.verdict, labels)} for tier in Tier]


def _step(step: Step | None, verdict: Verdict, labels: dict[str, str]) -> dict[str, Any]:
    if step is None:
        return {"state": "skipped", "text": _("Not looked at."), "found": []}
    if not step.findings:
        return {"state": "empty", "text": _("Nothing found."), "found": []}
    found = [_finding(finding, labels) | {"decisive": finding is verdict.decisive} for finding in step.findings]
    return {"state": "decided", "text": why_stopped(step, verdict) or "", "found": found}


def _finding(finding: Finding, labels: dict[str, str]) -> dict[str, Any]:
    candidate, outcome = finding.candidate, finding.outcome
    lines = [
        candidate.contact and _("Contact: %(name)s") % {"name": candidate.contact.title},
        _("Responsible: %(name)s") % {"name": messages.responsible_of(candidate)},
        candidate.status and _("Status: %(name)s") % {"name": candidate.status.name},
        _("Outcome: %(what)s") % {"what": labels.get(outcome.palette or "", outcome_words(outcome))},
    ]
    return {"title": candidate.title, "lines": [line for line in lines if line]}
