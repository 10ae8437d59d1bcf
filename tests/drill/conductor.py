"""Plays the plan: people live on the portal, faults come and go, processes are killed and start again."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from django.db import Error, connection
from django.db.models import F
from django.utils import timezone

from crm_mirror.models import InboxEvent, MethodPause, OutboxCall, RequestAllowance
from crm_mirror.sandbox.life.life import Life
from crm_mirror.sandbox.server import SandboxServer
from tests.drill.database import Database, PostgreSQL
from tests.drill.parts import Part
from tests.drill.plan import Moment

logger = logging.getLogger(__name__)


class Conductor:
    """`speed`: seconds of the portal in one of ours."""

    def __init__(
        self, server: SandboxServer, life: Life, database: Database, parts: Mapping[str, Part], *, speed: float
    ) -> None:
        self.done: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._server, self._life, self._database, self._parts = server, life, database, parts
        self._speed = speed
        many = len(life.clients.live["company"])  # as many again are imported, all of them edited at once
        self._actions: dict[str, Callable[[str], None]] = {
            "deed": lambda about: self._did(self._life.step()),
            "import": lambda about: self._life.clients.import_companies(many),
            "edit": lambda about: self._life.clients.edit_everything(many),
            "jump": lambda about: self._server.portal.clock.jump(float(about)),
            "pass": lambda about: pass_time(),
            "kill": self._kill,
            "fault": self._break,
            "heal": lambda about: self._server.heal(),
            "outage": self._take_away,
            "over": self._give_back,
        }

    def play(self, moments: list[Moment]) -> None:
        """As fast as asked for, or as the machine can."""
        clock, began, passed = self._server.portal.clock, time.monotonic(), 0.0
        for moment in moments:
            time.sleep(max(0.0, moment.at / self._speed - (time.monotonic() - began)))
            clock.advance(max(0.0, moment.at - passed))
            passed = moment.at
            self._actions[moment.what](moment.about)
            self._start_the_dead()

    def heal(self) -> None:
        """The end of all troubles."""
        self._server.heal()
        self._start_the_dead()

    def _did(self, deed: str) -> None:
        self.done[deed] += 1

    def _kill(self, name: str) -> None:
        self._parts[name].kill()
        self.kills[name] += 1

    def _start_the_dead(self) -> None:
        for name, part in self._parts.items():
            if part.is_dead():
                if name not in self.kills:
                    logger.warning("%s ended by itself", name)
                part.start()

    def _break(self, spec: str) -> None:
        """Under another name the portal is the same machine."""
        moved = self._server.portal.config.host.replace("127.0.0.1", "localhost")
        self._server.portal.faults.add_spec(spec.format(moved=moved))
        self.faults[spec] += 1

    def _take_away(self, what: str) -> None:
        self.faults[f"{what} away"] += 1
        if what == "portal":
            self._server.go_down()
        elif what == "connections" and isinstance(self._database, PostgreSQL):
            self._database.cut_off()
        else:
            self._database.go_away()

    def _give_back(self, what: str) -> None:
        if what == "portal":
            self._server.come_up()
        else:
            self._database.come_back()


def pass_time() -> None:
    """Hours pass for us as well: what waits for its next try, or for the portal's permission, has waited enough."""
    now = timezone.now()
    with suppress(Error):  # an outage: next time
        for model, state in ((OutboxCall, ("waiting", "sending")), (InboxEvent, ("waiting",))):
            model.objects.filter(state__in=state, next_attempt_at__gt=now).update(next_attempt_at=now)
        MethodPause.objects.all().delete()
        soon = now.timestamp() + timedelta(seconds=1).total_seconds()
        RequestAllowance.objects.filter(blocked_until__gt=soon).update(blocked_until=soon, level=F("level"))
        return
    connection.close()
