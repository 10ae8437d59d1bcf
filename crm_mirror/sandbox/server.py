"""The portal on a port: `running()` for tests, `SandboxServer` for the command."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from crm_mirror.sandbox.app import App
from crm_mirror.sandbox.faults import Fault
from crm_mirror.sandbox.handler import Handler
from crm_mirror.sandbox.log import RequestLog
from crm_mirror.sandbox.portal import Portal, PortalConfig
from crm_mirror.sandbox.store import Store

CertificateFiles = tuple[str, str]  # certificate chain, private key


class Listener(ThreadingHTTPServer):
    """A thread for each connection; hundreds may wait."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    allow_reuse_address = True

    app: App

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler)
        self.closing = threading.Event()
        self._connections: set[Any] = set()
        self.context: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.context is None:
            return super().finish_request(request, client_address)
        request.settimeout(Handler.timeout)
        # here, in the connection's own thread: a slow handshake holds up nobody
        with self.context.wrap_socket(request, server_side=True) as secured:
            return super().finish_request(secured, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.discard(request)

    def hang_up(self) -> None:
        """Break what is still connected, so that a closed portal answers nobody's kept-alive connection."""
        self.closing.set()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):  # gone meanwhile
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are everyday life; anything else is a bug of ours and must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class SandboxServer:
    """A portal that listens. `url` and `webhook` are what a client needs to know."""

    def __init__(
        self,
        make_portal: Callable[[], Portal],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: CertificateFiles | None = None,
    ) -> None:
        """The port is taken before the portal is made: that one is taken is known at once (OSError), not after 1m."""
        self._host, self._tls = host, tls
        self._listener = Listener((host, port))
        try:
            self.portal = make_portal()
        except BaseException:
            self._listener.server_close()
            raise
        self.portal.config.host = f"{'localhost' if tls else host}:{self._listener.server_address[1]}"
        self.portal.config.https = bool(tls) or self.portal.config.https
        self._prepare()

    def _prepare(self) -> None:
        self._listener.app = App(self.portal)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        if self._tls:
            self._listener.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._listener.context.load_cert_chain(*self._tls)

    @property
    def url(self) -> str:
        return self.portal.config.url

    @property
    def webhook(self) -> str:
        """Address of the first webhook, with a slash at the end."""
        token, user_id = next(iter(self.portal.config.webhooks.items()))
        return f"{self.url}/rest/{user_id}/{token}/"

    def webhook_of(self, user_id: int) -> str:
        """Address of a webhook of this employee, made at the first call."""
        token = f"sandbox0{user_id}0token"
        self.portal.config.webhooks.setdefault(token, user_id)
        return f"{self.url}/rest/{user_id}/{token}/"

    @property
    def log(self) -> RequestLog:
        return self.portal.log

    def fails_with(
        self,
        name: str,
        *,
        times: int | None = None,
        after: int = 0,
        probability: float = 1.0,
        amount: str | float = "",
        method: str = "",
    ) -> None:
        """Switch a fault on (names: faults.py). `times`: heals by itself after so many; `after`: lets so many pass."""
        self.portal.faults.add(Fault(name, probability, str(amount), times, after, method))

    def heal(self, name: str = "") -> None:
        """Switch one fault off, or all of them."""
        self.portal.faults.heal(name)

    def start(self) -> None:
        self._thread.start()

    def go_down(self) -> None:
        """The portal's machine stops: connections break, nobody answers, events that were not told yet are lost."""
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join()
        self.portal.events.forget_waiting()

    def come_up(self) -> None:
        """Answer again: the same port, the same data."""
        self._listener = Listener((self._host, self._listener.server_address[1]))
        self._prepare()
        self.start()

    def close(self) -> None:
        self.go_down()
        self.portal.close()


@contextmanager
def running(
    size: str = "demo",
    seed: int = 1,
    port: int = 0,
    tls: CertificateFiles | None = None,
    *,
    store: Store | None = None,
    **config: Any,
) -> Iterator[SandboxServer]:
    """A portal that answers on a port of its own for the length of the block. `config`: fields of PortalConfig."""
    settings = PortalConfig(**config)

    def make_portal() -> Portal:
        data = store or Store.open(size=size, seed=seed, edition=settings.edition)
        return Portal(data, settings, seed=seed)

    server = SandboxServer(make_portal, port=port, tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.close()
        if store is None:
            server.portal.store.close()
