"""System checks: each wrong setting is named, with its cure."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks


def found(prefix: str = "callguard.") -> list[str]:
    return [message.id for message in run_checks() if message.id.startswith(prefix)]


def test_the_settings_as_they_come_are_in_order():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("CARD_TOKEN_SECRET", "short", "callguard.W001"),
        ("CARD_TOKEN_SECRET", "ы" * 15, "callguard.W001"),
        ("CARD_ORIGINS", ["portal.example"], "callguard.E005"),
        ("CARD_ORIGINS", ["https://portal.example/"], "callguard.E005"),
        ("CARD_ORIGINS", ["*"], "callguard.E005"),
        ("CARD_ORIGINS", ["https://["], "callguard.E005"),
        ("API_RATE_PER_CALLER", "many", "callguard.E006"),
        ("PORTAL_ORIGIN", "https://portal.example", "callguard.W007"),
        ("SESSION_COOKIE_AGE", 0, "callguard.E008"),
        ("AXES_FAILURE_LIMIT", 0, "callguard.E008"),
        ("RETENTION_MASK_DAYS", -1, "callguard.E011"),
    ],
)
def test_a_wrong_setting_is_named(settings, name, value, complaint):
    setattr(settings, name, value)
    assert found() == [complaint]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARD_TOKEN_SECRET", "ы" * 16),
        ("CARD_TOKEN_SECRET", ""),
        ("CARD_ORIGINS", ["https://portal.example", "http://portal.local:8080", "http://[::1]:9000"]),
        ("API_RATE_PER_CALLER", "5/s"),
    ],
)
def test_a_right_setting_is_not(settings, name, value):
    setattr(settings, name, value)
    assert found() == []


def test_calls_that_go_before_their_numbers_are_masked_are_doubtful(settings):
    settings.RETENTION_MASK_DAYS, settings.RETENTION_CALLS_DAYS = 90, 90
    assert found() == ["callguard.W012"]
    settings.RETENTION_CALLS_DAYS = 1095
    assert found() == []


def test_every_complaint_has_a_cure(settings):
    settings.CARD_TOKEN_SECRET, settings.PORTAL_ORIGIN = "short", "https://b"
    settings.CARD_ORIGINS, settings.API_RATE_PER_CALLER = ["x"], "many"
    complaints = [message for message in run_checks() if message.id.startswith("callguard.")]
    assert len(complaints) == 4
    assert all(message.hint for message in complaints)


@pytest.mark.parametrize(
    ("sender", "url", "complaints"),
    [
        ("", "https://callguard.example", ["callguard.E009"]),
        ("Call Guard <callguard@example.com>", "", ["callguard.W010"]),
        ("callguard@example.com", "https://callguard.example", []),
    ],
)
def test_letters_want_a_sender_and_an_address_to_lead_to(settings, sender, url, complaints):
    settings.EMAIL_CONFIGURED = True
    settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = sender, url
    assert found() == complaints


@pytest.mark.parametrize(("days", "complaints"), [(0, []), (1, ["callguard.W013"]), (29, ["callguard.W013"]), (30, [])])
def test_numbers_that_are_masked_before_all_facts_are_in_are_doubtful(settings, days, complaints):
    settings.RETENTION_MASK_DAYS = days
    assert found() == complaints
