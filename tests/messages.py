"""`python -m tests.messages [--check]`: collect msgids into locale/ru, compile, or say what is missing or fuzzy.

Babel does it, so no system gettext is needed. English is the msgid itself; Russian must be complete.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
APPS = ("crm_mirror", "callguard")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("**.html", "tests.django_templates:extract")]


def po_of(app: str) -> Path:
    return ROOT / app / "locale" / "ru" / "LC_MESSAGES" / "django.po"


def collected(app: str) -> Catalog:
    """What the code of the app asks gettext for, with the place of each."""
    template = Catalog(project="Call Guard")
    for name, line, message, comments, context in extract_from_dir(str(ROOT / app), METHODS, keywords=KEYWORDS):
        flags = ("python-format",) if "%(" in str(message) else ()
        template.add(message, None, [(f"{app}/{name}", line)], flags, auto_comments=comments, context=context)
    return template


def updated(app: str) -> Catalog:
    with po_of(app).open("rb") as file:
        catalog = read_po(file, locale="ru")
    catalog.update(collected(app), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def _key(message: Message) -> str:
    """The singular: what a catalogue finds a message by, one with plurals as well."""
    return message.id if isinstance(message.id, str) else message.id[0]


def _whole(message: Message) -> bool:
    """Whether it is translated, in every plural form."""
    return bool(message.string) and all(message.string)


def faults(app: str) -> list[str]:
    """What is wrong with the app's Russian: missing, fuzzy or broken messages, a catalogue that is out of date."""
    catalog = updated(app)
    said = [f"{app}: no Russian for {m.id!r}" for m in catalog if m.id and (not _whole(m) or m.fuzzy)]
    said += [f"{app}: {m.id!r}: {error}" for m, errors in catalog.check() for error in errors]
    with po_of(app).with_suffix(".mo").open("rb") as file:
        compiled = {_key(m): list(m.string) for m in read_mo(file) if m.id}
    stale = [m.id for m in catalog if m.id and _whole(m) and compiled.get(_key(m)) != list(m.string)]
    return said + [f"{app}: django.mo lacks {message!r}: run `make messages`" for message in stale]


def write(app: str) -> None:
    catalog = updated(app)
    text = io.BytesIO()
    # no places and no dates: a line of code that moved is not a change of the words
    write_po(text, catalog, width=110, sort_output=True, no_location=True)
    po_of(app).write_bytes(text.getvalue())
    with po_of(app).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def main() -> int:
    if "--check" not in sys.argv:
        for app in APPS:
            write(app)
    said = [fault for app in APPS for fault in faults(app)]
    for fault in said:
        sys.stderr.write(fault + "\n")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
