"""Who hears of changes: handlers called over HTTP, at most once, and the offline queues that are read by polling.

docs: api-reference/events/index, offline-events, on-offline-event; rest.md §7
"""

from __future__ import annotations

import secrets
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crm_mirror.sandbox.deliveries import Deliveries
from crm_mirror.sandbox.offline import OfflineQueue

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

DELIVERY_TIMEOUT_S = 5
LATE_S = 1.0  # how late the fault makes an event when it does not say


@dataclass(frozen=True)
class Handler:
    """One binding. `app_id` is empty for an outgoing webhook, which a person made in the portal by hand."""

    id: int
    event: str
    url: str
    app_id: str = ""
    auth_type: int = 0  # employee whose token comes with the event; 0: whoever caused it
    offline: bool = False
    auth_connector: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    token: str = ""  # application_token that the handler compares


@dataclass(frozen=True)
class Delivery:
    """What happened to one POST: the handler's status, 0 when nobody answered. It is never repeated."""

    event: str
    url: str
    status: int


class Events:
    """Bindings and deliveries of one portal. One thread delivers, in order, as the portal's queue does."""

    def __init__(self, portal: Portal) -> None:
        self.handlers: list[Handler] = []
        self.offline = OfflineQueue(portal.clock)
        self.delivered: list[Delivery] = []
        self._portal = portal
        self._next_id = 1
        self._queue: Deliveries[tuple[Handler, dict[str, str]]] = Deliveries()
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._source = threading.local()

    def bind(self, event: str, url: str, **what: Any) -> Handler:
        with self._lock:
            token = what.pop("token", self._portal.config.application_token)
            handler = Handler(self._next_id, event.upper(), url, token=token, **what)
            self._next_id += 1
            self.handlers.append(handler)
            return handler

    def outgoing_webhook(self, url: str, events: list[str]) -> str:
        """What a person does on the portal's page of webhooks; the application token to be copied to the receiver.

        ValueError for what is no address.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"no address to send events to: {url!r}; it begins with http:// or https://")
        token = secrets.token_hex(16)
        for event in events:
            self.bind(event, url, token=token)
        return token

    def unbind(self, chosen: list[Handler]) -> int:
        with self._lock:
            self.handlers = [handler for handler in self.handlers if handler not in chosen]
            return len(chosen)

    def comes_from(self, connector: str) -> None:
        """Name the source (`auth_connector`) of the changes this thread makes next: they stay out of its own queue."""
        self._source.connector = connector

    def emit(self, event: str, data: dict[str, Any], by: int | None) -> None:
        """`by` None: a robot or workflow, which brings no token."""
        connector = getattr(self._source, "connector", "")
        for handler in [one for one in self.handlers if one.event == event and self._is_installed(one.app_id)]:
            if not handler.offline:
                self.post(handler, data, by)
            elif not connector or connector != handler.auth_connector:
                self.offline.add(handler.app_id, handler.auth_connector, event, data, by)
                self._notify(handler.app_id, by)

    def post(self, handler: Handler, data: Any, by: int | None) -> None:
        """Tell one handler, as the faults of events let it be told."""
        self._start()
        struck = self._portal.faults.event(handler.event)
        if "event_lost" in struck:
            return
        delay = struck["event_late"].seconds(LATE_S) if "event_late" in struck else 0.0
        for _ in range(2 if "event_twice" in struck else 1):
            self._queue.put((handler, payload(self._portal, handler, data, by)), delay=delay)

    def settle(self) -> None:
        """Wait until everything put in the queue was delivered or failed."""
        self._queue.settle()

    def forget_waiting(self) -> None:
        """A portal that goes down loses what it has not told yet."""
        self._queue.drop()

    def close(self) -> None:
        if self._thread is not None:
            self._queue.close()
            self._thread.join()
            self._thread = None

    def _is_installed(self, app_id: str) -> bool:
        """Nothing is told to an application before it is (docs: settings/app-installation/installation-finish)."""
        app = self._portal.config.apps.get(app_id)
        return app is None or app.installed

    def _notify(self, app_id: str, by: int | None) -> None:
        now = self._portal.clock.monotonic()
        for handler in [item for item in self.handlers if item.event == "ONOFFLINEEVENT" and item.app_id == app_id]:
            if self.offline.may_notify(handler.id, now, float(handler.options.get("minTimeout") or 1)):
                self.post(handler, [], by)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._deliver, name="sandbox events", daemon=True)
                self._thread.start()

    def _deliver(self) -> None:
        while (item := self._queue.take()) is not None:
            handler, form = item
            self.delivered.append(Delivery(handler.event, handler.url, _post(handler.url, form)))
            self._queue.done()


def payload(portal: Portal, handler: Handler, data: Any, by: int | None) -> dict[str, str]:
    """The form of an event: `event`, `event_handler_id`, `data[FIELDS][ID]`, `ts`, `auth[…]`."""
    tree = {
        "event": handler.event,
        "event_handler_id": str(handler.id),
        "data": data,
        "ts": str(int(portal.clock.timestamp())),
        "auth": _auth(portal, handler, by),
    }
    return dict(brackets(tree))


def brackets(tree: Any, name: str = "") -> list[tuple[str, str]]:
    """A tree as PHP's http_build_query writes it; empty maps and lists vanish."""
    if isinstance(tree, dict):
        items: list[tuple[Any, Any]] = list(tree.items())
    elif isinstance(tree, list):
        items = list(enumerate(tree))
    else:
        return [(name, _as_text(tree))]
    return [pair for key, value in items for pair in brackets(value, f"{name}[{key}]" if name else str(key))]


def _auth(portal: Portal, handler: Handler, by: int | None) -> dict[str, Any]:
    config = portal.config
    auth: dict[str, Any] = {
        "domain": config.host,
        "client_endpoint": f"{config.url}/rest/",
        "server_endpoint": f"{config.url}/rest/",
        "member_id": config.member_id,
        "application_token": handler.token,
    }
    user_id = handler.auth_type or by
    if handler.app_id and user_id:
        issued = portal.tokens.issue(handler.app_id, user_id)
        kept = ("access_token", "refresh_token", "expires_in", "scope", "status", "user_id")
        auth |= {key: issued[key] for key in kept}
    return auth


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _post(url: str, form: dict[str, str]) -> int:
    request = urllib.request.Request(url, urlencode(form).encode(), method="POST")  # noqa: S310 - event.bind checked it
    try:
        with urllib.request.urlopen(request, timeout=DELIVERY_TIMEOUT_S) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, ValueError):  # nobody there, a time-out, not a URL: the event is lost, as in reality
        return 0
