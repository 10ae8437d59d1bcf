"""A request and an answer, free of sockets."""

from __future__ import annotations

from dataclasses import dataclass, field

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    verb: str
    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    source: str

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Reply:
    """An answer. `broken` says how the connection is to fail: "" (not at all), "cut", "reset" or "stall"."""

    status: int
    body: bytes
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    seconds: float = 0.0  # held back for so long
    fault: str = ""
