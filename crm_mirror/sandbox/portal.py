"""The simulated portal as an object: its data, clock, limits, faults and log. The server is only its door."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import entities, methods
from crm_mirror.sandbox.access import DOCUMENTED_SCOPES, App, Tokens
from crm_mirror.sandbox.clock import Clock
from crm_mirror.sandbox.events import Events
from crm_mirror.sandbox.faults import Faults
from crm_mirror.sandbox.kinds import kinds
from crm_mirror.sandbox.limits import Limits
from crm_mirror.sandbox.log import RequestLog
from crm_mirror.sandbox.registry import METHODS, Call

if TYPE_CHECKING:
    from crm_mirror.sandbox.store import Store


@dataclass
class PortalConfig:
    """How this portal differs from others. Numbers of the limits are those of the docs' page."""

    host: str = "127.0.0.1"  # with the port, once the server knows it
    https: bool = False
    member_id: str = "a223c6b3710f85df22e9377d6c4f7553"
    zone: str = "Europe/Moscow"
    edition: str = "cloud"  # or "box"
    version: int = 25  # of the rest module
    rate_per_second: float = 2.0
    rate_burst: float = 50.0
    limits_on: bool = True
    operating_limit_s: float = 480.0
    operating_window_s: float = 600.0  # in which that much time may be spent
    seconds_charged: float | None = None  # to the operating budget for each call; None: what it really took
    gzip: bool = False  # pack answers for clients that say they can unpack them
    rest_available: bool = True
    require_https: bool = False
    webhooks: dict[str, int] = field(default_factory=lambda: {"sandbox0admin0token": 1})
    webhook_scopes: frozenset[str] = DOCUMENTED_SCOPES
    apps: dict[str, App] = field(default_factory=dict)
    application_token: str = "51856fefc120afa4b628cc82d3935cce"  # noqa: S105 - of a portal that does not exist
    item_list_company_ids: bool = True  # False: crm.item.list of contacts never brings companyIds, as older portals
    own_rows_only: set[int] = field(default_factory=set)  # employees who see only what they are responsible for

    @property
    def url(self) -> str:
        return f"{'https' if self.https else 'http'}://{self.host}"


class Portal:
    """Everything behind the addresses. Methods get it as their second argument."""

    def __init__(self, store: Store, config: PortalConfig | None = None, *, seed: int = 1) -> None:
        self.store = store
        self.config = config or PortalConfig()
        self.clock = Clock(self.config.zone)
        self.faults = Faults(seed)
        self.log = RequestLog()
        self.limits = Limits(
            self.clock,
            rate_per_second=self.config.rate_per_second,
            rate_burst=self.config.rate_burst,
            operating_limit_s=self.config.operating_limit_s,
            window_s=self.config.operating_window_s,
        )
        self.limits.on = self.config.limits_on and self.config.edition == "cloud"
        self.tokens = Tokens(self.config, self.clock)
        self.events = Events(self)
        self.memory: dict[str, Any] = {}  # rows of the small methods: placements, calls, notifications
        self.lock = threading.RLock()  # for whoever changes `memory`
        load_methods()

    def now(self) -> datetime:
        """What the portal shows as the time: the clock fault included."""
        return self.clock.now()

    def call(self, name: str, params: dict[str, Any] | None = None, user_id: int = 1, **context: Any) -> Any:
        """Result of one method, without HTTP, limits, log and faults. `context`: scopes, app_id. Raises Refused."""
        call = Call(name.lower(), params or {}, user_id, self.is_admin(user_id), self.now(), **context)
        return METHODS[name.lower()].run(call, self).result

    def emit(self, event: str, fields: dict[str, Any], by: int | None) -> None:
        """Tell the handlers bound to the event that something changed; returns at once. `by`: who did it."""
        self.events.emit(event.upper(), {"FIELDS": fields}, by)

    def restore(self, kind: str, entity_id: int, *, by: int, moves_date: bool = True) -> None:
        """Out of the recycle bin, under the old ID; handlers hear of it as of a new entity (rest.md trap 15).

        The docs do not say whether DATE_MODIFY moves: both happen here, so that nobody relies on either.
        """
        entities.restore(self.store, kinds()[kind], entity_id, at=self.now() if moves_date else None)
        self.emit(f"{kinds()[kind].event}ADD", {"ID": entity_id}, by)

    def is_admin(self, user_id: int) -> bool:
        if self.faults.state("not_admin"):
            return False
        user = self.store.user(user_id)
        return bool(user and user.get("IS_ADMIN"))

    def is_active(self, user_id: int) -> bool:
        user = self.store.user(user_id)
        return bool(user and user["ACTIVE"]) and not self.faults.state("dismissed")

    def visible_only_to(self, user_id: int) -> bool:
        """Whether rows with another responsible are silently left out for this employee."""
        return bool(self.faults.state("own_rows")) or user_id in self.config.own_rows_only

    def issue_tokens(self, client_id: str, user_id: int) -> dict[str, Any]:
        """An application's token pair for an employee, as if he had just signed in."""
        return self.tokens.issue(client_id, user_id)

    def close(self) -> None:
        self.events.close()


def load_methods() -> None:
    """Import every module of `methods`, which registers what it holds."""
    for module in pkgutil.iter_modules(methods.__path__):
        importlib.import_module(f"{methods.__name__}.{module.name}")
