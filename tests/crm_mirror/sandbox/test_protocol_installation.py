"""An application's way into the portal, as the docs tell it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import requests

from crm_mirror.sandbox import installation
from tests.contract.sample import assert_same_shape, sample
from tests.crm_mirror.sandbox.conftest import ADMIN, CLIENT_ID, SALESMAN
from tests.crm_mirror.sandbox.receiver import listening


@pytest.fixture
def receiver(server):
    with listening() as receiver:
        app = server.portal.config.apps[CLIENT_ID]
        server.portal.config.apps[CLIENT_ID] = replace(app, installer=receiver.url, installed=False)
        yield receiver


def test_the_frame_opens_the_installer_until_that_is_finished(server, receiver):
    assert installation.opening(server.portal, CLIENT_ID, ADMIN)[0].startswith(receiver.url + "?DOMAIN=")
    installation.finish(server.portal, CLIENT_ID, ADMIN)
    assert installation.opening(server.portal, CLIENT_ID, ADMIN)[0].startswith("https://callguard.example/oauth/?a=1&")


def test_the_frame_brings_a_token_of_who_opened_it(server, receiver, ask):
    form = installation.opening(server.portal, CLIENT_ID, SALESMAN)[1]
    assert ask("profile", token=form["AUTH_ID"]).json()["result"]["ID"] == str(SALESMAN)
    assert ask("app.info", token=form["AUTH_ID"]).json()["result"]["INSTALLED"] is False
    assert ask("app.info", token=form["AUTH_ID"]).json()["result"]["CODE"] == CLIENT_ID


def test_an_application_without_pages_is_called_with_the_event_of_the_docs(server, receiver):
    installation.call_back(server.portal, CLIENT_ID, ADMIN)
    server.portal.events.settle()
    told = receiver.events[0]
    expected = sample("on-app-install.event.json")
    expected["auth"]["expires_in"] = "3600"  # a form has texts only
    assert_same_shape(told, expected, may_add={"user_id", "event_handler_id"})
    assert server.portal.config.apps[CLIENT_ID].installed


def test_events_come_once_the_installation_is_finished_that_one_first(server, receiver, ask, app_token):
    for event in ("ONAPPINSTALL", "ONCRMCOMPANYADD"):
        ask("event.bind", {"event": event, "handler": receiver.url}, token=app_token)
    ask("crm.company.add", {"fields": {"TITLE": "Рано"}})
    installation.finish(server.portal, CLIENT_ID, ADMIN)
    ask("crm.company.add", {"fields": {"TITLE": "Ромашка"}})
    server.portal.events.settle()
    assert [told["event"] for told in receiver.events] == ["ONAPPINSTALL", "ONCRMCOMPANYADD"]


def test_a_person_sees_the_application_in_a_frame_and_finishes(server, receiver):
    page = requests.get(f"{server.url}/marketplace/app/", params={"user_id": ADMIN}, timeout=5)
    assert page.status_code == 200
    assert re.search(rf'target=app action="{re.escape(receiver.url)}', page.text)
    requests.post(f"{server.url}/marketplace/app/finish", data={"user_id": ADMIN}, timeout=5)
    assert server.portal.config.apps[CLIENT_ID].installed


def test_a_stranger_opens_nothing(server, receiver):
    assert requests.get(f"{server.url}/marketplace/app/?user_id=404", timeout=5).status_code == 404
