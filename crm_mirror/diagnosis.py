"""What must work between us and the portal, one finding for each thing, with how to put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """One line of `manage.py doctor`. `cause` is for operators only: it may quote a driver's own words."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    cause: str = ""


class Unwell(Exception):
    """What a check raises when the thing does not work. `cause`: see Finding."""

    def __init__(self, detail: str, remedy: str, *, cause: object = "") -> None:
        super().__init__(detail)
        self.remedy = remedy
        self.cause = str(cause).strip()


def finding(name: str, check: Callable[[], str]) -> Finding:
    """The check's own words, or those of the Unwell it raised."""
    try:
        return Finding(name, True, check())
    except Unwell as unwell:
        return Finding(name, False, str(unwell), unwell.remedy, unwell.cause)


def portal_findings(*, at: datetime) -> list[Finding]:
    return []
