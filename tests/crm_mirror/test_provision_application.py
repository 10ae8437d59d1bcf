"""An application binds its pages, its handlers and its queue itself; what others have bound is left alone."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from crm_mirror import handlers
from crm_mirror.connection import client_from_settings
from crm_mirror.provision import fill, survey
from tests.crm_mirror.conftest import APP_ID, PUBLIC_URL
from tests.crm_mirror.provisioning import CARD, Ran, writes
from tests.crm_mirror.sandbox.receiver import listening

pytestmark = pytest.mark.django_db


def bound_in(portal):
    return portal.portal.memory.get("placements", {}).get(APP_ID, [])


def test_an_application_binds_its_pages_and_the_second_run_writes_nothing(connected, placed):
    assert "placement CALL_CARD /bitrix/card/" in Ran().report["created"]
    assert [(one["placement"], one["handler"], one["title"], one["options"]) for one in bound_in(connected)] == [
        ("CALL_CARD", f"{PUBLIC_URL}/bitrix/card/", "Call Guard", {"height": 200}),
        ("CRM_COMPANY_DETAIL_TAB", f"{PUBLIC_URL}/bitrix/company/", "Call Guard", {}),
    ]
    connected.log.clear()
    again = Ran()
    assert (again.code, again.report["created"], writes(connected)) == (0, [], [])
    assert Ran("--check").code == 0


def test_pages_that_are_not_ours_stay_where_they_are(connected, placed):
    theirs = {"PLACEMENT": "CALL_CARD", "HANDLER": "https://elsewhere.example/", "TITLE": "Their card"}
    connected.portal.call("placement.bind", theirs, app_id=APP_ID)
    Ran()
    assert [one["handler"] for one in bound_in(connected) if one["placement"] == "CALL_CARD"] == [
        "https://elsewhere.example/",
        f"{PUBLIC_URL}/bitrix/card/",
    ]
    assert "placement.unbind" not in connected.log.methods()


def test_a_page_that_somebody_has_bound_meanwhile_is_fine(connected, placed):
    with closing(client_from_settings()) as client:
        found = survey(client)
        connected.portal.call("placement.bind", {"PLACEMENT": "CALL_CARD", "HANDLER": f"{PUBLIC_URL}/bitrix/card/"},
                              app_id=APP_ID)  # fmt: skip
        fill(client, found)
    assert found.as_dict()["missing"] == []
    assert len(bound_in(connected)) == 2


def test_without_the_right_an_application_is_told_which(app_portal, opened, placed):
    apps = app_portal.portal.config.apps
    apps[APP_ID] = replace(apps[APP_ID], scopes=apps[APP_ID].scopes - {"placement"}, installed=True)
    opened()
    ran = Ran()
    assert ran.code == 0
    assert any("want the right placement" in told for told in ran.report["instructions"])
    assert bound_in(app_portal) == []


def test_a_place_that_the_portal_does_not_know_is_named(connected, settings):
    settings.PORTAL_PLACEMENTS = [CARD | {"placement": "NOWHERE"}]
    assert any("NOWHERE" in told for told in Ran().report["instructions"])
    assert bound_in(connected) == []


def test_an_application_binds_handlers_and_a_queue(connected):
    assert Ran().code == 0
    bound = connected.portal.events.handlers
    sent = {one.event for one in bound if not one.offline}
    assert sent == {*handlers.WANTED, "ONOFFLINEEVENT"}
    assert {one.url for one in bound if not one.offline} == {f"{PUBLIC_URL}/bitrix/events/"}
    assert {one.event for one in bound if one.offline} == set(handlers.WANTED)
    assert next(one for one in bound if one.event == "ONOFFLINEEVENT").options == {"minTimeout": 2}
    assert {one.auth_type for one in bound} == {0}  # who acts is who is named


def test_an_application_s_second_run_writes_nothing(connected):
    Ran()
    connected.log.clear()
    assert Ran("--check").code == 0
    assert Ran().report["created"] == []
    assert writes(connected) == []


def test_handlers_of_others_are_left_alone(connected):
    theirs = connected.portal.events.bind("ONCRMCOMPANYADD", "https://elsewhere.example/", app_id=APP_ID)
    Ran()
    bound = connected.portal.events.handlers
    assert theirs in bound
    assert [one.url for one in bound if one.event == "ONCRMCOMPANYADD" and not one.offline] == [
        "https://elsewhere.example/",
        f"{PUBLIC_URL}/bitrix/events/",
    ]


def test_a_handler_that_went_missing_is_bound_again(connected):
    Ran()
    connected.portal.events.unbind([one for one in connected.portal.events.handlers if one.event == "ONUSERADD"])
    assert Ran("--check").report["missing"] == ["handler ONUSERADD", "handler ONUSERADD, queued"]
    assert Ran().report["created"] == ["handler ONUSERADD", "handler ONUSERADD, queued"]


def test_an_application_needs_to_know_its_own_address(connected, settings):
    settings.PUBLIC_URL = ""
    ran = Ran()
    assert (ran.code, writes(connected)) == (2, [])
    assert "PUBLIC_URL" in ran.error


def test_an_application_that_is_not_connected_yet(app_portal, db):
    ran = Ran()
    assert ran.code == 2
    assert "/bitrix/install/" in ran.error


def test_what_is_bound_arrives(connected, settings):
    with listening() as receiver:
        settings.PUBLIC_URL = receiver.url.removesuffix("/handler/")
        Ran()
        connected.add_company("Ромашка")
        connected.portal.events.settle()
        told = {event["event"]: event["auth"]["application_token"] for event in receiver.events}
    token = connected.portal.config.application_token
    assert told == {"ONCRMCOMPANYADD": token, "ONOFFLINEEVENT": token}
