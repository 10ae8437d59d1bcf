"""django-unfold says nothing in Russian: all its words must be in our list, or in Django's own catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import unfold
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo
from django.conf import settings

from tests import django_templates
from tests.messages import KEYWORDS

UNFOLD = Path(unfold.__file__).parent
UNUSED = tuple(
    f"contrib/{name}"
    for name in ("constance", "forms", "guardian", "import_export", "inlines", "location_field", "simple_history")
)


def sources(folder: Path) -> Iterator[tuple[Path, Any]]:
    yield from ((path, django_templates.extract) for path in folder.rglob("*.html"))
    yield from ((path, extract_python) for path in folder.rglob("*.py"))


def said() -> set[str]:
    """Every msgid of the parts of unfold that we use."""
    found: set[str] = set()
    for path, extract in sources(UNFOLD):
        if any(part in path.as_posix() for part in UNUSED):
            continue
        with path.open("rb") as file:
            for _line, _function, messages, _comments in extract(file, KEYWORDS, [], {}):
                found.update(filter(None, messages if isinstance(messages, tuple) else (messages,)))
    return found


def listed() -> set[str]:
    path = Path(settings.BASE_DIR) / "callguard" / "admin" / "unfold_words.py"
    with path.open("rb") as file:
        messages = [messages for _, _, messages, _ in extract_python(file, KEYWORDS, [], {})]
    return {text for message in messages for text in (message if isinstance(message, tuple) else (message,))}


def of_django() -> set[str]:
    """What Django and its own applications say in Russian."""
    found: set[str] = set()
    for path in Path(django.__file__).parent.rglob("locale/ru/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            for message in read_mo(file):
                found.update([message.id] if isinstance(message.id, str) else message.id)
    return found


def test_every_word_of_unfold_is_ours_to_translate_or_djangos():
    assert said() - listed() - of_django() == set()
