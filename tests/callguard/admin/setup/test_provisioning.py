"""What the portal lacks is shown before it is created, and created once."""

from __future__ import annotations

import pytest

from crm_mirror.sandbox import custom_fields
from tests import living

pytestmark = pytest.mark.django_db
FIELD = "UF_CRM_CALLGUARD_STATUS"


def writes(portal) -> list[str]:
    return [entry.method for entry in portal.log if entry.method.endswith((".add", ".update", ".bind"))]


def test_the_preview_shows_what_will_be_created_and_creates_nothing(shown, steps, connected):
    page = shown("provisioning", "survey")
    assert "Will be created" in page
    assert FIELD in page
    assert writes(connected) == []
    assert steps()["provisioning"] == "todo"


def test_the_button_creates_it_and_a_second_time_writes_nothing(shown, steps, connected):
    shown("provisioning", "survey")
    page = shown("provisioning", "survey", create="1")
    assert "Has just been created" in page
    assert custom_fields.find(connected.store, FIELD)
    assert steps()["provisioning"] == "done"
    written = writes(connected)
    assert "Nothing is missing." in shown("provisioning", "survey", create="1")
    assert writes(connected) == written


def test_a_field_of_somebody_elses_is_one_line_with_the_remedy(shown, steps, connected):
    fields = {"FIELD_NAME": FIELD, "USER_TYPE_ID": "string", "LABEL": "Чужое"}
    connected.call("crm.company.userfield.add", {"fields": fields})
    page = shown("provisioning", "survey", create="1")
    assert "of another kind: string" in page
    assert "BITRIX_STATUS_FIELD" in page
    assert steps()["provisioning"] == "failed"


def test_without_settings_the_survey_is_a_line_too(shown, steps, nowhere):
    assert "BITRIX_WEBHOOK_URL is not set" in shown("provisioning", "survey")
    assert steps()["provisioning"] == "failed"


def test_a_portal_that_refuses_half_way_tells_what_was_created(shown, connected):
    connected.fails_with("500", method="crm.company.userfield.add")
    page = shown("provisioning", "survey", create="1")
    assert "Traceback" not in page
    connected.heal()
    shown("provisioning", "survey", create="1")
    assert custom_fields.find(connected.store, FIELD)


def test_an_outgoing_webhook_is_explained_where_handlers_cannot_be_bound(shown, connected, settings):
    page = shown("provisioning")
    assert "http://testserver/bitrix/events/" in page
    assert "<code>ONCRMCOMPANYUPDATE</code>" in page
    settings.BITRIX_APPLICATION_TOKEN = "copied"
    assert "It is set." in shown("provisioning")
    living.told("done", ago=300)
    assert "The last event: 5" in shown("provisioning").replace("\xa0", " ")
