"""Up to 50 calls in one request, each with a result or an error of its own.

docs: settings/how-to-call-rest-api/batch. Keys should not be numbers: PHP turns a map with keys 0…n into a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalError, PortalFaulty
from crm_mirror.portal.transport import Answer, answer_of, portal_error

MOST_COMMANDS = 50
Outcome = Answer | PortalError


@dataclass(frozen=True, slots=True)
class Command:
    """One call inside a batch. A value may refer to an earlier result: `$result[key][0][ID]`."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in pairs(self.params))
        return f"{self.method}?{query}" if query else self.method


def pairs(params: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters in PHP's brackets: `{"filter": {">ID": 5}}` → `filter[>ID]`, `5` (docs: data-encoding)."""
    for key, value in params.items():
        name = f"{prefix}[{quote_plus(str(key))}]" if prefix else quote_plus(str(key))
        if isinstance(value, list | tuple):
            value = dict(enumerate(value))
        if isinstance(value, Mapping):
            yield from pairs(value, name)
        else:
            yield name, spelled(value)


def spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


class PendingBatch:
    """A batch on its way. `repeatable=False`: its commands change something (see Client.call)."""

    def __init__(self, client: Client, commands: Mapping[str, Command], *, repeatable: bool = True) -> None:
        if len(commands) > MOST_COMMANDS:
            raise ValueError(f"{len(commands)} commands; a batch takes {MOST_COMMANDS}")
        self._client = client
        self._commands = commands
        texts = {key: str(command) for key, command in commands.items()}
        methods = [command.method for command in commands.values()]
        self._pending = client.begin("batch", {"halt": 0, "cmd": texts}, methods=methods, repeatable=repeatable)

    @property
    def ticket(self) -> int:
        """The number of the request, for the write path: see Allowance.wait_for."""
        return self._pending.ticket

    def outcomes(self) -> dict[str, Outcome]:
        """Each command's answer or error, in order. Raises when the request as a whole failed."""
        body = self._pending.result().result
        if not isinstance(body, dict):
            raise PortalFaulty("batch: an answer without results")
        read = {key: outcome_of(key, command.method, body) for key, command in self._commands.items()}
        for key, outcome in read.items():
            self._client.noted(self._commands[key].method, outcome)
        return read


def outcome_of(key: str, method: str, body: Mapping[str, Any]) -> Outcome:
    errors, results = as_map(body.get("result_error")), as_map(body.get("result"))
    if key in errors:
        error = errors[key]
        return portal_error(method, error if isinstance(error, dict) else {"error_description": str(error)})
    if key not in results:
        return PortalFaulty(f"{method}: the batch brought no result for it")
    facts = {name: as_map(body.get(f"result_{name}")).get(key) for name in ("total", "next", "time")}
    return answer_of(results[key], facts)


def as_map(value: Any) -> Mapping[str, Any]:
    """An empty map comes as `[]`, one with keys 0…n as a list (PHP)."""
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value if isinstance(value, Mapping) else {}


def run_batch(client: Client, commands: Mapping[str, Command]) -> dict[str, Outcome]:
    """Send and wait."""
    return asked(client, commands)[0]


def asked(
    client: Client, commands: Mapping[str, Command], *, repeatable: bool = True
) -> tuple[dict[str, Outcome], int]:
    """Send and wait: outcomes, and the request's ticket, which the write path wants."""
    pending = PendingBatch(client, commands, repeatable=repeatable)
    return pending.outcomes(), pending.ticket
