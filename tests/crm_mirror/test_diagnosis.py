"""What the doctor says of the connection and of events. (All his other lines: tests/callguard/test_doctor.py.)"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from crm_mirror.diagnosis import portal_findings
from crm_mirror.models import InboxEvent, PortalConnection

pytestmark = pytest.mark.django_db


def found(name):
    with translation.override("en"):  # whatever language a request has left behind
        return next(one for one in portal_findings(at=timezone.now()) if one.name == name)


def event_came(*, ago):
    at = timezone.now() - ago
    InboxEvent.objects.create(received_at=at, next_attempt_at=at, event="ONCRMCOMPANYADD")


def test_a_webhook_is_called_one(portal):
    assert found("connection").detail == "incoming webhook"


def test_a_webhook_alone_hears_of_no_events_and_is_told_so(portal):
    events = found("events")
    assert events.is_open
    assert "provision_portal" in events.remedy


def test_with_an_outgoing_webhook_the_last_event_is_told(portal, settings):
    settings.BITRIX_APPLICATION_TOKEN = "copied"
    assert found("events").is_open
    event_came(ago=timedelta(minutes=5))
    assert found("events").detail == "the last one came 5 min ago"


def test_an_applications_tokens_have_an_age(connected):
    PortalConnection.objects.update(connected_at=timezone.now() - timedelta(minutes=40))
    assert found("connection").detail == "local application, tokens of 40 min ago"


def test_handlers_that_are_not_bound_are_missed(connected):
    events = found("events")
    assert not events.ok
    assert "provision_portal" in events.remedy
    call_command("provision_portal")
    assert found("events").ok


def test_an_application_without_its_token_believes_no_event(connected):
    call_command("provision_portal")
    PortalConnection.objects.update(application_token="")
    events = found("events")
    assert not events.ok
    assert "Open the application" in events.remedy


def test_an_application_that_was_lost_is_the_portals_line(connected):
    connected.portal.clock.advance(181 * 24 * 3600)
    portal = found("portal")
    assert not portal.ok
    assert "Open the application" in portal.remedy


def test_everything_else_serves_an_application_as_well(connected):
    call_command("provision_portal")
    assert [one.name for one in portal_findings(at=timezone.now()) if not one.ok] == []
