"""`batch`: up to 50 commands in one request, each with its own result or error.

docs: settings/how-to-call-rest-api/batch
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from crm_mirror.sandbox.envelope import Timing, as_array, error_body
from crm_mirror.sandbox.params import parse_query
from crm_mirror.sandbox.registry import Answer, Refused

MAX_COMMANDS = 50

Execute = Callable[[str, dict[str, Any]], tuple[Answer, Timing]]

_REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")


def run_batch(params: dict[str, Any], execute: Execute) -> Answer:
    """Run the commands in order. `execute(method, params)` raises Refused for a command's own error."""
    commands = commands_of(params)
    halt = str(_param(params, "halt")).lower() in {"1", "true", "y"}
    found: dict[str, dict[str, Any]] = {"result": {}, "error": {}, "total": {}, "next": {}, "time": {}}
    for index, (key, command) in enumerate(commands.items()):
        try:
            if index >= MAX_COMMANDS:
                raise Refused(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
            answer, timing = execute(*_read_command(command, found["result"]))
        except Refused as refused:
            found["error"][key] = error_body(refused)
            if halt:
                break
        else:
            _keep(found, key, answer, timing)
    result = {"result": as_array(found["result"])}
    return Answer(result | {f"result_{name}": as_array(found[name]) for name in ("error", "total", "next", "time")})


def commands_of(params: dict[str, Any]) -> dict[str, str]:
    """The commands by key; a list has the keys 0…n. What is no text is passed over, as the portal does."""
    given = _param(params, "cmd") or {}
    if isinstance(given, list):
        given = {str(index): command for index, command in enumerate(given)}
    if not isinstance(given, dict):
        return {}
    return {str(key): command for key, command in given.items() if isinstance(command, str)}


def method_of(command: str) -> str:
    return command.partition("?")[0].strip("/ ").lower()


def resolved(value: Any, results: dict[str, Any]) -> Any:
    """`$result[key][FIELD]` replaced by what an earlier command answered; "" where there is nothing."""
    if isinstance(value, dict):
        return {key: resolved(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, results) for item in value]
    if not isinstance(value, str) or "$result" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(whole[1], results)
    return _REFERENCE.sub(lambda match: _as_text(_looked_up(match[1], results)), value)


def _read_command(command: str, results: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    query = command.partition("?")[2]
    params = parse_query(query) if query else {}
    return method_of(command), (resolved(params, results) if "$result" in query or "%24result" in query else params)


def _keep(found: dict[str, dict[str, Any]], key: str, answer: Answer, timing: Timing) -> None:
    found["result"][key] = answer.result
    found["time"][key] = timing.as_dict()
    if answer.total is not None:
        found["total"][key] = answer.total
    if answer.next is not None:
        found["next"][key] = answer.next


def _looked_up(path: str, results: dict[str, Any]) -> Any:
    node: Any = results
    for piece in path[1:-1].split("]["):
        if isinstance(node, list):
            node = node[int(piece)] if piece.isdigit() and int(piece) < len(node) else None
        elif isinstance(node, dict):
            node = node.get(piece)
        else:
            return ""
    return "" if node is None else node


def _as_text(value: Any) -> str:
    return "" if isinstance(value, dict | list) else str(value)


def _param(params: dict[str, Any], name: str) -> Any:
    return next((params[spelling] for spelling in (name, name.upper()) if spelling in params), None)
