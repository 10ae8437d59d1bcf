"""May this caller work with this subscriber? Candidates, caller and rules in, a verdict out (verdict.md §2–3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """The four steps of the search, in order."""

    COMPANY = "company"
    COMPANY_CONTACT = "company_contact"
    CONTACT = "contact"
    LEAD = "lead"


class Reason(StrEnum):
    """Stable codes; other people's scripts compare them."""

    FOREIGN_CLIENT = "foreign_client"
    OWN_CLIENT = "own_client"
    SUBSTITUTED_CLIENT = "substituted_client"
    WAITING = "waiting"
    NO_STATUS = "no_status"
    NO_RULE = "no_rule"
    STANDALONE_CONTACT = "standalone_contact"
    KNOWN_LEAD = "known_lead"
    UNKNOWN_NUMBER = "unknown_number"
    HIDDEN_NUMBER = "hidden_number"
    INTERNAL_NUMBER = "internal_number"
    MIRROR_EMPTY = "mirror_empty"


class Policy(StrEnum):
    """What several entities behind one number say together (SHARED_NUMBER_POLICY)."""

    STRICTEST = "strictest"
    OWN_FIRST = "own_first"


NO_COLOUR = "none"
PAINTED = {
    Tier.COMPANY: Reason.FOREIGN_CLIENT,
    Tier.COMPANY_CONTACT: Reason.FOREIGN_CLIENT,
    Tier.CONTACT: Reason.STANDALONE_CONTACT,
    Tier.LEAD: Reason.KNOWN_LEAD,
}
UNPAINTED = (Reason.OWN_CLIENT, Reason.SUBSTITUTED_CLIENT, Reason.WAITING, Reason.NO_STATUS, Reason.NO_RULE)


@dataclass(frozen=True, slots=True)
class Person:
    """A responsible. `name` is None when the mirror knows no such employee, which is normal (integrators, bots)."""

    id: int
    name: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Status:
    """`value` as the portal stores it; `row_id` is what rules point at, None for a value the reference lacks."""

    value: str
    name: str
    row_id: int | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whoever led to a company in tier 2."""

    id: int
    title: str
    responsible: Person | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live entity behind the number. `id` is the portal's, that of the company in tiers 1 and 2."""

    tier: Tier
    id: int
    title: str
    responsible: Person | None = None
    status: Status | None = None
    contact: Contact | None = None

    @property
    def responsible_id(self) -> int | None:
        return self.responsible.id if self.responsible else None


@dataclass(frozen=True, slots=True)
class Rule:
    """`match`: one (this status), none (no status) or any (whatever no other rule names). No palette: no colour."""

    tier: Tier
    match: str
    status_row_id: int | None
    palette: str | None
    severity: int
    applies_to_own: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    version: int
    rules: tuple[Rule, ...]

    def rule_for(self, tier: Tier, status: Status | None) -> Rule | None:
        """The rule that names the status, else the one for whatever no other rule names."""
        named = [rule for rule in self.rules if rule.tier == tier and rule.match != "any" and _names(rule, status)]
        return next(iter([*named, *(rule for rule in self.rules if rule.tier == tier and rule.match == "any")]), None)


def _names(rule: Rule, status: Status | None) -> bool:
    if status is None:
        return rule.match == "none"
    return rule.match == "one" and status.row_id is not None and rule.status_row_id == status.row_id


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and for whom he stands in today."""

    id: int
    substitutes: frozenset[int] = frozenset()

    def claim_on(self, responsible_id: int | None) -> Reason | None:
        if responsible_id == self.id:
            return Reason.OWN_CLIENT
        return Reason.SUBSTITUTED_CLIENT if responsible_id in self.substitutes else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one entity says about this caller: a palette with its severity, or the reason for none."""

    reason: Reason
    claim: Reason | None = None  # own or substituted, painted or not
    palette: str | None = None
    severity: int = -1

    @property
    def excuses(self) -> bool:
        """Whether the caller's claim kept the colour away."""
        return self.palette is None and self.claim is not None


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate with the rule that met it and what came of it."""

    candidate: Candidate
    rule: Rule | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Step:
    """A tier that was looked at. The search stops at the first that found something."""

    tier: Tier
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`decisive` is None when nothing was found; `steps` explain it."""

    reason: Reason
    rules_version: int
    decisive: Finding | None = None
    steps: tuple[Step, ...] = ()

    @property
    def colour(self) -> str:
        return (self.decisive and self.decisive.outcome.palette) or NO_COLOUR

    @property
    def tier(self) -> Tier | None:
        return self.decisive.candidate.tier if self.decisive else None

    @property
    def own(self) -> bool:
        return bool(self.decisive and self.decisive.outcome.claim)

    @property
    def matches(self) -> int:
        return len(self.steps[-1].findings) if self.steps else 0

    @property
    def contested(self) -> bool:
        last = self.steps[-1].findings if self.steps else ()
        return len({finding.candidate.responsible_id for finding in last}) > 1


def decide(
    candidates: Iterable[Candidate], caller: Caller, rules: RuleSet, *, policy: Policy = Policy.STRICTEST
) -> Verdict:
    """The first tier with at least one entity decides, even when its outcome is no colour."""
    by_tier: dict[Tier, list[Candidate]] = {}
    for candidate in candidates:
        by_tier.setdefault(candidate.tier, []).append(candidate)
    steps: list[Step] = []
    for tier in Tier:
        found = _each_once(by_tier.get(tier, ()))
        steps.append(Step(tier, tuple(finding_of(candidate, caller, rules, policy) for candidate in found)))
        if found:
            decisive = _decisive(steps[-1].findings, policy)
            return Verdict(decisive.outcome.reason, rules.version, decisive, tuple(steps))
    return Verdict(Reason.UNKNOWN_NUMBER, rules.version, None, tuple(steps))


def unasked(reason: Reason, rules: RuleSet) -> Verdict:
    """The verdict when there was nothing to look for (no number) or nowhere to look (an empty mirror)."""
    return Verdict(reason, rules.version)


def finding_of(candidate: Candidate, caller: Caller, rules: RuleSet, policy: Policy = Policy.STRICTEST) -> Finding:
    rule = rules.rule_for(candidate.tier, candidate.status)
    return Finding(candidate, rule, outcome_of(candidate, caller, rule, policy))


def outcome_of(candidate: Candidate, caller: Caller, rule: Rule | None, policy: Policy) -> Outcome:
    """What one entity of the deciding tier says about this caller. Under own_first an own one never has a colour."""
    claim = caller.claim_on(candidate.responsible_id)
    paints_own = rule is not None and rule.applies_to_own and policy is not Policy.OWN_FIRST
    if claim and not paints_own:
        return Outcome(claim, claim)
    if rule is None:
        return Outcome(Reason.NO_RULE, claim)
    if rule.palette is None:
        return Outcome(Reason.WAITING if candidate.status else Reason.NO_STATUS, claim)
    reason = PAINTED[candidate.tier]
    if claim and reason is Reason.FOREIGN_CLIENT:
        reason = claim  # a rule that paints own companies too does not make them somebody else's
    return Outcome(reason, claim, rule.palette, rule.severity)


def _each_once(candidates: Sequence[Candidate]) -> list[Candidate]:
    """By portal ID; a company that several contacts lead to counts once, through the contact with the lowest ID."""
    ordered = sorted(candidates, key=lambda c: (c.id, c.contact.id if c.contact else 0))
    return list({candidate.id: candidate for candidate in reversed(ordered)}.values())[::-1]


def _decisive(findings: Sequence[Finding], policy: Policy) -> Finding:
    """The strictest, the lowest portal ID among equals; under own_first an own entity, when there is one."""
    painted = [finding for finding in findings if finding.outcome.palette]
    excused = policy is Policy.OWN_FIRST and any(finding.outcome.excuses for finding in findings)
    if painted and not excused:
        return max(painted, key=lambda finding: finding.outcome.severity)  # max keeps the first of equals
    unpainted = [finding for finding in findings if not finding.outcome.palette]
    return min(unpainted, key=lambda finding: UNPAINTED.index(finding.outcome.reason))
