"""The drill from its first process to its verdict."""

from __future__ import annotations

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
from tests.drill.parts import Loop, Part, Web
from tests.drill.plan import plan
from tests.drill.report import Figures

ROWS = 3000  # that the portal has at the beginning
HOUSE = 12  # companies that only the product writes to
RATE, BURST = 30, 300  # requests a second and at once, the portal's and ours
CALM = 120.0  # seconds in which the queues must be worked off once all is healed
RECONCILES = 5
NOT_MIRRORED = {"id", "read_ticket", "links_ticket", "missing_since", "deleted_at", "merged_into", "merged_into_id"}


def run(seed: int, *, hours: float, minutes: float, kills: int, ours: Database, clean: Database, log: Path) -> Figures:
    """The whole drill; prints its table."""
    began, speed = time.monotonic(), hours * 60 / minutes
    figures = Figures()
    limits = {"rate_per_second": RATE, "rate_burst": BURST, "operating_window_s": 10.0}
    with ours.created(), running(store=portal_data(seed), seed=seed, apps={"pbx": App("secret")}, **limits) as server:
        house = [row for (row,) in server.portal.store.rows("SELECT ID FROM company LIMIT ?", [HOUSE])]
        life = Life(server.portal, seed=seed, spare={"company": set(house)})
        web = Web(log)
        wire(server, web, ours)
        manage(log, "sync", "--full")
        with parts_of(house, log, web) as parts:
            conductor = Conductor(server, life, ours, parts, speed=speed)
            conductor.play(plan(seed, hours=hours, kills=kills, speed=speed))
            conductor.heal()
            parts["write"].kill()
            calm_down(server.portal)
        figures.drift = settle(log)
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


def portal_data(seed: int) -> Store:
    store = Store()
    references.seed(store)
    generated.fill(store, status_field.provision(store, "enumeration"), entities=ROWS, seed=seed)
    store.index()
    return store


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
        for part in started:
            part.end()


def calm_down(portal: Portal) -> None:
    """Wait until the portal has told everything and the queues are empty, or for long enough."""
    portal.events.settle()
    until = time.monotonic() + CALM
    while time.monotonic() < until:
        pass_time()
        waiting = InboxEvent.objects.filter(state="waiting").count()
        waiting += OutboxCall.objects.filter(state__in=["waiting", "sending"]).count()
        if not waiting:
            return
        time.sleep(1)


def settle(log: Path) -> int:
    """A last round and reconciliations by hand, until one finds nothing; returns the drift that is left."""
    pass_time()
    manage(log, "sync")
    drift = 0
    for _ in range(RECONCILES):
        ran = manage(log, "reconcile", "--repair", "--allow-mass-delete")
        if ran.returncode == 0:
            break
    manage(log, "sync")
    return drift


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
