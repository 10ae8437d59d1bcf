"""What must work between us and the portal, one finding for each thing, with how to put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error as DbError
from django.db import ProgrammingError
from django.db.models import Max
from django.utils.translation import gettext as _

from crm_mirror import handlers, placements
from crm_mirror.connection import (
    BRIEF,
    HASTY,
    WrongSettings,
    application_tokens,
    client_from_settings,
    is_administrator,
    is_application,
)
from crm_mirror.models import InboxEvent
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalError, PortalUnreachable
from crm_mirror.sync import statuses
from crm_mirror.tokens import connection_to
from crm_mirror.words import remedy_words, trouble_words

OTHERS = ("connection", "scopes", "administrator", "field", "reference", "events", "clock")
SCOPES = frozenset({"crm", "user", "department", "telephony"})
NOTICES = "im"  # lets managers be told; everything else works without
ALIASES = {"user_brief": "user", "user_basic": "user"}  # narrower scopes that still show names and departments
CLOCKS_APART = 60.0  # seconds


@dataclass(frozen=True)
class Finding:
    """One line of `manage.py doctor`. `cause` is for operators only: it may quote a driver's own words.

    `ok` with a remedy: nothing is wrong, and something is still to be done.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    cause: str = ""

    @property
    def is_open(self) -> bool:
        return self.ok and bool(self.remedy)


class Unwell(Exception):
    """What a check raises when the thing does not work. `cause`: see Finding."""

    def __init__(self, detail: str, remedy: str, *, cause: object = "") -> None:
        super().__init__(detail)
        self.remedy = remedy
        self.cause = str(cause).strip()


class StillToDo(Unwell):
    """What a check raises when nothing is wrong, but somebody has not done his part yet."""


def finding(name: str, check: Callable[[], str]) -> Finding:
    """The check's own words, or those of the Unwell it raised."""
    try:
        return Finding(name, True, check())
    except StillToDo as open_:
        return Finding(name, True, str(open_), open_.remedy, open_.cause)
    except Unwell as unwell:
        return Finding(name, False, str(unwell), unwell.remedy, unwell.cause)


def portal_findings(*, at: datetime) -> list[Finding]:
    """The portal, and OTHERS, which are not looked at without it."""
    try:
        client = client_from_settings(patience=HASTY, timeouts=BRIEF)
    except WrongSettings as wrong:
        return unreached(Finding("portal", False, trouble_words(wrong), remedy_words(wrong)))
    except DbError as error:  # the application's tokens are kept there
        return unreached(Finding("portal", False, *without_database(error)))
    try:
        return Portal(client, at).findings()
    finally:
        client.close()


@dataclass
class Portal:
    """Asks one portal, at one moment. What one check learned the next may use."""

    client: Client
    at: datetime
    owner: dict[str, Any] = field(default_factory=dict)
    status_field: Any = None
    is_lost: bool = False  # it answered, and then no more: whoever waits shall not wait for each check anew

    def findings(self) -> list[Finding]:
        reached = finding("portal", self.reachable)
        if not reached.ok:
            return unreached(reached)
        return [reached, *(finding(name, getattr(self, name)) for name in others())]

    def ask(self, method: str, params: Any = None) -> Any:
        """The method's result. Raises Unwell with the portal's own words and the remedy."""
        if self.is_lost:
            raise Unwell(_("Not looked at: the portal answers no more."), _("Put the portal right first."))
        try:
            return self.client.call(method, params).result
        except PortalError as error:
            self.is_lost = isinstance(error, PortalUnreachable)
            raise Unwell(trouble_words(error), remedy_words(error)) from error
        except DbError as error:  # the request allowance is kept there
            raise Unwell(*without_database(error)) from error

    def reachable(self) -> str:
        """docs: api-reference/common/users/profile; needs no scope."""
        answer = self.ask("profile")
        self.owner = answer if isinstance(answer, dict) else {}
        return settings.PORTAL_ORIGIN

    def connection(self) -> str:
        """Webhook or application, and how old the application's tokens are."""
        if not is_application():
            return _("incoming webhook")
        row = connection_to(settings.PORTAL_ORIGIN)
        if row is None:  # connected a moment ago, as we have just asked the portal
            raise Unwell(_("The application is not connected."), _("Open it in the portal as an administrator."))
        renewed = row.refreshed_at or row.connected_at
        return _("local application, tokens of %(minutes)d min ago") % {
            "minutes": (self.at - renewed).total_seconds() // 60
        }

    def scopes(self) -> str:
        """docs: api-reference/common/system/scope."""
        answer = self.ask("scope")
        held = {ALIASES.get(str(name), str(name)) for name in answer if name} if isinstance(answer, list) else set()
        if missing := SCOPES - held:
            raise Unwell(
                _("The connection lacks: %(scopes)s.") % {"scopes": ", ".join(sorted(missing))},
                _("Open the webhook or the application in the portal and tick them."),
            )
        if NOTICES not in held:
            raise StillToDo(
                _("%(scopes)s; managers are not told of what the guard does.") % {"scopes": ", ".join(sorted(SCOPES))},
                _("Tick %(scope)s as well (chat and notifications), in the webhook or the application.")
                % {"scope": NOTICES},
            )
        return ", ".join(sorted(SCOPES | {NOTICES}))

    def administrator(self) -> str:
        """Rows that a token may not read are left out in silence, so it must be one that may read them all."""
        name = " ".join(str(self.owner.get(key) or "") for key in ("NAME", "LAST_NAME")).strip()
        if is_administrator(self.owner):
            return name
        raise Unwell(
            _("The connection acts for %(name)s, who is no administrator of the portal.") % {"name": name},
            _("Create the webhook, or open the application, as an administrator; or make that person one."),
        )

    def field(self) -> str:
        """docs: api-reference/crm/companies/userfields/crm-company-userfield-list."""
        name = settings.BITRIX_STATUS_FIELD
        command = statuses.field_command(name)
        self.status_field = statuses.field_named(name, self.ask(command.method, command.params))
        if self.status_field is None:
            raise Unwell(
                _("Companies have no field %(name)s.") % {"name": name},
                _("Run: manage.py provision_portal. Or put the code of a field of yours into BITRIX_STATUS_FIELD."),
            )
        kind = self.status_field.get("USER_TYPE_ID")
        if statuses.is_foreign(self.status_field):
            self.status_field = None
            raise Unwell(
                _("The portal has a field %(name)s of another kind: %(kind)s.") % {"name": name, "kind": kind},
                _("Put another code into BITRIX_STATUS_FIELD, or delete that field if nobody needs it."),
            )
        if not settings.STATUS_READ_ONLY:
            return f"{name}, {kind}"
        if not statuses.is_read_only(self.status_field):
            raise Unwell(
                _("%(name)s is to be read-only for people in the portal, and is not.") % {"name": name},
                _("Run: manage.py provision_portal. Or remove STATUS_READ_ONLY."),
            )
        return _("%(name)s, %(kind)s, read-only for people") % {"name": name, "kind": kind}

    def reference(self) -> str:
        """The values behind the field, in a reference of crm.status or in the field's own list."""
        if self.status_field is None:
            raise Unwell(_("Not looked at: there is no field."), _("Put the field right first."))
        is_reference = self.status_field.get("USER_TYPE_ID") == statuses.REFERENCE_KIND
        entity_id = is_reference and (settings.BITRIX_STATUS_REFERENCE or statuses.reference_of(self.status_field))
        values = (self.in_reference(entity_id) if entity_id else self.in_list()).values
        if not values:
            raise Unwell(
                _("The field has no values to choose from."),
                _("Run: manage.py provision_portal. Or add the statuses to it: В ожидании, В обработке, В работе."),
            )
        return ", ".join(value.name for value in values)

    def in_reference(self, entity_id: str) -> statuses.Reference:
        command = statuses.reference_command(entity_id)
        rows = self.ask(command.method, command.params)
        return statuses.reference_in(rows, entity_id, field=self.status_field, seen_at=self.at)

    def in_list(self) -> statuses.Reference:
        return statuses.list_in(self.status_field, seen_at=self.at)

    def events(self) -> str:
        """Whether the portal tells us of changes. Without that every sync finds them, only later."""
        if is_application():
            self.check_handlers()
        if not application_tokens():
            if is_application():
                raise Unwell(
                    _("The application's token is not known: no event is believed."),
                    _("Open the application in the portal again, as an administrator."),
                )
            raise StillToDo(
                _("None come: each sync finds what has changed."),
                _("Make an outgoing webhook to know within seconds: manage.py provision_portal says how."),
            )
        last = InboxEvent.objects.aggregate(at=Max("received_at"))["at"]
        if last is None:
            raise StillToDo(
                _("None has come yet."),
                _("Change any company in the portal and look again; the portal must reach %(path)s of this server.")
                % {"path": handlers.PATH},
            )
        return _("the last one came %(minutes)d min ago") % {"minutes": (self.at - last).total_seconds() // 60}

    def check_handlers(self) -> None:
        answers = {key: self.ask(command.method, command.params) for key, command in handlers.QUESTIONS.items()}
        if lacking := handlers.handlers_in(answers).lacking:
            raise Unwell(
                _("%(count)d handlers of events are not bound in the portal.") % {"count": len(lacking)},
                _("Run: manage.py provision_portal"),
            )

    def placements(self) -> str:
        """Pages of ours inside the portal."""
        if not placements.may_bind(self.ask("scope")):
            raise Unwell(
                _("The connection lacks: %(scopes)s.") % {"scopes": placements.SCOPE},
                _("Open the webhook or the application in the portal and tick them."),
            )
        answers = {key: self.ask(command.method, command.params) for key, command in placements.QUESTIONS.items()}
        told = placements.placements_in(answers)
        if told.lacking:
            raise Unwell(
                _("Not bound in the portal: %(places)s.") % {"places": ", ".join(one.code for one in told.lacking)},
                _("Run: manage.py provision_portal"),
            )
        if told.unknown:
            raise StillToDo(
                _("The portal does not offer these places: %(places)s.")
                % {"places": ", ".join(one.code for one in told.unknown)},
                _("Tick telephony and placement in the application; an older portal does without."),
            )
        return ", ".join(one.code for one in told.bound)

    def clock(self) -> str:
        """docs: api-reference/common/system/server-time. Card tokens and changes are judged by the clock."""
        answer = str(self.ask("server.time"))
        try:
            apart = abs((datetime.fromisoformat(answer) - self.at).total_seconds())
        except (ValueError, TypeError) as error:
            raise Unwell(_("The portal's time cannot be read."), _("Look at its server.time."), cause=answer) from error
        if apart > CLOCKS_APART:
            raise Unwell(
                _("The clocks of the portal and of this server are %(seconds)d s apart.") % {"seconds": apart},
                _("Let both set their clocks by NTP."),
            )
        return _("%(seconds)d s apart") % {"seconds": apart}


def without_database(error: DbError) -> tuple[str, str]:
    """Detail and remedy for what cannot be looked at: the database is away, or its tables are not there yet."""
    if lacks_tables(error):
        return _("Not looked at: the tables are not there yet."), _("Run: manage.py migrate")
    return _("Not looked at: the database does not answer."), _("Put the database right first.")


def lacks_tables(error: DbError) -> bool:
    """PostgreSQL has a class for it (UndefinedTable, UndefinedColumn), SQLite words."""
    return isinstance(error, ProgrammingError) or any(sign in str(error) for sign in ("no such table", "no such col"))


def unreached(portal: Finding) -> list[Finding]:
    detail, remedy = _("Not looked at: the portal is not reached."), _("Put the portal right first.")
    return [portal, *(Finding(name, False, detail, remedy) for name in others())]


def others() -> tuple[str, ...]:
    return (*OTHERS, "placements") if placements.are_wanted() else OTHERS
