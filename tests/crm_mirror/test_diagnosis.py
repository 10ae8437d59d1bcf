"""What the doctor says of the connection and of events. (All his other lines: tests/callguard/test_doctor.py.)"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from crm_mirror.diagnosis import portal_findings
from crm_mirror.models import InboxEvent, PortalConnection
from crm_mirror.sandbox import custom_fields

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


def test_pages_inside_the_portal_that_are_not_bound_are_missed(connected, settings):
    settings.PORTAL_PLACEMENTS = [{"placement": "CALL_CARD", "path": "/bitrix/card/", "title": "Call Guard"}]
    missed = found("placements")
    assert (missed.ok, "CALL_CARD" in missed.detail) == (False, True)
    assert "provision_portal" in missed.remedy
    call_command("provision_portal")
    assert found("placements").detail == "CALL_CARD"


def test_a_status_that_people_can_edit_where_they_are_not_to_is_missed(portal, settings):
    call_command("provision_portal")
    assert found("field").ok
    settings.STATUS_READ_ONLY = True
    assert not found("field").ok
    assert "provision_portal" in found("field").remedy
    call_command("provision_portal")
    assert "read-only" in found("field").detail


def test_a_field_of_another_kind_is_named(portal):
    custom_fields.create(portal.store, {"FIELD_NAME": "UF_CRM_CALLGUARD_STATUS", "USER_TYPE_ID": "string"})
    assert "another kind: string" in found("field").detail
    assert not found("reference").ok
