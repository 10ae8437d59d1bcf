"""What the portal lacks for us: the status field, its three values, handlers of events, placements. Nothing else is
touched.

First everything is looked at, then each gap is closed by one call: what was found once is not asked for again, so a
second run writes nothing. docs: api-reference/crm/companies/userfields, api-reference/crm/status; rest.md §5, §7
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm_mirror import handlers, placements
from crm_mirror.connection import Refused, WrongSettings, is_administrator, is_application
from crm_mirror.models import Status
from crm_mirror.portal.batch import Command, run_batch
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync import statuses

REFERENCE = "CALLGUARD_STATUS"  # the type that the package for boxed portals registers; REST cannot
LABEL = "Статус компании"
PREFIX = "UF_CRM_"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the values to begin with. `code`: what keeps it recognisable after people have renamed it."""

    name: str
    code: str
    sort: int


VALUES = (
    Wanted("В ожидании", "WAITING", 10),
    Wanted("В обработке", "IN_PROCESS", 20),
    Wanted("В работе", "IN_WORK", 30),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not there, and the call that makes it."""

    what: str
    command: Command


@dataclass
class Survey:
    """What is there, what is not, and what only a person can do."""

    present: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, list[str]]:
        missing = [gap.what for gap in self.gaps if gap.what not in self.created]
        return {
            "present": self.present,
            "missing": missing,
            "created": self.created,
            "instructions": self.instructions,
        }


def survey(client: Client) -> Survey:
    """What the portal has and lacks; nothing is written. Raises WrongSettings, Refused, PortalError."""
    if is_application() and not settings.PUBLIC_URL:
        raise WrongSettings(
            gettext_noop("PUBLIC_URL is not set"),
            gettext_noop(
                "Write this server's own address as the portal reaches it, such as https://callguard.example."
            ),
        )
    answers = answers_to(client, questions())
    check_rights(answers["profile"])
    found = Survey()
    look_at_field(client, answers, found)
    if is_application():
        look_at_handlers(answers, found)
    else:
        look_at_outgoing_webhook(found)
    if placements.are_wanted():
        look_at_placements(client, answers["scope"], found)
    return found


def fill(client: Client, found: Survey, on_created: Callable[[str], None] = lambda what: None) -> None:
    """Close the gaps, one call each; `found.created` says how far it came when the portal refuses one."""
    for gap in found.gaps:
        try:
            client.call(gap.command.method, gap.command.params, repeatable=False)
        except PortalError as error:
            if "already" not in str(error).lower():  # somebody else was faster, or our own answer was lost
                raise
        found.created.append(gap.what)
        on_created(gap.what)


def questions() -> dict[str, Command]:
    asked = {
        "profile": Command("profile"),
        "field": statuses.field_command(settings.BITRIX_STATUS_FIELD),
        "types": Command("crm.status.entity.types"),
        "scope": Command("scope"),
    }
    return asked | (handlers.QUESTIONS if is_application() else {})


def answers_to(client: Client, commands: Mapping[str, Command]) -> dict[str, Any]:
    """Results of one batch; raises the first error in it."""
    results = {}
    for key, outcome in run_batch(client, commands).items():
        if isinstance(outcome, PortalError):
            raise outcome
        results[key] = outcome.result
    return results


def check_rights(profile: Any) -> None:
    """docs: crm-company-userfield-add, crm-status-add, event-bind: all of them want an administrator."""
    if not (isinstance(profile, dict) and is_administrator(profile)):
        raise Refused(
            _("The connection acts for somebody who is no administrator of the portal."),
            _("Create the webhook, or open the application, as an administrator."),
        )


# --- The field and its values ----------------------------------------------------------------------------------------
def look_at_field(client: Client, answers: Mapping[str, Any], found: Survey) -> None:
    name = settings.BITRIX_STATUS_FIELD
    there = statuses.field_named(name, answers["field"])
    reference = reference_among(answers["types"]) if there is None else reference_of(there)
    if there is None:
        check_name(name)
        found.gaps.append(Gap(f"field {name}", field_to_add(name, reference)))
    else:
        found.present.append(f"field {name}")
        look_at_rights(there, found)
    if reference:
        look_at_reference(client, reference, found)
    elif there is not None:
        look_at_list(there, found)


def reference_of(there: Mapping[str, Any]) -> str:
    """ENTITY_ID behind the field, "" for a list; Refused when the field is none of ours."""
    kind, is_multiple = there.get("USER_TYPE_ID"), there.get("MULTIPLE") == "Y"
    if statuses.is_foreign(there):
        raise Refused(
            _("The portal has a field %(name)s already, of another kind: %(kind)s%(multiple)s.")
            % {
                "name": settings.BITRIX_STATUS_FIELD,
                "kind": kind,
                "multiple": _(", with several values") if is_multiple else "",
            },
            _("Put another code into BITRIX_STATUS_FIELD, or delete that field if nobody needs it."),
        )
    if kind == statuses.LIST_KIND:
        return ""
    return settings.BITRIX_STATUS_REFERENCE or statuses.reference_of(there)


def reference_among(types: Any) -> str:
    """The reference for a new field: the one of the settings, else our own where it is registered, else "": a list."""
    known = {str(one.get("ID")) for one in types or () if isinstance(one, dict)}
    wanted = settings.BITRIX_STATUS_REFERENCE
    if wanted and wanted not in known:
        raise Refused(
            _("The portal has no reference %(name)s.") % {"name": wanted},
            _("Remove BITRIX_STATUS_REFERENCE; on a boxed portal, install the package that registers it."),
        )
    return wanted or (REFERENCE if REFERENCE in known else "")


def look_at_rights(there: Mapping[str, Any], found: Survey) -> None:
    """Whether people may edit the field in the portal's form, where STATUS_READ_ONLY wants that they do not.

    What somebody has set there without us stays. docs: crm-company-userfield-update, EDIT_IN_LIST
    """
    if not settings.STATUS_READ_ONLY:
        return
    what = f"field {settings.BITRIX_STATUS_FIELD}, read-only for people"
    if statuses.is_read_only(there):
        found.present.append(what)
    else:
        params = {"id": there["ID"], "fields": {"EDIT_IN_LIST": "N"}}
        found.gaps.append(Gap(what, Command("crm.company.userfield.update", params)))


def check_name(name: str) -> None:
    if not name.startswith(PREFIX):  # the portal would put it there, and the field have another name than ours
        raise WrongSettings(
            f"BITRIX_STATUS_FIELD is {name}: the portal creates fields of companies under names with {PREFIX} only",
            f"Write {PREFIX}… or the name of a field that exists.",
        )


def field_to_add(name: str, reference: str) -> Command:
    fields: dict[str, Any] = {"FIELD_NAME": name, "LABEL": LABEL, "MULTIPLE": "N", "SHOW_FILTER": "Y"}
    if settings.STATUS_READ_ONLY:
        fields["EDIT_IN_LIST"] = "N"
    if reference:
        fields |= {"USER_TYPE_ID": statuses.REFERENCE_KIND, "SETTINGS": {"ENTITY_TYPE": reference}}
    else:
        fields |= {"USER_TYPE_ID": statuses.LIST_KIND, "LIST": [item_of(value) for value in VALUES]}
    return Command("crm.company.userfield.add", {"fields": fields})


def item_of(value: Wanted) -> dict[str, Any]:
    return {"VALUE": value.name, "SORT": value.sort, "XML_ID": value.code}


def look_at_reference(client: Client, reference: str, found: Survey) -> None:
    rows = answers_to(client, {"values": statuses.reference_command(reference)})["values"]
    lacking = note_values(rows, "NAME", "STATUS_ID", found)
    if lacking and reference not in (REFERENCE, settings.BITRIX_STATUS_REFERENCE):  # INDUSTRY, say: other people's
        raise Refused(
            _("The field's reference %(reference)s has other values than ours, and may serve others too.")
            % {"reference": reference},
            _("Put %(reference)s into BITRIX_STATUS_REFERENCE to have ours added, or name another BITRIX_STATUS_FIELD.")
            % {"reference": reference},
        )
    for value in lacking:
        fields = {"ENTITY_ID": reference, "STATUS_ID": value.code, "NAME": value.name, "SORT": value.sort}
        found.gaps.append(Gap(f"value {value.name}", Command("crm.status.add", {"fields": fields})))


def look_at_list(there: Mapping[str, Any], found: Survey) -> None:
    """A list is changed whole: its items go along as they are, for the docs do not say what becomes of the others."""
    items = there.get("LIST") or []
    if lacking := note_values(items, "VALUE", "XML_ID", found):
        fields = {"LIST": [*items, *(item_of(value) for value in lacking)]}
        names = ", ".join(value.name for value in lacking)
        command = Command("crm.company.userfield.update", {"id": there["ID"], "fields": fields})
        found.gaps.append(Gap(f"value {names}", command))


def note_values(rows: Any, name_key: str, code_key: str, found: Survey) -> list[Wanted]:
    """The values that are not among the rows, neither by name nor, having been renamed, by code.

    Once we have met the portal's values, people keep them: what they renamed or deleted is not made anew.
    """
    known = [row for row in rows or () if isinstance(row, dict)]
    names = {statuses.spelled(str(row.get(name_key) or "")) for row in known}
    codes = {str(row.get(code_key)) for row in known}
    lacking = [one for one in VALUES if statuses.spelled(one.name) not in names and one.code not in codes]
    found.present += [f"value {one.name}" for one in VALUES if one not in lacking]
    return [one for one in lacking if is_still_wanted(one)]


def is_still_wanted(value: Wanted) -> bool:
    """Whether no exchange with a portal has met it, and nobody has retired it."""
    rows = list(Status.objects.all())
    if not any(row.in_portal for row in rows):
        return True
    return any(
        not row.in_portal and row.retired_at is None and statuses.spelled(row.name) == statuses.spelled(value.name)
        for row in rows
    )


# --- Events ----------------------------------------------------------------------------------------------------------
def look_at_handlers(answers: Mapping[str, Any], found: Survey) -> None:
    told = handlers.handlers_in(answers)
    found.present += [f"handler {handler}" for handler in told.bound]
    found.gaps += [Gap(f"handler {handler}", handler.command()) for handler in told.lacking]
    if told.unknown:
        found.instructions.append(
            _("The portal does not offer these events: %(events)s. Give the application the rights crm and telephony.")
            % {"events": ", ".join(told.unknown)}
        )
    if not told.has_queue:
        found.instructions.append(
            _("The portal's plan has no queue of events: what happens while we are away, the next sync finds.")
        )


def look_at_outgoing_webhook(found: Survey) -> None:
    """An incoming webhook may neither bind handlers nor list outgoing ones. docs: local-integrations/local-webhooks"""
    if settings.BITRIX_APPLICATION_TOKEN:
        found.present.append("outgoing webhook")
        return
    found.instructions.append(
        _(
            "To be told of changes within seconds, create an outgoing webhook in the portal (Applications, Developer "
            "resources, Other, Outgoing webhook). Handler address: %(address)s. Events: %(events)s. Copy the token "
            "that it shows into BITRIX_APPLICATION_TOKEN. Until then every sync finds what has changed."
        )
        % {
            "address": handlers.address() if settings.PUBLIC_URL else f"https://…{handlers.PATH}",
            "events": ", ".join(handlers.WANTED),
        }
    )


# --- Placements ------------------------------------------------------------------------------------------------------
def look_at_placements(client: Client, scopes: Any, found: Survey) -> None:
    if not placements.may_bind(scopes):
        found.instructions.append(
            _("Pages inside the portal want the right %(scope)s. Tick it in the application.")
            % {"scope": placements.SCOPE}
        )
        return
    told = placements.placements_in(answers_to(client, placements.QUESTIONS))
    found.present += [f"placement {one}" for one in told.bound]
    found.gaps += [Gap(f"placement {one}", one.command()) for one in told.lacking]
    if told.unknown:
        found.instructions.append(
            _("The portal does not offer these places: %(places)s.")
            % {"places": ", ".join(one.code for one in told.unknown)}
        )
