"""What the feed tells of companies' statuses, put before the guard: accepted, put back, or flagged; all in the history.

Called inside the feed reader's transaction: the ruling, its history and the call that puts a status back are kept
together with the reader's place, so each change is ruled on once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from callguard import history
from callguard.access.actors import Actor, NamedStructure, structure
from callguard.access.administrators import list_is_complete
from callguard.access.managers import Scope, managers_of
from callguard.access.roles import role_of
from callguard.models import About, CompanyStatus, Origin
from callguard.status import notices
from callguard.status.change import send
from callguard.status.guard import Edit, Ground, Mode, Ruling, ruling_on
from callguard.status.newcomers import welcome
from crm_mirror.models import Change, Company, InboxEvent

TOUCHED = frozenset({"status_id"})  # what an edit of the status alone changes


def watch(changes: Sequence[Change], *, at: datetime) -> None:
    """Rule on every change of a status, and give new companies their first one."""
    companies = [change for change in changes if change.kind == "company"]
    edits = [change for change in companies if "status_id" in change.facts and change.what != Change.What.DELETED]
    if edits:
        office = structure()
        for change in edits:
            _rule_on(change, office, at=at)
    for change in companies:
        _note_responsible(change, at=at)
    appeared = [change.portal_id for change in companies if change.what in (Change.What.CREATED, Change.What.REVIVED)]
    welcome((int(one) for one in appeared), at=at)


def _rule_on(change: Change, office: NamedStructure, *, at: datetime) -> None:
    company = Company.objects.get(portal_id=change.portal_id)
    before, after = change.facts["status_id"]
    standing, _new = CompanyStatus.objects.select_for_update().get_or_create(
        company_id=company.portal_id, defaults={"accepted": before, "accepted_at": at}
    )
    author_id = author_of(change)
    edit = Edit(
        after=after,
        accepted=standing.accepted,
        author=office.people.get(author_id) if author_id else None,
        managers=managers_around(change, company, office),
        is_echo=change.echo_of is not None,
        is_new=change.what == Change.What.CREATED,
    )
    ruling, ground = ruling_on(edit, mode=Mode(settings.STATUS_GUARD), admins_complete=list_is_complete())
    _carry_out(ruling, ground, edit, standing, company, at=at)
    by = Actor(office.names[author_id], role_of(author_id, office), author_id) if edit.author and author_id else None
    if ground not in (Ground.OWN_WRITE, Ground.UNCHANGED):
        history.note(
            About.STATUS,
            company.portal_id,
            before=before,
            after=after,
            by=by,
            origin=Origin.PORTAL,
            at=change.at,
            title=company.title,
            ground=ground,
        )
    if ruling != Ruling.ACCEPT:
        notices.tell_managers(company, edit, ruling, ground, at=at)


def _carry_out(
    ruling: Ruling, ground: Ground, edit: Edit, standing: CompanyStatus, company: Company, *, at: datetime
) -> None:
    if ruling == Ruling.REVERT:
        # only while the portal still shows what was ruled on: a change made meanwhile is a new one
        standing.sent = send(company.portal_id, standing.accepted, at=at, instead_of=[edit.after])
        history.note(
            About.STATUS,
            company.portal_id,
            before=edit.after,
            after=standing.accepted,
            by=None,
            origin=Origin.GUARD,
            at=at,
            title=company.title,
            ground=ground,
        )
    elif ruling == Ruling.FLAG:
        standing.flagged_at = at
    elif ground != Ground.OWN_WRITE:
        standing.accepted, standing.accepted_at, standing.flagged_at = edit.after, at, None
    standing.save()


def author_of(change: Change) -> int | None:
    """Who surely made this change; None when it could have been somebody else.

    The portal tells only who edited a row last (MODIFY_BY_ID). One edit between two looks leaves no doubt: one event,
    or, where no events come, a change of nothing but the status.
    """
    events = _events_since_the_look_before(change)
    if events:
        known = {user for user in events if user}
        if len(known) == 1 and len(events) == len([user for user in events if user]):
            return known.pop()
        return change.by_id if len(events) == 1 else None
    alone = change.what == Change.What.CREATED or set(change.facts) <= TOUCHED
    return change.by_id if alone else None


def _events_since_the_look_before(change: Change) -> list[int | None]:
    """User IDs of the company's update events between its change before and this one; None where not told."""
    previous = Change.objects.filter(kind=change.kind, portal_id=change.portal_id, id__lt=change.id).order_by("-id")
    since = previous.values_list("at", flat=True).first()
    events = InboxEvent.objects.filter(
        event__in=("ONCRMCOMPANYUPDATE", "ONCRMCOMPANYADD"), entity_id=change.portal_id, received_at__lte=change.at
    )
    return list((events.filter(received_at__gt=since) if since else events).values_list("user_id", flat=True))


def managers_around(change: Change, company: Company, office: NamedStructure) -> frozenset[int]:
    """Managers of whoever was responsible before and after, so that a company handed over is judged by either's."""
    responsible = {company.responsible_id, *change.facts.get("responsible_id", ())} - {None}
    scope = Scope(settings.SUPERVISOR_SCOPE)
    return frozenset().union(*(managers_of(one, office, scope) for one in responsible if one))


def _note_responsible(change: Change, *, at: datetime) -> None:
    if "responsible_id" in change.facts and change.what == Change.What.UPDATED:
        before, after = change.facts["responsible_id"]
        title = Company.objects.filter(portal_id=change.portal_id).values_list("title", flat=True).first()
        history.note(
            About.RESPONSIBLE,
            change.portal_id,
            before=before,
            after=after,
            by=None if author_of(change) is None else Actor("", role_of(None, structure()), author_of(change)),
            origin=Origin.PORTAL,
            at=change.at,
            title=title or "",
        )
