"""Sockets: reads HTTP/1.1 requests, writes replies, and breaks connections when told to."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from crm_mirror.sandbox.wire import HTML, Reply, Request

if TYPE_CHECKING:
    from crm_mirror.sandbox.server import Listener

MAX_BODY = 32 * 1024 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no waiting, so that closing sends RST


class Handler(BaseHTTPRequestHandler):
    """One connection, many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    server: Listener

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_GET

    def version_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was asked is in the portal's own log, without tokens."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return self._write(Reply(413, b"<h1>413 Request Entity Too Large</h1>", HTML))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body, self.client_address[0])
        reply = self.server.app.reply(request)
        if reply.seconds and self._is_given_up(reply.seconds):
            return None
        if reply.broken:
            return self._break(reply)
        return self._write(self._packed(reply))

    def _packed(self, reply: Reply) -> Reply:
        if not self.server.app.portal.config.gzip or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return reply
        headers = reply.headers | {"Content-Encoding": "gzip"}
        return replace(reply, body=gzip.compress(reply.body, compresslevel=1), headers=headers)

    def _body(self) -> bytes | None:
        """The request's body; None when it is too long to be read."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(length) if length else b""

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0].strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(parts)

    def _is_given_up(self, seconds: float) -> bool:
        """Hold the answer back; True when the server is closing meanwhile."""
        if self.server.closing.wait(seconds):
            self.close_connection = True
            return True
        return False

    def _write(self, reply: Reply) -> None:
        self._head(reply)
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _break(self, reply: Reply) -> None:
        self.close_connection = True
        if reply.broken == "cut":
            self._head(reply)
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.wfile.flush()
        if reply.broken == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        with contextlib.suppress(OSError):  # the client may be gone already
            if reply.broken != "reset":
                self.connection.shutdown(socket.SHUT_RDWR)
            self.connection.close()
