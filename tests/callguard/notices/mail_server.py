"""A mail server of the test's own: speaks as much SMTP as smtplib asks for, and answers as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """`answers`: by verb what it says instead of yes. `taken`: the letters that it took."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers: dict[str, str] = {}
        self.taken: list[Message] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        self.say(server.answers.get("connect", "220 ready"))
        for line in self.rfile:
            verb = line.split(b" ")[0].strip().decode().upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "DATA" and verb not in server.answers:
                self.say("354 go on")
                server.taken.append(message_from_bytes(self.data()))
                self.say("250 taken")
            else:
                self.say(server.answers.get(verb, "250 yes"))

    def data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
