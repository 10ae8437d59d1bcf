"""What is kept about one person, to be handed to him: a ZIP of JSON files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet

from callguard import history
from callguard.access.actors import Actor
from callguard.masks import masked
from callguard.models import (
    About,
    AccessLog,
    Account,
    Call,
    Comment,
    Decision,
    Dispute,
    Excuse,
    History,
    Letter,
    Notice,
    Opened,
    Origin,
    Substitution,
    Takeover,
)
from callguard.privacy.access import looks_at, note_access
from crm_mirror.models import Employee, EndedCall, PhoneNumber

AT_ONCE = 500
ACCOUNT = ("username", "email", "first_name", "last_name", "date_joined", "last_login", "is_active")
PERSON = ("portal_id", "name", "active", "department_ids")
Files = Mapping[str, Iterable[Any]]  # name → rows, JSON-ready


class NothingKept(Exception):
    """Neither the mirror nor a record of ours knows the person."""


# --- An employee -----------------------------------------------------------------------------------------------------
def files_of_employee(portal_id: int) -> Files:
    """His own record: calls as a caller, what was said and found about them, what he did and who looked at it."""
    his_calls = Call.objects.filter(caller_id=portal_id)
    files: dict[str, Iterable[Any]] = {
        "person": Employee.objects.filter(portal_id=portal_id).values(*PERSON),
        "accounts": Account.objects.filter(employee_id=portal_id).values(*ACCOUNT),
        "calls": rows_of(his_calls.order_by("rung_at")),
        "excuses": rows_of(Excuse.objects.filter(call__caller_id=portal_id)),
        "takeovers": rows_of(Takeover.objects.filter(call__caller_id=portal_id)),
        "disputes": rows_of(Dispute.objects.filter(by_id=portal_id)),
        "comments": rows_of(Comment.objects.filter(by_id=portal_id)),
        "decisions": rows_of(Decision.objects.filter(Q(by_id=portal_id) | Q(call__caller_id=portal_id))),
        "substitutions": rows_of(Substitution.objects.filter(Q(substitute=portal_id) | Q(substituted=portal_id))),
        "notices": rows_of(Notice.objects.filter(employee_id=portal_id)),
        "letters": rows_of(Letter.objects.filter(employee_id=portal_id)),
        "changes-he-made": rows_of(History.objects.filter(actor_id=portal_id)),
        "who-looked-at-his-record": rows_of(looks_at(portal_id)),
        "records-he-looked-at": rows_of(AccessLog.objects.filter(reader_id=portal_id)),
    }
    if not his_calls.exists() and not Employee.objects.filter(portal_id=portal_id).exists():
        raise NothingKept(portal_id)
    return files


def hand_out_employee(portal_id: int, into: IO[bytes], *, by: Actor, origin: Origin, at: datetime) -> None:
    """Write the files of the employee, and that they were handed out. Raises NothingKept."""
    written(files_of_employee(portal_id), into)
    note_access(by, about=portal_id, page=Opened.DATA, at=at)
    if by.employee_id != portal_id:
        noted(portal_id, "handed out", by=by, origin=origin, at=at)


# --- A subscriber ----------------------------------------------------------------------------------------------------
def files_of_number(number: str) -> Files:
    """Calls with this number (E.164) that are not masked yet, and who in the mirror carries it."""
    calls = Call.objects.filter(number=number)
    files: dict[str, Iterable[Any]] = {
        "calls": rows_of(calls.order_by("rung_at")),
        "excuses": rows_of(Excuse.objects.filter(call__number=number)),
        "disputes": rows_of(Dispute.objects.filter(call__number=number)),
        "comments": rows_of(Comment.objects.filter(call__number=number)),
        "carriers": PhoneNumber.objects.filter(e164=number).values("entity_type", "entity_id", "e164"),
        "ends-of-calls": rows_of(EndedCall.objects.filter(call_id__in=calls.values("call_id"))),
    }
    if not calls.exists() and not PhoneNumber.objects.filter(e164=number).exists():
        raise NothingKept(number)
    return files


def hand_out_number(number: str, into: IO[bytes], *, by: Actor, origin: Origin, at: datetime) -> None:
    """Write the files of the subscriber, and that they were handed out. Raises NothingKept."""
    written(files_of_number(number), into)
    noted(masked(number), "handed out", by=by, origin=origin, at=at)


# --- Writing ---------------------------------------------------------------------------------------------------------
def noted(person: object, what: str, *, by: Actor, origin: Origin, at: datetime) -> None:
    """In the history: to or of whom, by whom, but nothing of what it was."""
    history.note(About.PERSON, person, before=None, after={"data": what}, by=by, origin=origin, at=at)


def rows_of(rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """Rows as columns and values, in pieces: a person may have a hundred thousand calls."""
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield plain(row)


def plain(row: Model) -> dict[str, Any]:
    return {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}


def written(files: Files, into: IO[bytes]) -> None:
    """A JSON list a file, a line a row; empty ones too, so that one sees that nothing is kept there."""
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            with archive.open(f"{name}.json", "w") as file:
                file.write(b"[")
                for number, row in enumerate(rows):
                    text = json.dumps(row, ensure_ascii=False, cls=DjangoJSONEncoder)
                    file.write(f"{',' if number else ''}\n{text}".encode())
                file.write(b"\n]\n")
