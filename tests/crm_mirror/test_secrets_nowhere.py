"""A full run, and then every text that it left behind is searched for what opens a door: logs at their most talkative,
pages, answers, metrics, the database, our objects' reprs, and tracebacks with the local variables of their frames.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import traceback
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.contrib import admin
from django.core.cache import cache
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter
from rest_framework.exceptions import AuthenticationFailed, ParseError

from callguard.access.tokens import BadToken, CardToken, issued, read
from callguard.api.auth import CardTokenAuthentication
from callguard.models import Account
from crm_mirror import rounds, tasks, views, visitors
from crm_mirror.connection import Refused, access_from_settings, client_from_settings
from crm_mirror.installation import connect, offer_in
from crm_mirror.models import InboxEvent, OutboxCall, PortalConnection
from crm_mirror.portal.client import Patience
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.oauth import AuthorizationServer
from crm_mirror.portal.secret import Secret, hidden
from crm_mirror.sandbox import installation
from crm_mirror.sandbox.events import Handler, payload
from crm_mirror.tokens import tokens_of
from tests.crm_mirror.conftest import APP_ID, APP_SECRET

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
SECRETS = ("SECRET_KEY", "CARD_TOKEN_SECRET", "BITRIX_WEBHOOK_URL", "BITRIX_APP_SECRET", "BITRIX_APPLICATION_TOKEN")
FAULTS = [
    ("revoked", ""),
    ("expired", ""),
    ("html", ""),
    ("reset", ""),
    ("cut", ""),
    ("plan_ended", ""),
    ("scope", "user.get"),
]
OF_THE_SERVER = [("500", "oauth/token"), ("html", "oauth/token"), ("reset", "oauth/token"), ("cut", "oauth/token")]


class Left:
    """Texts that were left behind, by where; and the secrets that must be in none of them."""

    def __init__(self):
        self.texts: list[tuple[str, str]] = []
        self.secrets: set[str] = set()

    def keep(self, where, text):
        self.texts.append((where, str(text)))

    def report(self, error):
        """As an error reporter sends it: by the standard library, and by Django's own page of errors."""
        frames = error.__traceback__
        while frames and "/tests/" in frames.tb_frame.f_code.co_filename:  # what we asked with is our own affair
            frames = frames.tb_next
        error = error.with_traceback(frames)
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.keep("traceback", "".join(told.format()))
        self.keep("error", repr(error) + repr(vars(error)))
        page = ExceptionReporter(None, type(error), error, frames)
        self.keep("page of an error", page.get_traceback_text())

    def portal_tokens(self, portal):
        """All that work now: a used refresh token is forgotten there."""
        self.secrets |= {*portal.portal.tokens._access, *portal.portal.tokens._refresh}

    def found(self):
        """Where, and what stands around it."""
        places = ((where, text, text.find(one)) for where, text in self.texts for one in self.secrets)
        return {(where, text[max(0, place - 90) : place + 12]) for where, text, place in places if place >= 0}


@pytest.fixture
def left(settings, capfd):
    """Everything is logged into a text, libraries at their most talkative; settings hold what production's hold."""
    for name in SECRETS:
        kind = type(getattr(configured, name))
        setattr(settings, name, kind(f"the-{name.lower()}-of-this-very-test-0123456789"))
    settings.SECRETS_KEYS = hidden(["a-key-that-seals-of-more-than-32-characters"])
    cache.clear()
    log, behind = io.StringIO(), Left()
    handler = logging.StreamHandler(log)
    talkative = [logging.getLogger(name) for name in ("", "callguard", "crm_mirror", "django", "urllib3", "celery")]
    levels = [one.level for one in talkative]
    for one in talkative:
        one.setLevel(logging.DEBUG)
        one.addHandler(handler)
    behind.secrets |= {str(getattr(settings, name)) for name in SECRETS if name != "BITRIX_WEBHOOK_URL"}
    behind.secrets |= set(map(str, settings.SECRETS_KEYS))
    yield behind
    for one, level in zip(talkative, levels, strict=True):
        one.setLevel(level)
        one.removeHandler(handler)
    behind.keep("log", log.getvalue())
    for stream in capfd.readouterr():
        behind.keep("stdout and stderr", stream)
    for where, text in database():
        behind.keep(where, text)
    assert "portal call" in log.getvalue()
    assert not behind.found()


def database():
    for model in apps.get_models():
        for row in model._default_manager.values():
            yield model.__name__, " ".join(map(str, row.values()))


def failing(left, portal, faults, ask):
    """What each fault leads to."""
    for name, method in faults:
        portal.fails_with(name, method=method)
        with suppress(AssertionError):
            try:
                ask()
            except (PortalError, Refused) as error:
                left.report(error)
        portal.heal()


def hasty():
    return client_from_settings(patience=Patience(attempts=1, attempts_when_busy=1, attempts_when_slow=1, first=0.01))


def everything_is_shown(left, client):
    """The admin's pages, the API as a card asks it, the watchers, the doctor."""
    client.force_login(Account.objects.create(username="root", is_staff=True, is_superuser=True))
    for model in admin.site._registry:
        for page, arguments in (
            ("changelist", []),
            ("change", model._default_manager.values_list("pk", flat=True)[:2]),
        ):
            addresses = [[]] if page == "changelist" else [[one] for one in arguments]
            for one in addresses:
                with suppress(NoReverseMatch):
                    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=one)
                    left.keep(address, client.get(address).text)
    left.keep("index", client.get(reverse("admin:index")).text)
    token = issued(CardToken(1, True), secret=configured.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=timezone.now())
    left.secrets |= {token, token.rpartition(".")[2]}
    bearer = {"Authorization": f"Bearer {token}"}
    for address in (
        "/api/v1/verdict/?phone=%2B79161234567",
        "/api/v1/verdict/?phone=",
        "/api/schema/",
        "/metrics",
        "/readyz",
    ):
        left.keep(address, client.get(address, headers=bearer).text)
    broken = client.get("/api/v1/verdict/?phone=1", headers={"Authorization": f"Bearer {token}x"})
    left.keep("verdict refused", broken.text)
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("doctor", stdout=out, stderr=out)
    left.keep("doctor", out.getvalue())


def the_portal_tells(left, portal, client, token, **auth):
    handler = Handler(1, "ONCRMCOMPANYADD", "https://callguard.example/bitrix/events/", token=token, **auth)
    form = payload(portal.portal, handler, {"FIELDS": {"ID": 1}}, 1)
    left.portal_tokens(portal)
    assert client.post("/bitrix/events/", urlencode(form), FORM).status_code == 200
    assert InboxEvent.objects.exists()
    left.keep("events refused", client.post("/bitrix/events/", urlencode(form).replace("=", "%5B%5B="), FORM).text)
    request = RequestFactory().post(
        "/bitrix/events/", json.dumps({"auth": {"application_token": token}}) + "}", "application/json"
    )
    with pytest.raises(ParseError) as malformed:
        views.told_by(request)
    left.report(malformed.value)


def test_a_portal_reached_by_a_webhook(left, portal, client, settings):
    settings.BITRIX_WEBHOOK_URL = type(configured.SECRET_KEY)(portal.webhook)
    left.secrets.add(portal.webhook.rstrip("/").rpartition("/")[2])
    assert portal.status_field
    company = portal.add_company("Ромашка", phone="8 (916) 123-45-67", status="В работе")
    call_command("sync", stdout=sys.stdout)
    call_command("provision_portal", stdout=sys.stdout)
    the_portal_tells(left, portal, client, str(settings.BITRIX_APPLICATION_TOKEN))
    portal.add_company("Новая")
    tasks.drain_inbox()
    portal.fails_with("plan_ended", times=1)
    tasks.sync_portal()
    portal.heal()
    portal.fails_with("scope", method="crm.company.update")
    portal.update_company(company, status="В обработке")
    rounds.whole_round(full=True)
    portal.heal()
    assert OutboxCall.objects.exists()
    failing(left, portal, FAULTS, lambda: hasty().call("user.get"))
    access, asking = access_from_settings(), hasty()
    left.keep("reprs", [access, access.__dict__, vars(asking), asking.begin("profile", {})])
    everything_is_shown(left, client)


def test_a_portal_reached_as_an_application(left, app_portal, opened, client, settings):
    settings.BITRIX_APP_SECRET = type(configured.SECRET_KEY)(APP_SECRET)
    left.secrets |= {APP_SECRET, app_portal.portal.config.application_token}
    for page in (opened(), opened(AUTH_ID="made-up-token"), opened(by=app_portal.add_employee("Иван Сидоров").id)):
        left.keep("installation", page.text)
    left.secrets.add("made-up-token")
    installation.finish(app_portal.portal, APP_ID, 1)
    left.portal_tokens(app_portal)
    assert app_portal.status_field
    call_command("sync", stdout=sys.stdout)
    the_portal_tells(left, app_portal, client, app_portal.portal.config.application_token, app_id=APP_ID)

    def ask():
        PortalConnection.objects.update(expires_at=timezone.now())
        hasty().call("user.get")
        left.portal_tokens(app_portal)

    failing(left, app_portal, [*FAULTS, *OF_THE_SERVER], ask)
    left.portal_tokens(app_portal)
    form = installation.opening(app_portal.portal, APP_ID, 1)[1]
    left.portal_tokens(app_portal)
    failing(left, app_portal, FAULTS, lambda: connect(offer_in(form), at=timezone.now()))
    code = Secret("a-one-time-code-of-somebody")
    left.secrets.add(str(code))
    failing(left, app_portal, OF_THE_SERVER, lambda: visitors.guest_with(code, member_id=""))
    row = PortalConnection.objects.get()
    left.keep("reprs", [row, row.__dict__, tokens_of(row), access_from_settings(), hidden(form)])
    server = AuthorizationServer(app_portal.url, APP_ID, "a-wrong-secret-of-the-application")
    left.secrets.add("a-wrong-secret-of-the-application")
    with pytest.raises(PortalError) as lost:
        server.refreshed(tokens_of(row).refresh)
    left.report(lost.value)
    everything_is_shown(left, client)


def test_a_card_token_that_is_refused(left):
    token = issued(CardToken(8), secret=configured.CARD_TOKEN_SECRET, ttl=timedelta(hours=90), at=timezone.now())
    hours, now = timedelta(hours=24), timezone.now()
    logging.getLogger("callguard").info("portal call")  # the log is written at all
    for given in (token, f"{token}x", token[:-4]):
        left.secrets.add(given)
        with pytest.raises(BadToken) as refused:
            read(hidden(given), secret=configured.CARD_TOKEN_SECRET, max_age=hours, at=now)
        left.report(refused.value)
        with pytest.raises(AuthenticationFailed) as unauthorised:
            CardTokenAuthentication().authenticate(
                RequestFactory().get("/", headers={"Authorization": f"Bearer {given}"})
            )
        left.report(unauthorised.value)
