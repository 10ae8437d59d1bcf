"""Looks at the portal, kept until the next one: asking takes seconds, and pages are opened more often than it changes.

The pages that connect a portal show them (callguard.admin.wizard).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from callguard.models import PortalLook
from crm_mirror import provision
from crm_mirror.connection import BRIEF, HASTY, Refused, WrongSettings, client_from_settings
from crm_mirror.diagnosis import Finding, portal_findings
from crm_mirror.portal.errors import PortalError
from crm_mirror.words import remedy_words, trouble_words

What = PortalLook.What
# What the portal's answers depend on: with other values of these what was seen is worth nothing.
DEPENDS_ON = (
    *("BITRIX_WEBHOOK_URL", "BITRIX_PORTAL_URL", "BITRIX_APP_ID", "BITRIX_APP_SECRET", "BITRIX_OAUTH_SERVER"),
    *("BITRIX_STATUS_FIELD", "BITRIX_STATUS_REFERENCE", "BITRIX_APPLICATION_TOKEN", "BITRIX_ADMIN_IDS", "PUBLIC_URL"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The doctor's lines about the portal as of `at`; `language`: of their words."""

    at: datetime
    language: str
    findings: dict[str, Finding]

    def of(self, names: Iterable[str]) -> list[Finding]:
        """Those of the lines that there are."""
        return [self.findings[name] for name in names if name in self.findings]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the portal has and lacks, and what was just created; `error` and `remedy` when it could not be told."""

    at: datetime
    language: str
    present: list[str]
    missing: list[str]
    created: list[str]
    instructions: list[str]
    error: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    seen: Seen | None = None
    surveyed: Surveyed | None = None


def looks() -> Looks:
    """The last ones under the settings of now. One query."""
    rows = {row.what: row for row in PortalLook.objects.filter(mark=mark())}
    findings, survey = rows.get(What.FINDINGS), rows.get(What.SURVEY)
    return Looks(seen_in(findings) if findings else None, surveyed_in(survey) if survey else None)


def seen_in(row: PortalLook) -> Seen:
    return Seen(row.at, row.language, {one["name"]: Finding(**one) for one in row.said})


def surveyed_in(row: PortalLook) -> Surveyed:
    return Surveyed(row.at, row.language, **row.said)


def look_at_portal(*, at: datetime) -> None:
    """Ask the portal what the doctor asks."""
    keep(What.FINDINGS, [asdict(one) for one in portal_findings(at=at)], at=at)


def survey_portal(*, create: bool, at: datetime) -> None:
    """Ask what the portal lacks, and with `create` make it. What goes wrong is part of what was seen."""
    found, told = provision.Survey(), {"error": "", "remedy": ""}
    try:
        with closing(client_from_settings(patience=HASTY, timeouts=BRIEF)) as client:
            found = provision.survey(client)
            if create:
                provision.fill(client, found)
    except (WrongSettings, Refused, PortalError) as trouble:
        told = {"error": trouble_words(trouble), "remedy": remedy_words(trouble)}
    keep(What.SURVEY, found.as_dict() | told, at=at)


def keep(what: What, said: Any, *, at: datetime) -> None:
    values = {"at": at, "mark": mark(), "language": get_language() or "", "said": said}
    PortalLook.objects.update_or_create(what=what, defaults=values)


def mark() -> str:
    """Tells these settings from others, and nothing about their secrets."""
    values = "\0".join(str(getattr(settings, name)) for name in DEPENDS_ON)
    return salted_hmac("callguard.looks", values, algorithm="sha256").hexdigest()
