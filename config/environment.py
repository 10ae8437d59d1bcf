"""How settings are read: an unreadable one is refused with its name and an example. All of them: config.settings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from crm_mirror.portal.secret import Secret

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "consolemail": 0, "filemail": 0}  # by scheme


class Env(environ.Env):  # type: ignore[misc]  # it ships no types
    """django-environ, naming the variable whose value cannot be read."""

    FALSE = ("false", "off", "no", "n", "0")
    EXAMPLES = {bool: "True or False", int: "900", float: "2.5"}

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError as error:
            example = "1,12" if isinstance(cast, list) else self.EXAMPLES.get(cast, "as in .env.example")
            raise ImproperlyConfigured(f"{var} cannot be read ({error}). Write: {example}") from None

    @classmethod
    def parse_value(cls, value: Any, cast: Any) -> Any:
        """A word that is neither yes nor no is refused: `HTTPS=ture` must not turn it off."""
        if cast is bool and str(value).lower().strip() not in (*cls.BOOLEAN_TRUE_STRINGS, *cls.FALSE):
            raise ValueError(f"neither yes nor no: {value!r}")
        return super().parse_value(value, cast)

    def secret(self, var: str) -> Secret:
        """A text that no page of errors shows."""
        return Secret(self.str(var, default=""))

    def day(self, var: str) -> date | None:
        """A day written as YYYY-MM-DD; None when it is empty."""
        text = self.str(var, default="").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise ImproperlyConfigured(f"{var} cannot be {text!r}. Write: 2026-09-01, or nothing") from None

    def mail(self, var: str) -> dict[str, Any]:
        """Django's EMAIL_… settings out of one address; none of them when it is empty."""
        text = self.str(var, default="").strip()
        if not text:
            return {}
        if urlsplit(text).scheme not in MAIL_PORTS:
            example = "smtp+tls://user:password@mail.example:587 (a password's special characters as %40 and so on)"
            raise ImproperlyConfigured(f"{var} cannot be read. Write: {example}")
        found: dict[str, Any] = self.email_url_config(text)
        return found | {"EMAIL_PORT": found.get("EMAIL_PORT") or MAIL_PORTS[urlsplit(text).scheme]}

    def one_of(self, var: str, allowed: Collection[str], *, default: str, example: str, cast: Any = str) -> str:
        value = str(self.get_value(var, cast, default=default))
        if value not in allowed:
            raise ImproperlyConfigured(f"{var} cannot be {value!r}. Write: {example}")
        return value


def origin_of(url: str) -> str:
    """`https://Portal.example:443/rest/1/token/` → `https://portal.example`, as browsers write it; "" for no URL.

    A user and password in the address stay out of it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # crm_mirror.checks says what is wrong with it
        return ""
    if not host:
        return ""
    place = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{place}" + (f":{port}" if port not in (None, usual) else "")
