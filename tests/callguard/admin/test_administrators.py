"""The list of the portal's administrators: whom it shows and why, kept by hand, confirmed, all of it in the history."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.access.administrators import learn, list_is_complete
from callguard.administrators import Source, known
from callguard.models import About, AdministratorList, History
from crm_mirror.models import Employee, PortalConnection
from tests.callguard.admin.test_pages import queries_of
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, mirrored_people

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def people(db, settings):
    settings.BITRIX_WEBHOOK_URL = f"https://portal.example/rest/{MARINA.id}/token/"
    settings.PORTAL_ORIGIN = "https://portal.example"
    mirrored_people()


@pytest.fixture
def shown(pages):
    def page() -> str:
        return pages.get(reverse("setup:administrators"), headers=ENGLISH).text

    return page


@pytest.fixture
def act(pages):
    """A button of the page; what it said."""

    def press(name: str, **form: object) -> str:
        address = reverse("setup:change-administrators")
        answer = pages.post(address, {"act": name, **form}, headers=ENGLISH, follow=True)
        assert answer.status_code == 200
        return " ".join(str(message) for message in answer.context["messages"])

    return press


def lines() -> list[tuple[str, object, object, str]]:
    told = History.objects.filter(about=About.ADMINISTRATORS).order_by("id")
    return list(told.values_list("object_id", "before", "after", "actor_name"))


def test_each_is_shown_with_how_we_know(settings, act, shown):
    settings.BITRIX_ADMIN_IDS = [BORIS.id, 404]
    learn(MARINA.id, is_admin=True)  # the connection's own user, by a sync
    learn(OLGA.id, is_admin=True)  # by her card token
    act("add", employee=IVAN.id)
    assert {one.employee_id: one.source for one in known()} == {
        BORIS.id: Source.SETTING,
        404: Source.SETTING,
        MARINA.id: Source.CONNECTION,
        OLGA.id: Source.SHOWN,
        IVAN.id: Source.BY_HAND,
    }
    page = shown()
    assert "added by hand: root" in page
    assert "employee No. 404" in page


def test_the_applications_user_is_the_connections_own_as_well(settings):
    settings.BITRIX_WEBHOOK_URL, settings.BITRIX_APP_ID = "", "local.1"
    PortalConnection.objects.create(
        member_id="m", origin=settings.PORTAL_ORIGIN, user_id=OLGA.id, connected_at="2026-11-24T12:00:00Z",
        expires_at="2026-11-24T12:00:00Z",
    )  # fmt: skip
    learn(OLGA.id, is_admin=True)
    assert [one.source for one in known()] == [Source.CONNECTION]


def test_nobody_known_yet_is_said(shown):
    assert "Nobody yet." in shown()


def test_one_is_added_and_taken_off_and_both_are_in_the_history(act):
    assert act("add", employee=IVAN.id) == f"{IVAN.name} is on the list."
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is True
    assert act("remove", employee=IVAN.id) == f"{IVAN.name} is no longer on the list."
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is False
    assert lines() == [(str(IVAN.id), False, True, "root"), (str(IVAN.id), True, False, "root")]
    assert known() == []


def test_who_would_be_back_at_the_next_sync_cannot_be_taken_off(settings, act, shown):
    settings.BITRIX_ADMIN_IDS = [BORIS.id]
    learn(MARINA.id, is_admin=True)
    assert "stays on the list: BITRIX_ADMIN_IDS names him" in act("remove", employee=BORIS.id)
    assert "stays on the list: the connection acts for him" in act("remove", employee=MARINA.id)
    assert len(known()) == 2
    assert 'value="remove"' not in shown()


@pytest.mark.parametrize("employee", ["", "nobody", "999"])
def test_adding_nobody_is_asked_for_again(act, employee):
    assert act("add", employee=employee) == "Choose an employee first."
    assert lines() == []


def test_a_button_that_there_is_not(pages):
    address = reverse("setup:change-administrators")
    assert pages.post(address, {"act": "promote"}).status_code == 404
    assert pages.post(address, {"act": "remove", "employee": "999"}).status_code == 404


def test_the_list_is_confirmed_by_whom_and_when_and_taken_back(act, shown):
    act("add", employee=IVAN.id)
    assert "Not confirmed to be whole." in shown()
    assert act("confirm") == "The list is confirmed."
    assert list_is_complete()
    assert "by root." in shown()
    assert act("withdraw") == "The confirmation is taken back."
    assert not list_is_complete()
    assert lines()[1:] == [
        ("list", None, {"confirmed": [IVAN.name]}, "root"),
        ("list", "confirmed", None, "root"),
    ]


def test_a_list_of_nobody_is_not_confirmed(act):
    assert "at least one administrator" in act("confirm")
    assert not AdministratorList.objects.exists()


def test_what_confirming_changes_depends_on_the_guard(settings, act, shown):
    act("add", employee=IVAN.id)
    assert "puts such a change back at once, instead of flagging it" in shown()
    act("confirm")
    assert "his change of a status in the portal is put back at once" in shown()
    settings.STATUS_GUARD = "flag"
    assert "STATUS_GUARD is flag: nothing is put back either way." in shown()


def test_where_the_setting_names_them_there_is_nothing_to_confirm(settings, shown):
    settings.BITRIX_ADMIN_IDS = [BORIS.id]
    page = shown()
    assert "The list counts as whole" in page
    assert 'value="confirm"' not in page


def test_who_has_left_is_marked(act, shown):
    learn(PAVEL.id, is_admin=True)
    assert "no longer works here" in shown()


def test_from_the_wizard_it_returns_to_the_wizard(pages):
    form = {"act": "add", "employee": IVAN.id, "back": "wizard"}
    answer = pages.post(reverse("setup:change-administrators"), form)
    assert answer.url == reverse("setup:step", args=["administrators"])
    assert "confirm" in pages.get(answer.url).text


def test_it_costs_the_same_however_many_there_are(pages, act):
    act("add", employee=IVAN.id)
    few = queries_of(pages, reverse("setup:administrators"))
    act("add", employee=OLGA.id)
    act("add", employee=BORIS.id)
    pages.get(reverse("setup:administrators"))  # shows what was said of the last one
    assert queries_of(pages, reverse("setup:administrators")) == few
