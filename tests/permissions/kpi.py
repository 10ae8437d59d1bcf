"""Who may what on the pages of figures bonuses are paid by, and of what is to be cleaned up; each of Olga's rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from callguard.access import policies
from callguard.access.actors import Actor
from tests.cast import OLGA
from tests.permissions.lines import Line, Policy
from tests.permissions.others import answered, call
from tests.permissions.pages import administrators
from tests.permissions.tries import Try, opening, shown
from tests.permissions.world import COMPANY, DEAL, Visitor

RESOURCE = "KPI and cleaning"


def lines() -> Iterator[Line]:
    enters = policies.may_sign_in
    yield page("open the figures", "kpi", enters)
    yield page("see the employee's figures", "kpi", her_figures, naming=OLGA.name, person=OLGA.id)
    yield page("take the employee's figures as a file", "kpi-file", her_figures, ["csv"], naming=OLGA.name)
    yield page("open the deals behind a figure", "kpi-rows", enters, ["won"])
    yield page("see the employee's deals", "kpi-rows", her_figures, ["won"], naming=DEAL, person=OLGA.id)
    yield page("take the employee's deals as a file", "kpi-rows-file", her_figures, ["won", "csv"], naming=DEAL)
    yield page("open the cleaning queue", "cleaning", enters)
    yield page("see what is to be cleaned about the employee's clients", "cleaning", her_figures, naming=COMPANY)
    button = answered("get", reverse("dashboard:cleaning-look"), also=(405,))  # by POST only
    yield Line(RESOURCE, "begin a look through the mirror", ("dashboard:cleaning-look",), administrators, (button,))
    api = reverse("kpi")
    yield call("ask for one's own figures", "kpi", enters, lambda ask: ask("get", api, {}))
    yield call("ask for the employee's figures", "kpi", her_figures, lambda ask: ask("get", api, {"person": OLGA.id}))


def her_figures(actor: Actor) -> bool:
    return policies.may_see_calls_of(actor, OLGA.id)


def page(action: str, name: str, may: Policy, args: list[str] | None = None, *, naming: str = "", **asked: Any) -> Line:
    """`naming`: what its text holds for who may see it; everybody else may open the page, and finds nothing of it."""
    address = f"dashboard:{name}"
    url = reverse(address, args=args or [])
    tried = found(url, naming, **asked) if naming else opening(url, **asked)
    return Line(RESOURCE, action, (address,), may, (tried,))


def found(url: str, naming: str, **asked: Any) -> Try:
    def looked(visitor: Visitor) -> bool:
        answer = visitor.get(url, asked)
        return shown(answer) and naming in answer.told

    return looked
