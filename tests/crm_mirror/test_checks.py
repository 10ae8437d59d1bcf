"""What the settings may say about the portal, and what the checks say about the settings."""

from __future__ import annotations

import pytest

from crm_mirror.checks import (
    check_authorization_server,
    check_mass_delete,
    check_portal,
    check_rate,
    check_secrets_keys,
    check_status_field,
)


def ids(messages):
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ["crm_mirror.W001"]),
        ("https://crm.test/rest/1/token/", []),
        ("http://10.0.0.5/rest/1/token/", ["crm_mirror.W002"]),
        ("http://127.0.0.1:9000/rest/1/token/", []),  # never leaves this machine
        ("https://crm.test/", ["crm_mirror.E001"]),
        ("crm.test/rest/1/token/", ["crm_mirror.E001"]),
    ],
)
def test_the_webhook(settings, address, expected):
    settings.BITRIX_WEBHOOK_URL = address
    messages = check_portal()
    assert ids(messages) == expected
    assert not address or all(address not in str(message) for message in messages)


@pytest.mark.parametrize(
    ("rate", "burst", "expected"),
    [(2.0, 50, []), (5.0, 250, []), (0.0, 50, []), (-1.0, 50, ["crm_mirror.E002"]), (2.0, 0, ["crm_mirror.E002"])],
)
def test_the_rate(settings, rate, burst, expected):
    settings.BITRIX_RATE_PER_SECOND, settings.BITRIX_RATE_BURST = rate, burst
    assert ids(check_rate()) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("UF_CRM_CALLGUARD_STATUS", []), ("status", ["crm_mirror.E003"]), ("UF_" + "A" * 60, ["crm_mirror.E003"])],
)
def test_the_status_field(settings, name, expected):
    settings.BITRIX_STATUS_FIELD = name
    assert ids(check_status_field()) == expected


@pytest.mark.parametrize(
    ("rows", "percent", "expected"),
    [(50, 5.0, []), (0, 0.0, []), (-1, 5.0, ["crm_mirror.E010"]), (50, 101.0, ["crm_mirror.E010"])],
)
def test_the_limits_of_a_mass_delete(settings, rows, percent, expected):
    settings.MASS_DELETE_ROWS, settings.MASS_DELETE_PERCENT = rows, percent
    assert ids(check_mass_delete()) == expected


@pytest.mark.parametrize(
    ("secret", "portal", "expected"),
    [
        ("key", "https://crm.test", []),
        ("key", "http://10.0.0.5", ["crm_mirror.W002"]),
        ("", "https://crm.test", ["crm_mirror.E001"]),
        ("key", "", ["crm_mirror.E001"]),
    ],
)
def test_an_application_in_place_of_the_webhook(settings, secret, portal, expected):
    settings.BITRIX_WEBHOOK_URL, settings.BITRIX_APP_ID, settings.BITRIX_APP_SECRET = "", "local.1", secret
    settings.PORTAL_ORIGIN = portal
    assert ids(check_portal()) == expected


def test_the_applications_key_does_not_travel_in_the_clear(settings):
    settings.BITRIX_WEBHOOK_URL, settings.BITRIX_APP_ID = "", "local.1"
    assert ids(check_authorization_server()) == []
    settings.BITRIX_OAUTH_SERVER = "http://oauth.test"
    assert ids(check_authorization_server()) == ["crm_mirror.E004"]


def test_a_short_key_for_the_stored_secrets(settings):
    assert ids(check_secrets_keys()) == []
    settings.SECRETS_KEYS = ["short", *settings.SECRETS_KEYS]
    (message,) = check_secrets_keys()
    assert message.id == "crm_mirror.E005"
    assert "short" not in message.msg.split()
