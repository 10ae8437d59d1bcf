"""Why the verdict is what it is, tier by tier: for supervisors, the command and the admin probe, never for the card."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from callguard import messages
from callguard.verdict import Candidate, Finding, Outcome, Reason, Rule, Step, Tier, Verdict


def steps(verdict: Verdict) -> list[dict[str, Any]]:
    """The tiers looked at, JSON-ready: `found` entities with rule and outcome, and `stopped`: why there, or None."""
    return [
        {
            "tier": str(step.tier),
            "found": [_finding_json(finding, finding is verdict.decisive) for finding in step.findings],
            "stopped": why_stopped(step, verdict),
        }
        for step in verdict.steps
    ]


def _finding_json(finding: Finding, decisive: bool) -> dict[str, Any]:
    candidate, outcome = finding.candidate, finding.outcome
    return {
        "id": candidate.id,
        "title": candidate.title,
        "contact": candidate.contact and {"id": candidate.contact.id, "title": candidate.contact.title},
        "responsible": candidate.responsible
        and {"id": candidate.responsible.id, "name": messages.name_of(candidate.responsible)},
        "status": candidate.status and {"id": candidate.status.value, "name": candidate.status.name},
        "rule": finding.rule and rule_words(finding.rule, candidate),
        "outcome": {
            "colour": outcome.palette or "none",
            "reason": str(outcome.reason),
            "own": bool(outcome.claim),
            "words": outcome_words(outcome),
        },
        "decisive": decisive,
    }


def why_stopped(step: Step, verdict: Verdict) -> str | None:
    """None while the search went on."""
    if step is not verdict.steps[-1]:
        return None
    if step.findings:
        return _("Something was found, so the steps after this one are not looked at.")
    return _("That was the last step: nothing was found.")


def lines(verdict: Verdict) -> list[str]:
    """The same as text, a line each."""
    said = []
    for position, step in enumerate(verdict.steps, start=1):
        said.append(f"{position}. {tier_words(step.tier)}: {_found_words(step)}")
        said += [f"   {_mark(finding, verdict)} {finding_words(finding)}" for finding in step.findings]
        if stopped := why_stopped(step, verdict):
            said.append(f"   {stopped}")
    if verdict.contested:
        said.append(_("The number is contested: these have different responsibles."))
    return said


def _mark(finding: Finding, verdict: Verdict) -> str:
    return "→" if finding is verdict.decisive else "–"


def _found_words(step: Step) -> str:
    return _("found: %(count)s") % {"count": len(step.findings)} if step.findings else _("nothing found")


def finding_words(finding: Finding) -> str:
    """An entity with its responsible, status, rule and outcome."""
    candidate = finding.candidate
    return _(
        "%(client)s, ID %(id)s; responsible: %(responsible)s; status: %(status)s; rule: %(rule)s; outcome: %(outcome)s"
    ) % {
        "client": messages.client(candidate),
        "id": candidate.id,
        "responsible": messages.responsible_of(candidate),
        "status": candidate.status.name if candidate.status else _("none"),
        "rule": rule_words(finding.rule, candidate) if finding.rule else _("none"),
        "outcome": outcome_words(finding.outcome),
    }


def rule_words(rule: Rule, candidate: Candidate) -> str:
    """E.g. “В работе” → red."""
    condition = {"none": _("no status"), "any": _("any status")}.get(rule.match) or (
        candidate.status.name if candidate.status else ""
    )
    words = {"condition": condition, "colour": rule.palette or _("no colour")}
    if rule.applies_to_own:
        return _("“%(condition)s” → %(colour)s, own clients too") % words
    return _("“%(condition)s” → %(colour)s") % words


def outcome_words(outcome: Outcome) -> str:
    if outcome.palette:
        return outcome.palette
    return _("no colour, %(why)s") % {"why": _why_unpainted(outcome.reason)}


def _why_unpainted(reason: Reason) -> str:
    return {
        Reason.OWN_CLIENT: _("the caller's own client"),
        Reason.SUBSTITUTED_CLIENT: _("the caller stands in for the responsible"),
        Reason.WAITING: _("the rule gives this status no colour"),
        Reason.NO_STATUS: _("it has no status"),
        Reason.NO_RULE: _("there is no rule for it"),
    }[reason]


def tier_words(tier: Tier) -> str:
    return {
        Tier.COMPANY: _("Companies with this number"),
        Tier.COMPANY_CONTACT: _("Companies whose contact has this number"),
        Tier.CONTACT: _("Contacts with this number and no company"),
        Tier.LEAD: _("Leads with this number"),
    }[tier]
