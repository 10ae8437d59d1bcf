"""Places in the portal's pages where pages of ours are shown: which are bound to our address, and which are not yet.

Named in settings.PORTAL_PLACEMENTS. Only a local application with the right `placement` binds them; what is bound to
other addresses is somebody else's. docs: api-reference/widgets/placement-bind, placement-get, placement-list
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from crm_mirror.connection import is_application
from crm_mirror.portal.batch import Command

SCOPE = "placement"
QUESTIONS = {"placements": Command("placement.get"), "places": Command("placement.list")}


@dataclass(frozen=True)
class Placement:
    """One of PORTAL_PLACEMENTS: {"placement": "CALL_CARD", "path": "/bitrix/card/", "title": "Call Guard"}."""

    code: str
    path: str
    title: str
    options: Mapping[str, Any]

    @property
    def address(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"

    def command(self) -> Command:
        params = {"PLACEMENT": self.code, "HANDLER": self.address, "TITLE": self.title}
        return Command("placement.bind", params | ({"OPTIONS": dict(self.options)} if self.options else {}))

    def __str__(self) -> str:
        return f"{self.code} {self.path}"


@dataclass(frozen=True)
class Placements:
    """What the portal said to QUESTIONS, against what we want."""

    bound: list[Placement]
    lacking: list[Placement]
    unknown: list[Placement]  # at places that this portal, or the application's permissions, do not know


def are_wanted() -> bool:
    """Whether there are any, and the connection is one that can bind them: a webhook cannot, and a box needs none."""
    return bool(settings.PORTAL_PLACEMENTS) and is_application()


def wanted() -> list[Placement]:
    return [
        Placement(str(one["placement"]).upper(), str(one["path"]), str(one["title"]), one.get("options", {}))
        for one in settings.PORTAL_PLACEMENTS
    ]


def placements_in(answers: Mapping[str, Any]) -> Placements:
    """`answers`: the results of QUESTIONS."""
    known = {str(name).upper() for name in answers["places"] or ()}
    rows = [row for row in answers["placements"] or () if isinstance(row, dict)]
    there = {(str(row.get("placement")).upper(), row.get("handler")) for row in rows}
    bound = [one for one in wanted() if (one.code, one.address) in there]
    others = [one for one in wanted() if one not in bound]
    return Placements(
        bound, [one for one in others if one.code in known], [one for one in others if one.code not in known]
    )


def may_bind(scopes: Any) -> bool:
    """`scopes`: the answer to `scope`."""
    return isinstance(scopes, list) and SCOPE in scopes
