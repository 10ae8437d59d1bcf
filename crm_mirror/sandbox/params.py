"""Parameters of a request as PHP would hand them to a method: query, form, multipart and JSON, brackets decoded.

docs: settings/how-to-call-rest-api/data-encoding
"""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote_plus

Tree = dict[str, Any]


class BadBody(ValueError):
    """A body that announced JSON and is none."""


def decoded(query: str, body: bytes, content_type: str) -> Tree:
    """All parameters of a request. The body wins over the query where both name the same one."""
    params = parse_query(query) if query else {}
    if body:
        params.update(_parse_body(body, content_type))
    return params


def parse_query(text: str) -> Tree:
    """Like PHP's parse_str: `a[b][]=1&a[b][]=2` → {"a": {"b": ["1", "2"]}}."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return from_pairs([(_unquoted(name), _unquoted(value)) for name, _, value in pairs])


def from_pairs(pairs: list[tuple[str, str]]) -> Tree:
    tree: Tree = {}
    for name, value in pairs:
        if name.endswith("]") and "[" in name:
            _put(tree, _path(name), value)
        else:
            tree[name] = value
    return {key: _as_list(value) if isinstance(value, dict) else value for key, value in tree.items()}


def _parse_body(body: bytes, content_type: str) -> Tree:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _parse_json(body)
    if kind == "multipart/form-data":
        return from_pairs(_multipart_fields(body, content_type))
    return parse_query(body.decode("utf-8", "replace").strip())


def _parse_json(body: bytes) -> Tree:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise BadBody(str(error)) from error
    return parsed if isinstance(parsed, dict) else {}


def _multipart_fields(body: bytes, content_type: str) -> list[tuple[str, str]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    parts = message.get_payload() if message.is_multipart() else []
    return [(_field_name(part), _field_value(part)) for part in parts]


def _field_name(part: Any) -> str:
    return str(part.get_param("name", header="content-disposition") or "")


def _field_value(part: Any) -> str:
    return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def _path(name: str) -> list[str]:
    """`fields[PHONE][0][VALUE]` → ["fields", "PHONE", "0", "VALUE"]; an empty piece means "append"."""
    head, _, rest = name[:-1].partition("[")
    return [head, *rest.split("][")]


def _put(tree: Tree, path: list[str], value: str) -> None:
    node = tree
    for piece in path[:-1]:
        key = piece or _next_index(node)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[path[-1] or _next_index(node)] = value


def _next_index(node: Tree) -> str:
    return str(max((int(key) for key in node if key.isdigit()), default=-1) + 1)


def _as_list(node: Tree) -> Any:
    """Maps with the keys 0…n in order are lists, as in PHP."""
    items = {key: _as_list(value) if isinstance(value, dict) else value for key, value in node.items()}
    return list(items.values()) if is_list_like(items) else items


def is_list_like(node: Tree) -> bool:
    return bool(node) and all(key == str(index) for index, key in enumerate(node))
