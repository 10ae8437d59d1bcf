"""The drill from its first process to its verdict."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.models import Model

from crm_mirror.models import ContactCompany, InboxEvent, OutboxCall, PhoneNumber, Status, UnreadablePhone
from crm_mirror.sandbox import references
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.data import generated, status_field
from crm_mirror.sandbox.life.life import Life
from crm_mirror.sandbox.methods.events import BY_HAND
from crm_mirror.sandbox.portal import Portal
from crm_mirror.sandbox.server import SandboxServer, running
from crm_mirror.sandbox.store import Store
from tests.drill import loops, report
from tests.drill.compare import MODELS, PEOPLE, differences
from tests.drill.conductor import Conductor, pass_time
from tests.drill.database import Database
from tests.drill.parts import Loop, Part, Web, stop
from tests.drill.plan import plan
from tests.drill.report import Figures

HOUSE = 12  # companies that only the product writes to
RATE, BURST = 30, 300  # requests a second and at once, the portal's and ours
LIMITS = {"rate_per_second": RATE, "rate_burst": BURST, "operating_window_s": 10.0}
PBX = {"pbx": App("secret")}  # an application that reports calls
CALM = 120.0  # seconds in which the queues must be worked off once all is healed
NOT_MIRRORED = {"id", "read_ticket", "links_ticket", "missing_since", "deleted_at", "merged_into", "merged_into_id"}


def run(
    seed: int, *, hours: float, minutes: float, kills: int, rows: int, ours: Database, clean: Database, log: Path
) -> Figures:
    """The whole drill; prints its table."""
    began, speed = time.monotonic(), hours * 60 / minutes
    figures = Figures()
    limits = {"rate_per_second": RATE, "rate_burst": BURST, "operating_window_s": 10.0}
    with (
        ours.created(),
        running(store=portal_data(seed, rows), seed=seed, apps={"pbx": App("secret")}, **limits) as server,
    ):
        house = house_of(server.portal)
        life = Life(server.portal, seed=seed, spare={"company": set(house)})
        web = Web(log)
        wire(server, web, ours)
        manage(log, "sync", "--full")
        tell(began, "mirrored; the week begins")
        with parts_of(house, log, web) as parts:
            conductor = Conductor(server, life, ours, parts, speed=speed)
            conductor.play(plan(seed, hours=hours, kills=kills, speed=speed))
            conductor.heal()
            parts["write"].kill()
            tell(began, "healed; the queues are worked off")
            calm_down(server.portal)
        tell(began, "reconciled, night by night")
        figures.drift = settle(log, nights=math.ceil(hours / 24))
        tell(began, "compared")
        report.of_mirror(differences(server.portal), figures)
        report.of_queues(figures)
        report.of_feed(life.clients.ever_gone, figures)
        report.of_writes(server.portal, figures)
        with clean.created():
            manage(log, "sync", "--full", DATABASE_URL=clean.url)
            figures.unlike_a_full_sync = unlike(figures)
            connections["clean"].close()
        connections["default"].close()
        told = {"people did": life.done, "kills": conductor.kills, "faults": conductor.faults}
        told["events"] = Counter(str(one.status) for one in server.portal.events.delivered)
        print(report.table(figures, told, time.monotonic() - began))  # noqa: T201
    return figures


def tell(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)  # noqa: T201


def portal_data(seed: int, rows: int) -> Store:
    store = Store()
    references.seed(store)
    generated.fill(store, status_field.provision(store, "enumeration"), entities=rows, seed=seed)
    store.index()
    return store


def house_of(portal: Portal) -> list[int]:
    """Companies of the webhook's own user: no loss of rights refuses a write to them."""
    chosen = [row for (row,) in portal.store.rows("SELECT ID FROM company ORDER BY ID LIMIT ?", [HOUSE])]
    for company in chosen:
        portal.call("crm.company.update", {"id": company, "fields": {"ASSIGNED_BY_ID": 1}})
    return chosen


def wire(server: SandboxServer, web: Web, database: Database) -> None:
    """What an administrator does: a webhook each way, and the environment of every process to come."""
    token = server.portal.events.outgoing_webhook(f"{web.url}/bitrix/events/", BY_HAND)
    os.environ |= {
        "DATABASE_URL": database.url,
        "BITRIX_WEBHOOK_URL": server.webhook,
        "BITRIX_APPLICATION_TOKEN": token,
        "BITRIX_RATE_PER_SECOND": str(RATE),
        "BITRIX_RATE_BURST": str(BURST),
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def parts_of(house: list[int], log: Path, web: Web) -> Iterator[dict[str, Part]]:
    """All processes of the product, running; ended with the block."""
    parts: dict[str, Part] = {
        "web": web,
        "work": Loop(loops.work, log),
        "work again": Loop(loops.work, log),
        "rounds": Loop(loops.rounds, log),
        "reconcile": Loop(loops.reconcile, log),
        "write": Loop(loops.write, log, companies=house, pause=0.5),
    }
    started: list[Part] = []
    try:
        for part in parts.values():
            part.start()
            started.append(part)
        yield parts
    finally:
        stop(started)


def calm_down(portal: Portal) -> None:
    """Wait until the portal has told everything and the queues are empty, or for long enough."""
    portal.events.settle()
    pass_time()
    until = time.monotonic() + CALM
    while time.monotonic() < until:
        waiting = InboxEvent.objects.filter(state="waiting").count()
        waiting += OutboxCall.objects.filter(state__in=["waiting", "sending"]).count()
        if not waiting:
            return
        time.sleep(0.5)


def settle(log: Path, *, nights: int) -> int:
    """A last round, and a reconciliation for every night; returns the drift that the last one left."""
    pass_time()
    manage(log, "sync")
    for _ in range(nights):
        ran = manage(log, "reconcile", "--repair")
    told = json.loads(ran.stdout.splitlines()[-1])
    manage(log, "sync")
    return sum(kind["left"] for kind in told["kinds"].values())


def manage(log: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Our command in a process of its own, to its end; what it says on stderr goes to the log."""
    with log.open("a") as file:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            check=False,
        )


def unlike(figures: Figures) -> int:
    """Rows in which the mirror differs from one that a full sync alone has made."""
    grown, made = contents("default"), contents("clean")
    apart = (grown - made) + (made - grown)
    figures.notes += [f"unlike a full sync: {row}" for row in list(apart)[: report.SHOWN]]
    return apart.total()


def contents(database: str) -> Counter[tuple[Any, ...]]:
    """Live rows without our own numbering; numbers and links of live entities."""
    found: Counter[tuple[Any, ...]] = Counter()
    living: dict[str, set[int]] = {}
    for kind, model in (MODELS | PEOPLE).items():
        rows = model._default_manager.using(database).filter(deleted_at=None)
        living[kind] = set(rows.values_list("portal_id", flat=True))
        found.update((kind, *map(str, row)) for row in rows.values_list(*columns_of(model)))
    for model in (PhoneNumber, UnreadablePhone):
        rows = model.objects.using(database).values_list(*columns_of(model))
        found.update((model.__name__, *row) for row in rows if row[1] in living[row[0]])
    links = ContactCompany.objects.using(database).values_list("contact_id", "company_id")
    found.update(("link", *row) for row in links if row[0] in living["contact"] and row[1] in living["company"])
    statuses = Status.objects.using(database).filter(in_portal=True)
    found.update(("status", *row) for row in statuses.values_list("value", "name", "sort"))
    return found


def columns_of(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in NOT_MIRRORED]
