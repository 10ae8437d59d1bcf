"""What the first requests of a sync ask besides rows: whose token it is, the portal's clock, the status field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from crm_mirror.connection import is_administrator
from crm_mirror.models import Employee
from crm_mirror.portal.batch import Command, Outcome
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.records import MalformedRecord, moment, own_id
from crm_mirror.portal.transport import Answer
from crm_mirror.sync import statuses
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import STATUS
from crm_mirror.sync.look import Source
from crm_mirror.sync.plan import MOST_STUMBLES
from crm_mirror.sync.reference import write_reference

CLOCKS_APART = 60.0  # seconds worth a warning
PROFILE = "profile"


class Questions:
    """Asks each question once; an answer may raise another. `None`: not known (yet)."""

    def __init__(
        self,
        wanted: Iterable[str],
        bench: Bench,
        *,
        status_field: str,
        status_reference: str,
        source: Source,
    ) -> None:
        self.is_admin: bool | None = None
        self.has_status_field: bool | None = None
        self.portal_at: datetime | None = None  # the portal's clock
        self.errors: list[PortalError] = []
        self._user_id = 0
        self._stumbles = 0
        self._bench = bench
        self._source = source
        self._asked_at = bench.clock()
        self._field, self._reference = status_field, status_reference
        self._described: Mapping[str, Any] = {}
        self._writes_statuses = STATUS in wanted
        self._open: dict[str, Command] = {PROFILE: Command("profile"), "clock": Command("server.time")}
        if self._writes_statuses or "company" in wanted:
            self._open["field"] = statuses.field_command(status_field)

    def open(self) -> dict[str, Command]:
        """Commands to send with the next request, which is sent at once."""
        self._asked_at = self._bench.clock()
        return dict(self._open)

    def answered(self, outcomes: dict[str, Outcome]) -> None:
        handlers = {
            PROFILE: self._profile,
            "clock": self._server_time,
            "field": self._status_field,
            "reference": self._status_reference,
        }
        asked, self._open = self._open, {}
        for key, command in asked.items():
            if key in {"field", "reference"} and self._asks_again(outcomes[key]):
                self._open[key] = command
            else:
                handlers[key](outcomes[key])

    def _asks_again(self, outcome: Outcome) -> bool:
        """Whether it failed in passing. What keeps failing so is an error, not a portal without statuses."""
        if not isinstance(outcome, PortalError) or not outcome.retryable:
            return False
        self._stumbles += 1
        if self._stumbles >= MOST_STUMBLES:
            self.errors.append(outcome)
        return not self.errors

    def remember_admin(self) -> None:
        """The token's own user is the one person whose rights the portal tells; others are listed by hand."""
        Employee.objects.filter(portal_id__in=settings.BITRIX_ADMIN_IDS).update(is_portal_admin=True)
        if self.is_admin is not None:
            Employee.objects.filter(portal_id=self._user_id).update(is_portal_admin=self.is_admin)

    def _profile(self, outcome: Outcome) -> None:
        self._user_id, self.is_admin = told_by_profile(outcome)
        if not self.is_admin:
            self._bench.warn(
                "the webhook's user is no administrator: rows he may not read are not mirrored, and nothing is marked "
                "deleted. Use an administrator's webhook."
            )

    def _server_time(self, outcome: Outcome) -> None:
        try:
            theirs = moment({"at": outcome.result}, "at") if isinstance(outcome, Answer) else None
        except MalformedRecord:
            theirs = None
        self.portal_at = theirs
        if theirs and abs((theirs - self._bench.clock().astimezone(UTC)).total_seconds()) > CLOCKS_APART:
            self._bench.warn("the portal's clock and ours are more than a minute apart. Set both by NTP.")

    def _status_field(self, outcome: Outcome) -> None:
        if isinstance(outcome, PortalError):
            self._bench.warn(f"the status field {self._field} could not be read ({outcome}). {outcome.remedy}")
            return
        field = statuses.field_named(self._field, outcome.result)
        self.has_status_field = field is not None
        if field is None:
            self._bench.warn(
                f"companies have no field {self._field}: they are mirrored without a status. "
                "Create it in the portal, or name the right one in BITRIX_STATUS_FIELD."
            )
            return
        self._described = field
        if reference := self._reference_of(field):
            self._open["reference"] = statuses.reference_command(reference)
        else:
            self._write(statuses.list_in(field, seen_at=self._asked_at))

    def _reference_of(self, field: Mapping[str, Any]) -> str:
        is_reference = field.get("USER_TYPE_ID") == statuses.REFERENCE_KIND
        return (self._reference or statuses.reference_of(field)) if is_reference else ""

    def _status_reference(self, outcome: Outcome) -> None:
        if isinstance(outcome, PortalError):
            self._bench.warn(f"the status reference could not be read ({outcome}). {outcome.remedy}")
        else:
            field, entity_id = self._described, self._reference_of(self._described)
            self._write(statuses.reference_in(outcome.result, entity_id, field=field, seen_at=self._asked_at))

    def _write(self, found: statuses.Reference) -> None:
        if not found.values:
            self._bench.warn(f"the status field {self._field} has no values: those known before are kept.")
        elif self._writes_statuses:
            counts = write_reference(found, at=self._bench.clock(), source=self._source)
            self._bench.report.counts(STATUS).add(counts)


def told_by_profile(outcome: Outcome) -> tuple[int, bool]:
    """(user ID, whether an administrator) by `profile`; an error is no proof of rights."""
    if isinstance(outcome, PortalError) or not isinstance(outcome.result, dict):
        return 0, False
    try:
        return own_id(outcome.result), is_administrator(outcome.result)
    except MalformedRecord:
        return 0, False
