"""Who may what in the rules workshop, and with personal data; the employee is Olga."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from callguard import rules
from callguard.access import policies
from callguard.access.actors import Actor
from callguard.models import Account
from callguard.workshop import drafts
from tests.cast import OLGA
from tests.permissions.lines import Line
from tests.permissions.others import answered
from tests.permissions.pages import administrators
from tests.permissions.tries import Try, opening, shown, taken_back
from tests.permissions.world import Visitor

RULES, DATA = "Rules workshop", "Personal data"


def reads_her_trial(actor: Actor) -> bool:
    return policies.may_read_rules(actor) and policies.may_see_calls_of(actor, OLGA.id)


def lines() -> Iterator[Line]:
    reads = policies.may_read_rules
    for name, args, action in (
        ("rules", [], "open it"),
        ("rules-trial", [], "try rules on past calls"),
        ("rules-version", [1], "open a version"),
    ):
        address = f"dashboard:{name}"
        yield Line(RULES, action, (address,), reads, (opening(reverse(address, args=args)),))
    yield Line(RULES, "see the employee's call in a trial", ("dashboard:rules-trial",), reads_her_trial, (her_trial,))
    for name, args, action in (
        ("rules-draft", [], "edit the draft"),
        ("rules-publish", [], "publish the draft"),
        ("rules-version-change", [1], "roll back, call a version an error"),
    ):
        address = f"dashboard:{name}"
        yield Line(RULES, action, (address,), administrators, (by_post_only(address, args),))
    own = policies.may_see_own_record
    page, take, others = "dashboard:privacy", "dashboard:privacy-take", "dashboard:personal-data"
    yield Line(DATA, "see who looked at one's own record", (page,), own, (opening(reverse(page)),))
    yield Line(DATA, "take one's own data", (take,), own, (by_post_only(take, []),))
    yield Line(DATA, "open the page to hand out and erase", (others,), administrators, (opening(reverse(others)),))
    yield Line(DATA, "hand out the employee's data", (others,), administrators, (handing_out,))


def by_post_only(address: str, args: list[Any]) -> Try:
    """Who may is told so (405); the others are told first that they may not."""
    return answered("get", reverse(address, args=args), also=(405,))


@taken_back
def her_trial(visitor: Visitor) -> bool:
    """Under a draft that takes all colours away, her call is one of those that change."""
    root = visitor.world.subject(Account)
    rows = [{**row, "palette": None} for row in rules.in_force()]
    drafts.save(rows, revision=None, by=root, at=timezone.now())
    answer = visitor.get(reverse("dashboard:rules-trial"))
    return shown(answer) and OLGA.name in answer.told


@taken_back
def handing_out(visitor: Visitor) -> bool:
    answer: Any = visitor.client.post(reverse("dashboard:personal-data"), {"employee": OLGA.id, "act": "export"})
    if answer.streaming:
        b"".join(answer.streaming_content)
    return shown(answer) and answer.headers["Content-Type"] == "application/zip"
