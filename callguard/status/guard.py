"""The guard on the company status: what to do with a change that was made in the portal. Pure.

status-and-roles.md, "The guard on the status". Better a doubtful change that stays and is shown than a rightful one
that is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callguard.access.managers import Person


class Mode(StrEnum):
    """STATUS_GUARD."""

    REVERT = "revert"
    FLAG = "flag"
    OFF = "off"


class Ruling(StrEnum):
    ACCEPT = "accept"
    REVERT = "revert"
    FLAG = "flag"


class Ground(StrEnum):
    """Why; one code for each way out of `ruling_on`."""

    OWN_WRITE = "own_write"  # our write-back, come back through the feed
    UNCHANGED = "unchanged"  # what was accepted last is there again
    GUARD_OFF = "guard_off"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    UNKNOWN_AUTHOR = "unknown_author"
    LEFT_MEANWHILE = "left_meanwhile"  # dismissed since: what he was then is no longer known
    MAY_BE_ADMINISTRATOR = "may_be_administrator"
    NOT_ALLOWED = "not_allowed"
    FLAGS_ONLY = "flags_only"  # not allowed, and STATUS_GUARD = flag
    FIRST_STATUS = "first_status"  # a new company came with a status of its own


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one company's status as the feed tells it. IDs are the portal's.

    `accepted` is the status that was accepted last. `author` None: it cannot be known, for somebody edited the company
    more than once between two looks, or the portal does not say. `managers`: all who managed the responsible around
    the change, so that neither a company handed over nor a head appointed at the same moment counts against anybody.
    `is_new`: the company appeared with this status.
    """

    after: str | None
    accepted: str | None
    author: Person | None = None
    managers: frozenset[int] = frozenset()
    is_echo: bool = False
    is_new: bool = False


def ruling_on(edit: Edit, *, mode: Mode, admins_complete: bool = False) -> tuple[Ruling, Ground]:
    """What becomes of the edit, and why. `admins_complete`: whoever is not on the list of administrators is none."""
    if ground := _peaceful(edit, mode):
        return Ruling.ACCEPT, ground
    if edit.author is None:
        return Ruling.FLAG, Ground.UNKNOWN_AUTHOR
    if edit.author.is_admin:
        return Ruling.ACCEPT, Ground.ADMINISTRATOR
    if edit.author.id in edit.managers:
        return Ruling.ACCEPT, Ground.MANAGER
    if not edit.author.active:
        return Ruling.FLAG, Ground.LEFT_MEANWHILE
    if edit.author.is_admin is None and not admins_complete:
        return Ruling.FLAG, Ground.MAY_BE_ADMINISTRATOR
    return (Ruling.REVERT, Ground.NOT_ALLOWED) if mode == Mode.REVERT else (Ruling.FLAG, Ground.FLAGS_ONLY)


def _peaceful(edit: Edit, mode: Mode) -> Ground | None:
    """Why nobody needs to be asked about it."""
    if edit.is_echo:
        return Ground.OWN_WRITE
    if edit.after == edit.accepted:
        return Ground.UNCHANGED
    if mode == Mode.OFF:
        return Ground.GUARD_OFF
    return Ground.FIRST_STATUS if edit.is_new else None
