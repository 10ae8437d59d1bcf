"""Phone numbers made unreadable, alone and wherever they stand in texts and JSON. Pure."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "*****"
SHOWN_AT_THE_END = 2
SHORT = 8  # a number that is not longer keeps only its end
# Ten to fifteen digits with what people put between them; neither part of a longer number nor of a time.
NUMBER = re.compile(r"(?<![\w*+.:-])\+?\(?\d(?:[\s().\-\u2010-\u2015\u200b]*\d){9,14}(?![\d:*])")
TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]|$)")  # ISO 8601, as we write times
NOT_TEXTS = frozenset({"url", "link"})  # addresses: their digits are IDs


def masked(number: str) -> str:
    """+79161234567 → +7916*****67. What is masked already stays as it is."""
    if not number or HIDDEN in number:
        return number
    if len(number) <= SHORT:
        return HIDDEN + number[-SHOWN_AT_THE_END:]
    return number[: -len(HIDDEN) - SHOWN_AT_THE_END] + HIDDEN + number[-SHOWN_AT_THE_END:]


def is_masked(number: str) -> bool:
    return HIDDEN in number


def masked_text(text: str) -> str:
    """The text with every phone number in it masked, whatever its spelling."""
    return text if TIME.match(text) else NUMBER.sub(lambda found: masked(_plain(found[0])), text)


def _plain(written: str) -> str:
    digits = "".join(character for character in written if character.isdigit())
    return f"+{digits}" if written.startswith("+") else digits


def masked_json(value: Any) -> Any:
    """A copy in which every text is masked; addresses, keys and whatever is no text stay."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, list):
        return [masked_json(one) for one in value]
    if isinstance(value, dict):
        return {key: one if key in NOT_TEXTS else masked_json(one) for key, one in value.items()}
    return value
