"""Texts that open something. They are texts wherever they are used, and show nothing of themselves in a repr.

So a traceback with its frames' local variables, as error reporters send it, holds none of them, nor does a dict or a
dataclass that they are in. What is made of one (a slice, a concatenation) is an ordinary text again.
"""

from __future__ import annotations

from typing import Any

SHOWN = "'…'"


class Secret(str):
    """A secret text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return SHOWN


class SecretBytes(bytes):
    """A body with secrets in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"b{SHOWN}"


def hidden(tree: Any) -> Any:
    """The same tree with every text in it secret, names excepted."""
    if isinstance(tree, str):
        return Secret(tree)
    if isinstance(tree, dict):
        return {name: hidden(value) for name, value in tree.items()}
    return [hidden(value) for value in tree] if isinstance(tree, list) else tree
