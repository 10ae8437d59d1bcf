"""Who may what on the pages of figures bonuses are paid by, and of what is to be cleaned up; each of Olga's rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from callguard.access import policies
from callguard.access.actors import Actor
from tests.cast import OLGA
from tests.permissions.lines import Line, Policy
from tests.permissions.others import call
from tests.permissions.tries import Try, opening, shown
from tests.permissions.world import DEAL, Visitor


def lines() -> Iterator[Line]:
    enters = policies.may_sign_in
    yield page("open the figures", "kpi", enters)
    yield page("see the employee's figures", "kpi", her_figures, naming=OLGA.name, person=OLGA.id)
    yield page("take the employee's figures as a file", "kpi-file", her_figures, ["csv"], naming=OLGA.name)
    yield page("open the deals behind a figure", "kpi-rows", enters, ["won"])
    yield page("see the employee's deals", "kpi-rows", her_figures, ["won"], naming=DEAL, person=OLGA.id)
    yield page("take the employee's deals as a file", "kpi-rows-file", her_figures, ["won", "csv"], naming=DEAL)
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
    return Line("KPI", action, (address,), may, (tried,))


def found(url: str, naming: str, **asked: Any) -> Try:
    def looked(visitor: Visitor) -> bool:
        answer = visitor.get(url, asked)
        return shown(answer) and naming in answer.told

    return looked
