"""A person's browser that is signed in already, for tests that are not about signing in."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from callguard.models import Account


def let_in(context: BrowserContext, site: str, account: Account | None = None, *, language: str = "") -> Account:
    """Give the browser the account's session, a new superuser's unless told otherwise, and its language."""
    account = account or Account.objects.create(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(account)
    kept = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    if language:
        kept[settings.LANGUAGE_COOKIE_NAME] = language
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in kept.items()])
    return account
