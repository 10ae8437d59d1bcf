"""The steps of connecting a portal, and how far each has come: read from what is there, never from a stored number.

Whoever set things up by commands meets a wizard that knows; whoever was interrupted goes on anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from callguard.access.administrators import list_is_complete
from callguard.looks import Looks
from callguard.models import Call
from crm_mirror import freshness
from crm_mirror.admin.launch import ORDERS
from crm_mirror.admin.progress import progress, run_of
from crm_mirror.diagnosis import Finding
from crm_mirror.models import Status, SyncRun

TITLES: dict[str, StrOrPromise] = {
    "connection": gettext_lazy("Connection"),
    "checks": gettext_lazy("Checks"),
    "provisioning": gettext_lazy("Status field and events"),
    "sync": gettext_lazy("First synchronisation"),
    "administrators": gettext_lazy("Administrators"),
    "card": gettext_lazy("Call card"),
}
# The doctor's lines by the step that puts them right; the step "checks" has the others, and shows all.
LINES = {
    "connection": ("portal", "connection", "scopes", "administrator", "clock"),
    "provisioning": ("field", "reference", "events", "placements"),
    "sync": ("mirror",),
    "administrators": ("administrators",),
    "card": ("card secret", "card origins", "card"),
}
ELSEWHERE = {line: step for step, lines in LINES.items() for line in lines}


class State(StrEnum):
    DONE = "done"
    AHEAD = "todo"  # somebody's part that is not done yet; the word of doctor and of the styles
    RUNNING = "running"
    FAILED = "failed"


WORDS: dict[State, StrOrPromise] = {
    State.DONE: gettext_lazy("done"),
    State.AHEAD: gettext_lazy("to do"),
    State.RUNNING: gettext_lazy("under way"),
    State.FAILED: gettext_lazy("failed"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it stands. `line`: how it stands, in one sentence; `remedy`: what to do when it failed."""

    code: str
    number: int
    state: State
    line: str
    remedy: str = ""
    language: str = ""  # of the line, where it was said at another time

    @property
    def title(self) -> StrOrPromise:
        return TITLES[self.code]

    @property
    def word(self) -> StrOrPromise:
        return WORDS[self.state]

    @property
    def link(self) -> str:
        return reverse("setup:step", args=[self.code])


Standing = tuple[State, str, str]  # state, line, remedy


def steps_of(seen: Looks, here: Iterable[Finding], *, at: datetime) -> list[Step]:
    """All six. `here`: the doctor's lines that ask no portal (health.findings_here)."""
    found = {one.name: one for one in here}
    synced = freshness.synced_at()
    standings: dict[str, Standing] = {
        "connection": connection(seen, found, synced),
        "checks": checks(seen, found),
        "provisioning": provisioning(seen),
        "sync": first_sync(synced, at=at),
        "administrators": by_line(found["administrators"]),
        "card": card(found),
    }
    return [step_of(code, number, standings[code], seen) for number, code in enumerate(TITLES, 1)]


def step_of(code: str, number: int, standing: Standing, seen: Looks) -> Step:
    state, line, remedy = standing
    is_kept = code in ("connection", "provisioning") and state == State.FAILED and seen.seen
    return Step(code, number, state, line, remedy, seen.seen.language if is_kept and seen.seen else "")


def is_complete() -> bool:
    """Whether nothing of it is left. Cheap enough for every page: four queries at most, one while nothing is done."""
    parts: list[Callable[[], bool]] = [
        lambda: freshness.synced_at() is not None,
        is_provisioned,
        list_is_complete,
        lambda: Call.objects.exists(),
    ]
    return all(part() for part in parts)


def unfinished(steps: Iterable[Step]) -> Step | None:
    """The first step that is not done: where the wizard opens."""
    return next((step for step in steps if step.state != State.DONE), None)


# --- How each stands -------------------------------------------------------------------------------------------------
def by_line(one: Finding) -> Standing:
    if not one.ok:
        return State.FAILED, one.detail, one.remedy
    return (State.AHEAD, one.detail, one.remedy) if one.is_open else (State.DONE, capfirst(one.detail), "")


def worst(found: Iterable[Finding]) -> Standing:
    """The first that failed, else the first still open, else that all is well."""
    lines = list(found)
    bad = next((one for one in lines if not one.ok), None) or next((one for one in lines if one.is_open), None)
    return by_line(bad) if bad else (State.DONE, _("All is well."), "")


def connection(seen: Looks, here: dict[str, Finding], synced: datetime | None) -> Standing:
    """By the last look; by a sync that came through since, for who works with commands."""
    refused = here["allowance"]
    if not refused.ok:
        return State.FAILED, refused.detail, refused.remedy
    if seen.seen and not (synced and synced > seen.seen.at):
        lines = seen.seen.of(LINES["connection"])
        failed = next((one for one in lines if not one.ok), None)
        return by_line(failed) if failed else (State.DONE, connected_to(), "")
    if synced:
        return State.DONE, connected_to(), ""
    if not settings.PORTAL_ORIGIN:
        return State.AHEAD, _("No portal is named in the settings yet."), ""
    return State.AHEAD, _("The settings name %(portal)s; check whether it answers.") % named(), ""


def connected_to() -> str:
    return _("Connected to %(portal)s.") % named()


def named() -> dict[str, str]:
    return {"portal": settings.PORTAL_ORIGIN}


def checks(seen: Looks, here: dict[str, Finding]) -> Standing:
    """What no other step puts right."""
    own = [one for name, one in here.items() if name not in ELSEWHERE]
    state, line, remedy = worst(own)
    if state == State.DONE and not seen.seen and not freshness.synced_at():
        return State.AHEAD, _("The portal has not been looked at yet."), ""
    return state, line, remedy


def provisioning(seen: Looks) -> Standing:
    if seen.surveyed and seen.surveyed.error:
        return State.FAILED, seen.surveyed.error, seen.surveyed.remedy
    lines = seen.seen.of(LINES["provisioning"]) if seen.seen and seen.seen.findings["portal"].ok else []
    if lines:
        missing = [one for one in lines if not one.ok]
        if missing:
            return State.AHEAD, missing[0].detail, ""
        if any(one.is_open for one in lines):
            return State.DONE, _("The portal has the field and its values; events are still worth setting up."), ""
        return State.DONE, _("The portal has the field, its values and what tells us of changes."), ""
    if is_provisioned():
        return State.DONE, _("The portal has the field and its values."), ""
    return State.AHEAD, _("Look what the portal lacks, then let it be created."), ""


def is_provisioned() -> bool:
    """Whether a sync has met values of the field in the portal. One query."""
    return Status.objects.filter(in_portal=True, retired_at=None).exists()


def first_sync(synced: datetime | None, *, at: datetime) -> Standing:
    order = ORDERS["sync"]
    if synced:
        return State.DONE, _("The mirror is complete."), ""
    if run_of(order):
        return State.RUNNING, progress(order, None, at=at).headline, ""
    last = SyncRun.objects.filter(work__in=order.works).order_by("-pk").first()
    if last and not last.ok:  # without a word: its process was killed
        return State.FAILED, last.error or _("The process ended half way."), _("Begin again: it goes on where it was.")
    return State.AHEAD, _("The mirror is empty: cards get no colour yet."), ""


def card(here: dict[str, Finding]) -> Standing:
    if not settings.PORTAL_ORIGIN:
        return State.AHEAD, _("Comes when the portal is connected."), ""
    secret = here["card secret"]
    if not settings.CARD_TOKEN_SECRET:
        return State.AHEAD, secret.detail, secret.remedy
    return worst(here[name] for name in LINES["card"])
