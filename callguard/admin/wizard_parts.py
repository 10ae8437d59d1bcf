"""What the steps of connecting a portal show: addresses to copy, lines for .env, what was seen, what is lacking."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from callguard.access.acting import acting
from callguard.admin.dashboard import mirrored
from callguard.admin.wizard_steps import ELSEWHERE, LINES, TITLES
from callguard.health import in_order
from callguard.looks import Looks
from crm_mirror import freshness, handlers, placements
from crm_mirror.admin.progress import progress
from crm_mirror.admin.sync_page import going_on, query_of, what_was_asked
from crm_mirror.connection import application_tokens, is_application
from crm_mirror.diagnosis import NOTICES, SCOPES, Finding
from crm_mirror.installation import PATH as INSTALLATION
from crm_mirror.models import InboxEvent
from crm_mirror.tokens import connection_to

LINE_TITLES: dict[str, StrOrPromise] = {
    "database": gettext_lazy("database"),
    "migrations": gettext_lazy("tables of the database"),
    "broker": gettext_lazy("broker of tasks"),
    "portal": gettext_lazy("the portal answers, and its plan includes REST"),
    "connection": gettext_lazy("kind of connection"),
    "scopes": gettext_lazy("permissions of the connection"),
    "administrator": gettext_lazy("the connection acts for an administrator"),
    "field": gettext_lazy("status field of companies"),
    "reference": gettext_lazy("values of the status"),
    "events": gettext_lazy("events of the portal"),
    "placements": gettext_lazy("pages inside the portal"),
    "clock": gettext_lazy("clocks"),
    "mirror": gettext_lazy("mirror of the CRM"),
    "worker": gettext_lazy("worker and beat"),
    "inbox": gettext_lazy("events that wait"),
    "outbox": gettext_lazy("calls to the portal that wait"),
    "drift": gettext_lazy("differences from the portal"),
    "allowance": gettext_lazy("request allowance of the portal"),
    "administrators": gettext_lazy("list of administrators"),
    "card secret": gettext_lazy("secret of card tokens"),
    "card origins": gettext_lazy("pages that may ask"),
    "card": gettext_lazy("cards on the portal's pages"),
}
KINDS_OF_GAP: dict[str, StrOrPromise] = {
    "field": gettext_lazy("Field of companies"),
    "value": gettext_lazy("Value of the status"),
    "handler": gettext_lazy("Handlers of events"),
    "outgoing": gettext_lazy("Events by an outgoing webhook"),
    "placement": gettext_lazy("Pages inside the portal"),
}
SET, UNSET = gettext_lazy("set"), gettext_lazy("not set")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the doctor as the page shows it. `step`: where it is put right, if not here."""

    found: Finding
    title: StrOrPromise
    sign: str  # done, todo or failed
    language: str = ""  # of the line's words, where it is not the reader's
    step: str = ""

    @property
    def link(self) -> str:
        return reverse("setup:step", args=[self.step]) if self.step else ""

    @property
    def step_title(self) -> StrOrPromise:
        return TITLES[self.step] if self.step else ""


def lines_of(found: Iterable[Finding], *, step: str, language: str = "") -> list[Line]:
    foreign = language if language and language != get_language() else ""
    return [line_of(one, step=step, language=foreign) for one in found]


def line_of(one: Finding, *, step: str, language: str) -> Line:
    sign = "failed" if not one.ok else "todo" if one.is_open else "done"
    elsewhere = ELSEWHERE.get(one.name, "")
    is_left = sign != "done" and elsewhere and elsewhere != step
    return Line(one, LINE_TITLES.get(one.name, one.name), sign, language, elsewhere if is_left else "")


def ago(then: datetime) -> str:
    now = timezone.now()
    return _("%(time)s ago") % {"time": timesince(then, now)} if (now - then).total_seconds() >= 60 else _("just now")


def our_address(request: HttpRequest) -> str:
    """As the portal reaches us; without PUBLIC_URL, as this browser does."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


# --- Connection ------------------------------------------------------------------------------------------------------
def connection_part(request: HttpRequest, seen: Looks, here: list[Finding]) -> dict[str, Any]:
    ours = our_address(request)
    row = connection_to(settings.PORTAL_ORIGIN) if is_application() else None
    known = seen.seen
    lines = known.of(LINES["connection"]) if known else []
    return {
        "scopes": sorted({*SCOPES, NOTICES}),
        "application_scopes": sorted({*SCOPES, NOTICES, placements.SCOPE}),
        "install_address": f"{ours}{INSTALLATION}",
        "signin_address": signin_address(ours),
        "is_public": bool(settings.PUBLIC_URL),
        "our_address": ours,
        "webhook_env": env_lines(BITRIX_WEBHOOK_URL="https://portal.example/rest/1/…/", PUBLIC_URL=ours),
        "application_env": env_lines(
            BITRIX_PORTAL_URL=settings.PORTAL_ORIGIN or "https://portal.example",
            BITRIX_APP_ID="local.…",
            BITRIX_APP_SECRET="…",  # noqa: S106 -- a place to fill in
            PUBLIC_URL=ours,
        ),
        "settings_now": settings_now(),
        "is_application": is_application(),
        "is_named": bool(settings.PORTAL_ORIGIN),
        "connected": row,
        "lines": lines_of(lines, step="connection", language=known.language if known else ""),
        "looked_at": known and known.at,
        "ago": ago(known.at) if known else "",
    }


def signin_address(ours: str) -> str:
    """Where the portal sends back who signs in with his portal account; "" where this server has no such page."""
    try:
        return ours + reverse("signin:return")
    except NoReverseMatch:
        return ""


def env_lines(**values: str) -> str:
    return "\n".join(f"{name}={value}" for name, value in values.items())


def settings_now() -> list[tuple[str, StrOrPromise, bool]]:
    """Name, value and whether it is there; of secrets only that."""
    shown: list[tuple[str, StrOrPromise]] = [
        ("BITRIX_WEBHOOK_URL", without_token(settings.BITRIX_WEBHOOK_URL)),
        ("BITRIX_PORTAL_URL", settings.BITRIX_PORTAL_URL),
        ("BITRIX_APP_ID", settings.BITRIX_APP_ID),
        ("BITRIX_APP_SECRET", SET if settings.BITRIX_APP_SECRET else ""),
        ("BITRIX_APPLICATION_TOKEN", SET if settings.BITRIX_APPLICATION_TOKEN else ""),
        ("PUBLIC_URL", settings.PUBLIC_URL),
        ("CARD_TOKEN_SECRET", SET if settings.CARD_TOKEN_SECRET else ""),
    ]
    return [(name, value or UNSET, bool(value)) for name, value in shown]


def without_token(webhook: str) -> str:
    """`https://portal/rest/1/token/` → `https://portal/rest/1/•••/`; of anything else only that it is there."""
    if not webhook:
        return ""
    found = re.search(r"/rest/[0-9]{1,18}/", webhook)
    return f"{settings.PORTAL_ORIGIN}{found[0]}•••/" if found and settings.PORTAL_ORIGIN else str(SET)


# --- Checks ----------------------------------------------------------------------------------------------------------
def checks_part(request: HttpRequest, seen: Looks, here: list[Finding]) -> dict[str, Any]:
    """Everything the doctor says, in his order: here and now, and of the portal as it was seen last."""
    known = seen.seen
    ours = lines_of(here, step="checks")
    theirs = lines_of(known.findings.values(), step="checks", language=known.language) if known else []
    by_name = {line.found.name: line for line in [*ours, *theirs]}
    ordered = in_order([line.found for line in by_name.values()])
    return {
        "lines": [by_name[one.name] for one in ordered],
        "looked_at": known and known.at,
        "ago": ago(known.at) if known else "",
    }


# --- Provisioning ----------------------------------------------------------------------------------------------------
def provisioning_part(request: HttpRequest, seen: Looks, here: list[Finding]) -> dict[str, Any]:
    told, known = seen.surveyed, seen.seen
    is_known_to_lack = told and told.missing  # the list above says it better
    lines = known.of(LINES["provisioning"]) if known and not is_known_to_lack else []
    return {
        "surveyed": told,
        "surveyed_ago": ago(told.at) if told else "",
        "surveyed_language": told.language if told and told.language != get_language() else "",
        "groups": [
            (_("Will be created"), "todo", grouped_gaps(told.missing)),
            (_("Has just been created"), "done", grouped_gaps(told.created)),
            (_("Is there already"), "done", grouped_gaps(told.present)),
        ]
        if told
        else [],
        "lines": lines_of(lines, step="provisioning", language=known.language if known else ""),
        "is_application": is_application(),
        "events": events_part(request),
    }


def grouped_gaps(whats: Iterable[str]) -> list[tuple[StrOrPromise, list[str]]]:
    """`field UF_CRM_…`, `value В работе` → by kind, in words; an unknown kind stands by itself."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for what in whats:
        kind, _space, name = what.partition(" ")
        kinds[kind].append(name if kind in KINDS_OF_GAP else what)
    return [(KINDS_OF_GAP.get(kind, _("Other")), names) for kind, names in kinds.items()]


def events_part(request: HttpRequest) -> dict[str, Any]:
    """A webhook may bind no handlers: a person makes an outgoing one. docs: local-integrations/local-webhooks"""
    last = InboxEvent.objects.aggregate(at=Max("received_at"))["at"]
    return {
        "address": f"{our_address(request)}{handlers.PATH}",
        "names": handlers.WANTED,
        "has_token": bool(application_tokens()),
        "last_ago": ago(last) if last else "",
    }


# --- First synchronisation -------------------------------------------------------------------------------------------
def sync_part(request: HttpRequest, seen: Looks, here: list[Finding]) -> dict[str, Any]:
    now = timezone.now()
    order, asked = what_was_asked(request) or going_on(at=now)
    is_synced = freshness.synced_at() is not None
    return {
        "progress": progress(order, asked, at=now),
        "progress_url": reverse("setup:progress") + "?" + query_of(order, asked),
        "again_url": reverse("setup:step", args=["sync"]),
        "is_synced": is_synced,
        "tiles": list(mirrored(acting(request))) if is_synced else [],
    }
