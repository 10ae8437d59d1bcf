"""`python -m tests.permissions`: write docs/permissions.md."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.permissions.document import PATH, lines, written  # noqa: E402 -- models want Django ready

PATH.write_text(written(lines()), encoding="utf-8")
print(f"{PATH}: written")  # noqa: T201 -- a command
