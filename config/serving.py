"""What a server makes sure of before it serves: granian, unlike manage.py, runs no system checks of its own."""

from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured


def refuse_wrong_settings() -> None:
    """Raises ImproperlyConfigured with every error of the system checks and its cure."""
    errors = [
        f"{message.msg} {message.hint or ''}".strip()
        for message in run_checks()
        if message.is_serious(ERROR) and not message.is_silenced()
    ]
    if errors:
        raise ImproperlyConfigured("\n".join(errors))
