"""What a verdict rested on, as it is kept with its call: out of a Verdict and back into one, language-free. Pure.

The explanation on a conflict's page and the back-test of new rules read it; the CRM of today is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callguard.verdict import (
    Caller,
    Candidate,
    Contact,
    Finding,
    Outcome,
    Person,
    Reason,
    Rule,
    Status,
    Step,
    Tier,
    Verdict,
)

Evidence = Mapping[str, Any]


def evidence_of(verdict: Verdict, caller: Caller) -> dict[str, Any]:
    """JSON-ready: `caller` {id, substitutes}, `decisive` (index in the last step or None), `steps` as looked at."""
    last = verdict.steps[-1].findings if verdict.steps else ()
    return {
        "caller": {"id": caller.id, "substitutes": sorted(caller.substitutes)},
        "reason": str(verdict.reason),
        "rules_version": verdict.rules_version,
        "decisive": next((n for n, finding in enumerate(last) if finding is verdict.decisive), None),
        "steps": [
            {"tier": str(step.tier), "found": [_kept_finding(found) for found in step.findings]}
            for step in verdict.steps
        ],
    }


def verdict_of(evidence: Evidence) -> Verdict:
    """The verdict that was given, with all its steps."""
    steps = tuple(_step(step) for step in evidence["steps"])
    decisive = None if evidence["decisive"] is None else steps[-1].findings[evidence["decisive"]]
    return Verdict(Reason(evidence["reason"]), evidence["rules_version"], decisive, steps)


def caller_of(evidence: Evidence) -> Caller:
    return Caller(evidence["caller"]["id"], frozenset(evidence["caller"]["substitutes"]))


def candidates_of(evidence: Evidence) -> list[Candidate]:
    """The entities of the deciding step, for other rules to judge: which step decides does not depend on rules."""
    return [finding.candidate for step in verdict_of(evidence).steps for finding in step.findings]


def _kept_finding(found: Finding) -> dict[str, Any]:
    """By hand: dataclasses.asdict copies everything deeply, and a phone is ringing."""
    candidate, rule, outcome = found.candidate, found.rule, found.outcome
    return {
        "candidate": {
            "tier": candidate.tier,
            "id": candidate.id,
            "title": candidate.title,
            "responsible": _fields_of(candidate.responsible),
            "status": _fields_of(candidate.status),
            "contact": candidate.contact
            and {**_fields_of(candidate.contact), "responsible": _fields_of(candidate.contact.responsible)},
        },
        "rule": _fields_of(rule),
        "outcome": _fields_of(outcome),
    }


def _fields_of(row: Any) -> Any:
    """A dataclass's own fields, not theirs; None of none."""
    return row and {name: getattr(row, name) for name in row.__slots__}


def _step(kept: Evidence) -> Step:
    return Step(Tier(kept["tier"]), tuple(_finding(found) for found in kept["found"]))


def _finding(kept: Evidence) -> Finding:
    rule, outcome = kept["rule"], kept["outcome"]
    return Finding(
        _candidate(kept["candidate"]),
        rule and Rule(**{**rule, "tier": Tier(rule["tier"])}),
        Outcome(
            Reason(outcome["reason"]),
            outcome["claim"] and Reason(outcome["claim"]),
            outcome["palette"],
            outcome["severity"],
        ),
    )


def _candidate(kept: Evidence) -> Candidate:
    contact = kept["contact"]
    return Candidate(
        Tier(kept["tier"]),
        kept["id"],
        kept["title"],
        _person(kept["responsible"]),
        kept["status"] and Status(**kept["status"]),
        contact and Contact(contact["id"], contact["title"], _person(contact["responsible"])),
    )


def _person(kept: Evidence | None) -> Person | None:
    return Person(**kept) if kept else None
