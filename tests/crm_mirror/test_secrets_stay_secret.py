"""Connecting, renewing and failing leave no token and no key behind: not in logs, rows, reprs, pages or errors."""

from __future__ import annotations

import logging
import traceback

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from crm_mirror.connection import access_from_settings, client_from_settings
from crm_mirror.models import PortalConnection
from crm_mirror.portal.client import Patience
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox import installation
from crm_mirror.tokens import tokens_of
from tests.crm_mirror.conftest import APP_ID, APP_SECRET

pytestmark = pytest.mark.django_db
FAULTS = [
    ("expired", ""),
    ("revoked", ""),
    ("html", ""),
    ("reset", ""),
    ("cut", ""),
    ("plan_ended", ""),
    ("500", "oauth/token"),
    ("html", "oauth/token"),
    ("reset", "oauth/token"),
]


@pytest.fixture
def log(caplog):
    """Everything, libraries at their most talkative."""
    ours = logging.getLogger("crm_mirror")
    ours.addHandler(caplog.handler)
    ours.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield caplog
    ours.removeHandler(caplog.handler)
    ours.setLevel(logging.INFO)


def tokens_of_the_portal(portal):
    """All that work now: to be asked before and after each step, for a used refresh token is forgotten there."""
    return {*portal.portal.tokens._access, *portal.portal.tokens._refresh}


def every_value_in_the_database():
    for model in apps.get_models():
        for row in model._default_manager.values():
            yield from (str(value) for value in row.values())


def failures(portal, secrets):
    """What each fault leads to, as a traceback would show it."""
    for name, method in FAULTS:
        portal.fails_with(name, method=method)
        PortalConnection.objects.update(expires_at=timezone.now())
        try:
            client_from_settings(patience=Patience(attempts=1, first=0.01)).call("user.get")
        except PortalError as error:
            yield "".join(traceback.format_exception(error))
            yield repr(error) + repr(vars(error)) + error.remedy
        portal.heal()
        secrets |= tokens_of_the_portal(portal)


def test_nothing_that_is_written_or_shown_holds_a_secret(app_portal, opened, log, settings, capsys):
    secrets = {app_portal.portal.config.application_token, APP_SECRET, *settings.SECRETS_KEYS}
    shown = [opened().text, opened(AUTH_ID="made up").text, opened(by=app_portal.add_employee("Иван Сидоров").id).text]
    installation.finish(app_portal.portal, APP_ID, 1)
    row = PortalConnection.objects.get()
    access = access_from_settings()
    client = client_from_settings()
    client.call("profile")
    secrets |= tokens_of_the_portal(app_portal)
    app_portal.portal.clock.advance(3600)
    pending = client.begin("profile", {})
    pending.result()
    secrets |= tokens_of_the_portal(app_portal)
    shown += [repr(one) for one in (row, row.__dict__, access, client, pending, pending._sent, tokens_of(row))]
    shown += failures(app_portal, secrets)
    settings.SECRETS_KEYS = ["a-newer-key-of-more-than-32-characters", *settings.SECRETS_KEYS]
    call_command("rotate_secrets")
    settings.SECRETS_KEYS = ["a-key-that-opens-nothing-of-32-characters"]
    with pytest.raises(Exception, match="cannot be opened") as lost:
        client_from_settings()
    shown += ["".join(traceback.format_exception(lost.value)), *capsys.readouterr(), log.text]

    secrets |= {*settings.SECRETS_KEYS, *tokens_of_the_portal(app_portal)}
    assert len(secrets) > 12
    for secret in secrets:
        assert not [text for text in shown if secret in text]
        assert not [value for value in every_value_in_the_database() if secret in value]
    assert "portal tokens renewed" in log.text
