"""The JSON around every answer: result, total, next, time; and what PHP makes of maps.

docs: api-reference/data-types (time), rest.md §1 and trap 1: an empty map is `[]`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_mirror.sandbox.params import is_list_like
from crm_mirror.sandbox.registry import Answer, Refused


class PhpObject(dict[str, Any]):
    """A map that was an object in PHP, not an array: stays `{}` when empty (TIMESTAMP_X of user.get)."""


@dataclass(frozen=True)
class Timing:
    """When a call ran, in seconds, and what its method has used of its budget (None: this portal does not say)."""

    start: float
    finish: float
    processing: float
    date_start: datetime
    date_finish: datetime
    operating: float | None = None
    operating_reset_at: int | None = None

    def as_dict(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "start": self.start,
            "finish": self.finish,
            "duration": self.finish - self.start,
            "processing": self.processing,
            "date_start": stamp(self.date_start),
            "date_finish": stamp(self.date_finish),
        }
        if self.operating is not None:
            fields |= {"operating_reset_at": self.operating_reset_at, "operating": self.operating}
        return fields


def stamp(moment: datetime) -> str:
    """ISO 8601 with the offset, to the second: the only form in which the portal writes moments."""
    return moment.isoformat(timespec="seconds")


def envelope(answer: Answer, timing: Timing) -> dict[str, Any]:
    body: dict[str, Any] = {"result": answer.result}
    if answer.next is not None:
        body["next"] = answer.next
    if answer.total is not None:
        body["total"] = answer.total
    body["time"] = timing.as_dict()
    return body


def error_body(refused: Refused) -> dict[str, Any]:
    return {"error": refused.code, "error_description": refused.description, **refused.extra}


def dumps(body: Any) -> bytes:
    r"""As PHP's json_encode: `\uXXXX`, `\/`, empty maps as `[]`. The tree is walked only where an empty map occurs."""
    text = _encode(body)
    if "{}" in text:
        text = _encode(as_php(body))
    return text.replace("/", "\\/").encode("ascii")


def as_php(value: Any) -> Any:
    """The same tree with empty maps as empty lists; an empty PhpObject stays a map."""
    if isinstance(value, dict):
        if not value and not isinstance(value, PhpObject):
            return []
        return {key: as_php(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_php(item) for item in value]
    return value


def as_array(items: dict[str, Any]) -> Any:
    """A map as PHP prints an array: a list when its keys are 0…n in order, or when there are none."""
    return list(items.values()) if not items or is_list_like(items) else items


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
