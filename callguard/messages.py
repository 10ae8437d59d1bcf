"""Reason → one sentence that a person at the phone takes in at a glance, in the language that is active.

Names stand in the nominative after a colon or dash: no language of ours needs to decline them then.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from callguard.verdict import Candidate, Person, Reason, Tier, Verdict


def sentence(verdict: Verdict) -> str:
    """`message` of a verdict."""
    if verdict.decisive is None:
        return _unfound(verdict.reason)
    return SENTENCES[verdict.reason](verdict.decisive.candidate, verdict)


def _unfound(reason: Reason) -> str:
    return {
        Reason.UNKNOWN_NUMBER: _("The number is in no company, contact or lead."),
        Reason.HIDDEN_NUMBER: _("The number is hidden: there is nobody to look up."),
        Reason.INTERNAL_NUMBER: _("An internal number: a colleague, not a client."),
        Reason.MIRROR_EMPTY: _("The portal has not been read completely yet: nobody knows whose client this is."),
    }[reason]


def name_of(person: Person) -> str:
    """The name; the ID of one whom the mirror does not know (an integrator, a bot)."""
    return person.name or _("employee No. %(id)s") % {"id": person.id}


def responsible_of(candidate: Candidate) -> str:
    """Who is responsible, and that he has left if he has."""
    person = candidate.responsible
    if person is None:
        return _("nobody")
    if person.name and not person.active:
        return _("%(name)s (no longer works here)") % {"name": person.name}
    return name_of(person)


def client(candidate: Candidate) -> str:
    """«Ромашка», or in tier 2 «Ромашка» (contact Пётр): the entity as the person at the phone will meet it."""
    title = _quoted(candidate.title or str(candidate.id))
    if candidate.contact is None:
        return title
    return _("%(company)s (contact %(contact)s)") % {"company": title, "contact": candidate.contact.title}


def _quoted(title: str) -> str:
    """In quotation marks, unless it brings its own: ООО «Ромашка»."""
    return title if any(mark in title for mark in '«“"') else _("“%(title)s”") % {"title": title}


def _words(candidate: Candidate) -> dict[str, str]:
    return {"client": client(candidate), "responsible": responsible_of(candidate)}


def _foreign(candidate: Candidate, verdict: Verdict) -> str:
    words = _words(candidate) | {"status": candidate.status.name if candidate.status else _("no status")}
    return _("A colleague's client: %(client)s, “%(status)s”, responsible: %(responsible)s.") % words


def _own(candidate: Candidate, verdict: Verdict) -> str:
    return _("Your client: %(client)s.") % _words(candidate)


def _substituted(candidate: Candidate, verdict: Verdict) -> str:
    return _("You stand in for: %(responsible)s. Client: %(client)s.") % _words(candidate)


def _waiting(candidate: Candidate, verdict: Verdict) -> str:
    words = _words(candidate) | {"status": candidate.status.name if candidate.status else ""}
    return _("No obstacle: %(client)s, “%(status)s”, responsible: %(responsible)s.") % words


def _no_status(candidate: Candidate, verdict: Verdict) -> str:
    if candidate.tier in (Tier.CONTACT, Tier.LEAD):
        return _("No obstacle: %(client)s, responsible: %(responsible)s.") % _words(candidate)
    return _("No obstacle: %(client)s, no status, responsible: %(responsible)s.") % _words(candidate)


def _no_rule(candidate: Candidate, verdict: Verdict) -> str:
    return _("No rule for this client: %(client)s, responsible: %(responsible)s.") % _words(candidate)


def _standalone(candidate: Candidate, verdict: Verdict) -> str:
    if verdict.own:
        return _("Your contact without a company: %(client)s, responsible: %(responsible)s.") % _words(candidate)
    return _("A contact without a company: %(client)s, responsible: %(responsible)s.") % _words(candidate)


def _lead(candidate: Candidate, verdict: Verdict) -> str:
    if verdict.own:
        return _("Your lead: %(client)s, responsible: %(responsible)s.") % _words(candidate)
    return _("A known lead: %(client)s, responsible: %(responsible)s.") % _words(candidate)


SENTENCES: dict[Reason, Callable[[Candidate, Verdict], str]] = {
    Reason.FOREIGN_CLIENT: _foreign,
    Reason.OWN_CLIENT: _own,
    Reason.SUBSTITUTED_CLIENT: _substituted,
    Reason.WAITING: _waiting,
    Reason.NO_STATUS: _no_status,
    Reason.NO_RULE: _no_rule,
    Reason.STANDALONE_CONTACT: _standalone,
    Reason.KNOWN_LEAD: _lead,
}
