"""What portals load: small, made of what is read here, and of the kind that a strict page lets in."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "callguard" / "static" / "callguard"
PLAIN, SMALL = FOLDER / "card.js", FOLDER / "card.min.js"
LIMIT = 12 * 1024  # bytes, not packed


def test_the_small_script_is_small():
    assert SMALL.stat().st_size <= LIMIT


def test_the_small_script_was_made_of_the_plain_one():
    made_of = re.match(r"/\* card\.js ([0-9a-f]{16})", SMALL.read_text())
    assert made_of, "card.min.js begins with the name of what it was made of"
    assert made_of[1] == hashlib.sha256(PLAIN.read_bytes()).hexdigest()[:16], "card.js was changed: run `make card`"


@pytest.mark.parametrize("script", [PLAIN, SMALL], ids=lambda script: script.name)
@pytest.mark.parametrize(
    "forbidden",
    [r"\beval\b", r"\bFunction\(", r"innerHTML", r"document\.write", r"\.style\.cssText", r"setAttribute\(.style"],
)
def test_nothing_that_a_strict_page_forbids(script, forbidden):
    assert not re.search(forbidden, script.read_text())
