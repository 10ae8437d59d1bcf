"""Who may what on the admin's pages of each model. A model that stands nowhere here fails the matrix's test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from callguard.access import policies
from callguard.access.actors import Actor
from callguard.models import (
    AccessLog,
    Account,
    Call,
    Conflict,
    Dispute,
    ExcuseRule,
    History,
    Letter,
    Notice,
    Palette,
    Rule,
    RuleSetVersion,
    Substitution,
)
from crm_mirror import models as mirror
from tests.cast import IVAN, OLGA
from tests.permissions import tries
from tests.permissions.lines import Line, Policy
from tests.permissions.world import COMPANY, LINE

TODAY = timezone.localdate()
administrators = policies.may_administer


def nobody(actor: Actor) -> bool:
    return False


def her_clients(actor: Actor) -> bool:
    return policies.may_see_clients_of(actor, OLGA.id)


def her_calls(actor: Actor) -> bool:
    return policies.may_see_calls_of(actor, OLGA.id)


def her_disputes(actor: Actor) -> bool:
    return policies.may_judge_disputes(actor) and her_calls(actor)


def her_absence(actor: Actor) -> bool:
    return policies.may_enter_substitution(actor, OLGA.id)


def absence_shown(actor: Actor) -> bool:
    return policies.may_see_substitutions(actor) and her_clients(actor)


def her_lines(actor: Actor) -> bool:
    return policies.may_read_history(actor) and her_clients(actor)


@dataclass(frozen=True)
class Pages:
    """`opens`: the list; `row`: Olga's row in it. `search` and `person` find that row; `new` is what a form sends."""

    opens: Policy = administrators
    row: Policy = administrators
    add: Policy = nobody
    change: Policy = nobody
    delete: Policy = nobody
    search: str = ""
    person: str = ""
    new: Callable[[], dict[str, Any]] = dict
    actions: dict[str, Callable[[Any], bool]] = field(default_factory=dict)  # name → proof that it was carried out


def clients(search: str, **actions: Callable[[Any], bool]) -> Pages:
    return Pages(policies.may_sign_in, her_clients, search=search, person="responsible", actions=actions)


def new_palette() -> dict[str, Any]:
    red = Palette.objects.get(code="red")
    sent = {column.name: getattr(red, column.name) for column in Palette._meta.fields if column.editable}
    versions = {f"versions-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return sent | versions | {"code": "new", "severity": 77}


def new_substitution() -> dict[str, Any]:
    day = (TODAY + timedelta(days=9)).isoformat()
    return {"substitute": IVAN.id, "substituted": OLGA.id, "first_day": day, "last_day": day}


def new_account() -> dict[str, Any]:
    return {"username": "new", "usable_password": "true", "password1": "lamp-Nine-42", "password2": "lamp-Nine-42"}


def new_rule() -> dict[str, Any]:
    return {"tier": "lead", "match": "none", "palette": ""}


def new_status() -> dict[str, Any]:
    return {"name": "Отказ", "sort": 50, "colour": ""}


def new_crontab() -> dict[str, Any]:
    every = dict.fromkeys(("hour", "day_of_month", "month_of_year", "day_of_week"), "*")
    return {"minute": 11, "timezone": "Europe/Moscow"} | every


def led_away(answer: Any) -> bool:
    """An action of the machinery ends with a message on the list."""
    return bool(answer.status_code == 302 and not answer.url.startswith(reverse("admin:login")))


EDITED = {"add": administrators, "change": administrators, "delete": administrators}
CALLS = Pages(policies.may_sign_in, her_calls, search="8 916 123-00-02", person="caller")
PAGES: dict[type[Model], Pages] = {
    mirror.Company: clients("ромашка", change_statuses=lambda answer: COMPANY in answer.told),  # only a preview
    mirror.Contact: clients("секретный"),
    mirror.Lead: clients("секретный"),
    mirror.Deal: clients("секретная"),
    mirror.PhoneNumber: Pages(policies.may_sign_in, her_clients, search="8 916 123-00-01"),
    mirror.Employee: Pages(policies.may_sign_in, her_clients, search="петрова"),
    Call: CALLS,
    Conflict: CALLS,
    Dispute: Pages(policies.may_judge_disputes, her_disputes, search="веду"),
    Substitution: Pages(
        *(policies.may_see_substitutions, absence_shown),
        *(her_absence,) * 3,
        new=new_substitution,
        search="петрова",
        person="substituted",
    ),
    Palette: Pages(*(policies.may_edit_palettes,) * 4, delete=administrators, new=new_palette),
    History: Pages(
        policies.may_read_history, her_lines, search="Ромашке", actions={"export": lambda answer: LINE in answer.told}
    ),
    Rule: Pages(**EDITED, new=new_rule),
    ExcuseRule: Pages(change=administrators),
    AccessLog: Pages(search="Читатель"),
    Account: Pages(**EDITED, new=new_account, search="spare"),
    mirror.Status: Pages(add=administrators, change=administrators, new=new_status),
    PeriodicTask: Pages(change=administrators),
    IntervalSchedule: Pages(**EDITED, new=lambda: {"every": 3, "period": "hours"}),
    CrontabSchedule: Pages(**EDITED, new=new_crontab),
    mirror.InboxEvent: Pages(actions={"try_again": led_away}),
    mirror.OutboxCall: Pages(actions={"send_again": led_away}),
    Letter: Pages(actions={"send_again": led_away}, search="olga@example.com"),
    **dict.fromkeys(
        (
            Notice,
            *(RuleSetVersion, mirror.Department, mirror.UnreadablePhone, mirror.Quarantine),
            *(mirror.Change, mirror.Drift, mirror.Repair, mirror.SyncRun, mirror.SyncCursor),
        ),
        Pages(),
    ),
}


def lines() -> Iterator[Line]:
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        yield from lines_of(model)


def lines_of(model: type[Model]) -> Iterator[Line]:
    assert model in PAGES, f"tests/permissions/pages.py does not say who may what on the pages of {model._meta.label}"
    said, pages, prefix = PAGES[model], tries.pages_of(model), f"{model._meta.app_label}_{model._meta.model_name}"

    def line(action: str, page: str, may: Policy, *attempts: tries.Try) -> Line:
        covered = tuple(f"admin:{prefix}_{name}" for name in page.split())
        return Line(model._meta.label, action, covered, may, attempts)

    yield line("open the list", "changelist", said.opens, tries.opening(tries.address(model, "changelist")))
    found = tries.finding(model, pages, search=said.search, person=said.person)
    yield line("find the row: list, search, filters, guessed IDs", "changelist", said.row, *found)
    yield line("open the row, its history and pop-up", "change history", said.row, *tries.reading(model))
    if pages.search_fields and (chosen := tuple(tries.choosing(model))):
        choose = ("admin:autocomplete",)
        yield Line(model._meta.label, "choose the row in a form", choose, said.row, chosen)
    yield line("add", "add", said.add, tries.adding(model, said.new))
    yield line("change", "change", said.change, tries.saving(model))
    yield line("delete", "delete", said.delete, *tries.removing(model))
    for action in (name for name in pages.actions or () if isinstance(name, str)):
        assert action in said.actions, f"tests/permissions/pages.py does not say who may {action} {model._meta.label}"
        yield line(f"action: {action}", "changelist", said.row, tries.acting(model, action, said.actions[action]))
