"""Who may what: one question a function, asked by admin, API and commands alike (status-and-roles.md, "Who is who").

Each takes the actor and, where it matters, the portal ID of the employee whose client or call it is about.
docs/permissions.md lists them all; a test holds the list against what every page and call really does.
"""

from __future__ import annotations

from callguard.access.actors import Actor
from callguard.access.roles import Role

STAFF = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.EMPLOYEE})


def may_administer(actor: Actor) -> bool:
    """Rules, statuses, connection, accounts, the sync: everything that concerns the whole company."""
    return actor.is_administrator


def may_read_rules(actor: Actor) -> bool:
    """The rules, their draft and versions, and what a draft would have done with the calls he sees."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_edit_palettes(actor: Actor) -> bool:
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_change_status(actor: Actor, responsible_id: int | None) -> bool:
    """Of a company whose responsible this is. Nobody is responsible: administrators only."""
    return actor.is_administrator or (responsible_id is not None and responsible_id in actor.manages)


def may_see_clients_of(actor: Actor, responsible_id: int | None) -> bool:
    """Companies, contacts, leads, deals and their numbers in our lists."""
    return actor.is_administrator or (responsible_id is not None and responsible_id in actor.sees)


def may_see_calls_of(actor: Actor, caller_id: int) -> bool:
    return actor.is_administrator or caller_id in actor.sees


def may_judge_disputes(actor: Actor) -> bool:
    """The list of disputes; each of them by `may_see_calls_of` its caller."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_see_conflict(actor: Actor, caller_id: int, responsible_id: int | None) -> bool:
    """The page of one conflict: for who sees the caller's calls, and for the responsible whose client was called."""
    is_party = actor.employee_id is not None and actor.employee_id == responsible_id
    return may_sign_in(actor) and (may_see_calls_of(actor, caller_id) or is_party)


def may_decide_on(actor: Actor, caller_id: int) -> bool:
    """On a conflict or dispute of this caller: whoever manages him, and administrators; nobody on himself."""
    is_himself = actor.employee_id == caller_id
    return not is_himself and (actor.is_administrator or caller_id in actor.manages)


def may_dispute(actor: Actor, caller_id: int) -> bool:
    """Each his own calls."""
    return actor.employee_id == caller_id


def may_comment_on(actor: Actor, caller_id: int) -> bool:
    """On a call: whoever sees it as the caller's; what is said there is not for the responsible."""
    return may_see_calls_of(actor, caller_id)


def may_ask_for(actor: Actor, caller_id: int) -> bool:
    """Try a number in this employee's name. The API asks in nobody's name but the caller's own."""
    return may_see_calls_of(actor, caller_id)


def may_explain(actor: Actor) -> bool:
    """The steps behind a verdict name entities of others: for who sorts conflicts out."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_see_substitutions(actor: Actor) -> bool:
    """Of the people he manages, and of himself."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_read_history(actor: Actor) -> bool:
    """Of the companies and substitutions that he sees; administrators all of it."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_enter_substitution(actor: Actor, substituted_id: int) -> bool:
    """Whoever answers for the absent one says who stands in for him."""
    return actor.is_administrator or substituted_id in actor.manages


def may_choose_digest(actor: Actor) -> bool:
    """His own: of the people he manages, of administrators about everybody. The switches are administrators'."""
    return actor.employee_id is not None and actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_set_notices(actor: Actor) -> bool:
    """The page with one's own digest and, for administrators, the switches."""
    return may_choose_digest(actor) or may_administer(actor)


def may_see_dashboard(actor: Actor) -> bool:
    """Figures of several people; everybody sees his own."""
    return actor.role in {Role.ADMINISTRATOR, Role.SUPERVISOR}


def may_see_own_record(actor: Actor) -> bool:
    """An account without a person in the portal has called nobody."""
    return may_sign_in(actor) and actor.employee_id is not None


def may_sign_in(actor: Actor) -> bool:
    return actor.role in STAFF
