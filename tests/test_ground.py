"""The ground everything stands on: seeds and settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callguard.models import Palette, Rule, RuleSetVersion
from crm_mirror.models import Status

ROOT = Path(__file__).parent.parent


@pytest.mark.django_db
def test_a_fresh_installation_has_the_articles_statuses_palettes_and_rules() -> None:
    assert list(Status.objects.values_list("name", flat=True)) == ["В ожидании", "В обработке", "В работе"]
    assert list(Palette.objects.values_list("code", flat=True)) == ["red", "yellow", "blue"]
    assert Rule.objects.count() == 10
    assert RuleSetVersion.objects.get().version == 1


def started(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own under nothing but these variables."""
    environment = {"PATH": os.environ["PATH"], "CALLGUARD_ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment | variables, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BITRIX_RATE_PER_SECOND", "fast"),
        ("BITRIX_ADMIN_IDS", "Anna"),
        ("MIRROR_STALE_AFTER", "15m"),
        ("HTTPS", "ture"),
        ("PHONE_REGION", "Russia"),
        ("SHARED_NUMBER_POLICY", "loudest"),
        ("EMAIL_URL", "mail.example.com"),
        ("EMAIL_URL", "imap://mail.example.com"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_in_one_line(name: str, value: str) -> None:
    ran = started("manage.py", "check", SECRET_KEY="x", **{name: value})
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"{name} cannot be ")
    assert "Write: " in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_server_does_not_start_under_settings_that_its_checks_refuse() -> None:
    ran = started("-c", "import config.wsgi", SECRET_KEY="x" * 60, CARD_ORIGINS="portal.example")
    assert ran.returncode != 0
    assert "CARD_ORIGINS has 'portal.example'" in ran.stderr


def test_a_region_in_small_letters_is_understood() -> None:
    ask = "from django.conf import settings; print(settings.PHONE_REGION)"
    assert started("-c", ask, SECRET_KEY="x", PHONE_REGION="kz").stdout.strip() == "KZ"


FAILING = """
import django; django.setup()
from django.test import RequestFactory
from django.core.handlers.exception import response_for_exception
try: 1 / 0
except ZeroDivisionError as error: response_for_exception(RequestFactory().get("/admin/"), error)
"""


@pytest.mark.parametrize("debug", ["False", "True"])
def test_a_page_that_fails_leaves_its_traceback_on_stderr_once(debug: str) -> None:
    said = started("-c", FAILING, SECRET_KEY="x", DEBUG=debug).stderr
    assert said.count("ERROR django.request Internal Server Error: /admin/") == 1
    assert said.count("ZeroDivisionError: division by zero") == 1


def test_production_has_no_demo_page_whatever_the_environment_says() -> None:
    ask = "import config.wsgi; from django.conf import settings; print(settings.DEMO)"
    assert started("-c", ask, SECRET_KEY="x" * 60, DEMO="True").stdout.strip() == "False"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Portal.Example:443/rest/1/t/", "https://portal.example"),
        ("http://[::1]:9/rest/1/t/", "http://[::1]:9"),
    ],
)
def test_the_portals_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    ask = "from django.conf import settings; print(settings.PORTAL_ORIGIN)"
    assert started("-c", ask, SECRET_KEY="x", BITRIX_WEBHOOK_URL=address).stdout.strip() == origin


def test_a_password_in_the_webhooks_address_goes_nowhere() -> None:
    ask = "from django.conf import settings; print(settings.PORTAL_ORIGIN, settings.CARD_ORIGINS)"
    said = started("-c", ask, SECRET_KEY="x", BITRIX_WEBHOOK_URL="https://dev:s3cret@portal.example:8443/rest/1/token/")
    assert said.stdout.strip() == "https://portal.example:8443 ['https://portal.example:8443']"


def test_a_production_start_without_a_secret_key_says_what_to_do() -> None:
    ran = started("manage.py", "check")
    assert ran.returncode == 2
    assert ran.stderr.startswith("SECRET_KEY is not set")
    assert len(ran.stderr.splitlines()) == 1


def test_the_mail_server_is_one_address_whose_password_no_page_shows() -> None:
    ask = (
        "from django.conf import settings as s; "
        "print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_USE_TLS, len(s.EMAIL_HOST_PASSWORD)); "
        "print(repr(s.EMAIL_HOST_PASSWORD))"
    )
    url = "smtp+tls://me%40example.com:s3%40cret@mail.example.com"
    said = started("-c", ask, SECRET_KEY="x", EMAIL_URL=url).stdout
    assert said.splitlines()[0] == "mail.example.com 587 me@example.com True 7"
    assert "s3" not in said
