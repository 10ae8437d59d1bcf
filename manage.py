#!/usr/bin/env python
"""Django's command line for Call Guard."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here: run `make setup`, then .venv/bin/python manage.py …") from error
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")  # one line with its remedy, no traceback
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
