"""Signing in with the portal account, on the sandbox portal's own OAuth: who comes in, and who is refused with why."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from callguard.feed import read_all
from callguard.models import Account
from callguard.signin.departure import KEY, LASTS
from crm_mirror.models import Employee, PortalConnection
from crm_mirror.sandbox.access import App
from tests.callguard.signin.conftest import Browser
from tests.crm_mirror.conftest import APP_ID

pytestmark = pytest.mark.django_db


def refused(answer, browser, words, status=403):
    assert (answer.status_code, browser.account) == (status, None)
    assert words in answer.text
    assert 'href="/admin/login/"' in answer.text  # the way on
    return True


# --- Who comes in ----------------------------------------------------------------------------------------------------
def test_an_employee_signs_in_with_the_portals_word(office, browser):
    answer = browser.sign_in(office.ivan)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    account = Account.objects.get()
    assert browser.account == str(account.pk)
    assert (account.employee_id, account.get_full_name()) == (office.ivan.id, "Иван Сидоров")
    assert (account.is_staff, account.is_superuser, account.has_usable_password()) == (True, False, False)


def test_the_second_time_it_is_the_same_account(office, browser):
    browser.sign_in(office.ivan)
    Browser(office.portal).sign_in(office.ivan)
    assert Account.objects.count() == 1


def test_an_account_that_was_linked_by_hand_is_found(office, browser):
    by_hand = Account.objects.create_user("ivan", password="x", employee_id=office.ivan.id)
    browser.sign_in(office.ivan)
    assert browser.account == str(by_hand.pk)
    by_hand.refresh_from_db()
    assert (by_hand.is_staff, by_hand.check_password("x")) == (True, True)


def test_a_superusers_account_is_never_opened_by_the_portals_word(office, browser):
    root = Account.objects.create(username="root", is_staff=True, is_superuser=True, employee_id=office.ivan.id)
    browser.sign_in(office.ivan)
    assert browser.account != str(root.pk)
    assert not Account.objects.get(pk=browser.account).is_superuser


def test_a_strangers_account_of_that_name_is_left_to_him(office, browser):
    Account.objects.create_user(f"bitrix{office.ivan.id}", password="x", is_superuser=True)
    browser.sign_in(office.ivan)
    assert Account.objects.get(pk=browser.account).username == f"bitrix{office.ivan.id}.1"


def test_who_signs_in_is_learned_to_be_an_administrator_or_none(office, browser):
    known = Employee.objects.filter(portal_id=office.ivan.id).values_list("is_portal_admin", flat=True)
    assert known.get() is None
    browser.sign_in(office.ivan)
    assert known.get() is False
    office.portal.store.user(office.ivan.id)["IS_ADMIN"] = True
    Browser(office.portal).sign_in(office.ivan)
    assert known.get() is True


def test_the_session_begins_under_a_new_key(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    before = browser.client.session.session_key
    browser.come_back(told)
    assert browser.client.session.session_key != before
    assert KEY not in browser.client.session


def test_the_cookie_is_kept_from_scripts_and_from_foreign_pages(office, browser):
    browser.sign_in(office.ivan)
    cookie = browser.client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 12 * 3600)


def test_nothing_of_the_visitors_tokens_stays(office, browser):
    before = PortalConnection.objects.values().get()
    browser.sign_in(office.ivan)
    assert PortalConnection.objects.values().get() == before
    assert set(browser.client.session.keys()) == {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/admin/callguard/call/?q=1", "/admin/callguard/call/?q=1"),
        ("http://testserver/admin/", "http://testserver/admin/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("\\\\evil.example", "/admin/"),
    ],
)
def test_the_page_that_was_wanted_is_reached_when_it_is_ours(office, browser, wanted, reached):
    assert browser.sign_in(office.ivan, wanted)["Location"] == reached


# --- Who is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["", "made up"])
def test_a_forged_state_is_refused_without_asking_the_portal(office, browser, state):
    told = browser.agree(browser.leave(), office.ivan)
    asked = len(list(office.portal.log))
    assert refused(browser.come_back(told | {"state": state}), browser, "was not begun here")
    assert len(list(office.portal.log)) == asked


def test_another_browsers_state_is_refused(office, browser):
    """Somebody hands his own way back to a colleague, who would then work in his name."""
    told = Browser(office.portal)
    told = told.agree(told.leave(), office.ivan)
    assert refused(browser.come_back(told), browser, "was not begun here")


def test_a_state_is_used_up_by_a_wrong_one(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    browser.come_back(told | {"state": "made up"})
    assert refused(browser.come_back(told), browser, "was not begun here")


def test_a_way_back_that_is_repeated_is_refused(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    browser.come_back(told)
    browser.client.logout()
    assert refused(browser.come_back(told), browser, "was not begun here")


def test_a_replayed_code_is_refused_even_with_a_good_state(office, browser):
    used = browser.agree(browser.leave(), office.ivan)
    browser.come_back(used)
    other = Browser(office.portal)
    state = parse_qs(urlsplit(other.leave()).query)["state"][0]
    assert refused(other.come_back(used | {"state": state}), other, "has been used or is too old")


def test_a_code_older_than_thirty_seconds_is_refused(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    office.portal.portal.clock.advance(30)
    assert refused(browser.come_back(told), browser, "has been used or is too old")


def test_who_took_too_long_is_refused(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    session = browser.client.session
    session[KEY] = session[KEY] | {"at": (timezone.now() - LASTS - timedelta(seconds=1)).timestamp()}
    session.save()
    assert refused(browser.come_back(told), browser, "took too long")


def test_another_portal_is_refused(office, browser):
    assert refused(browser.sign_in(office.ivan, member_id="foreign"), browser, "from another portal")


def test_posted_addresses_lead_nowhere(office, browser):
    """`domain` and `server_domain` name the portal that says it answers: nobody asks there."""
    answer = browser.sign_in(office.ivan, domain="127.0.0.1:1", server_domain="127.0.0.1:1")
    assert answer.status_code == 302
    assert browser.account


def test_one_dismissed_in_the_mirror_is_refused(office, browser):
    Employee.objects.filter(portal_id=office.ivan.id).update(active=False)
    assert refused(browser.sign_in(office.ivan), browser, "do not work here any more")
    assert not Account.objects.exists()


def test_one_dismissed_in_the_portal_alone_is_refused_as_well(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    office.portal.dismiss(office.ivan)
    assert refused(browser.come_back(told), browser, "does not vouch for you")


def test_a_guest_of_the_portal_is_refused(office, browser):
    Employee.objects.filter(portal_id=office.ivan.id).update(user_type="extranet")
    assert refused(browser.sign_in(office.ivan), browser, "is for employees")


def test_one_whom_the_mirror_does_not_know_is_refused(office, browser):
    bot = office.portal.add_employee("Робот Портала", hidden=True)
    assert refused(browser.sign_in(bot), browser, "list of employees does not have you")


def test_before_the_first_sync_the_page_says_what_is_awaited(connected, browser):
    assert refused(browser.sign_in(1), browser, "have not been read yet")


def test_an_account_that_was_switched_off_stays_so(office, browser):
    Account.objects.create_user("ivan", employee_id=office.ivan.id, is_active=False)
    assert refused(browser.sign_in(office.ivan), browser, "is switched off")


@pytest.mark.parametrize("method", ["oauth/token", "batch"])
def test_a_portal_that_is_away_is_told_as_that(office, browser, method):
    told = browser.agree(browser.leave(), office.ivan)
    office.portal.fails_with("502", method=method)
    assert refused(browser.come_back(told), browser, "The portal cannot be asked now", 502)


def test_a_key_that_the_portal_does_not_know_is_told_as_that(office, browser):
    told = browser.agree(browser.leave(), office.ivan)
    office.portal.portal.config.apps[APP_ID] = App(secret="another", redirect="http://127.0.0.1:1/")
    assert refused(browser.come_back(told), browser, "BITRIX_APP_SECRET")


def test_without_an_application_the_door_is_not_offered(office, browser, settings):
    assert "/signin/?next=" in browser.client.get("/admin/login/").text
    settings.BITRIX_APP_SECRET = ""
    assert "/signin/" not in browser.client.get("/admin/login/").text
    assert refused(browser.client.get("/signin/"), browser, "not set up here", 404)


def test_the_door_takes_along_the_page_that_was_wanted(office, browser):
    page = browser.client.get("/admin/login/", {"next": "/admin/callguard/call/?q=1&p=2"}).text
    assert 'href="/signin/?next=/admin/callguard/call/%3Fq%3D1%26p%3D2"' in page


def test_the_refusal_speaks_the_readers_language(office):
    browser = Browser(office.portal, "ru")
    assert refused(browser.sign_in(office.ivan, state="x"), browser, "Вы не вошли")


# --- Whom the portal dismisses ---------------------------------------------------------------------------------------
def is_in(browser):
    return browser.client.get("/admin/password_change/").status_code == 200


def test_a_dismissal_in_the_portal_ends_the_session_with_the_next_round_and_for_good(office, browser, sync):
    browser.sign_in(office.ivan)
    assert is_in(browser)
    office.portal.dismiss(office.ivan)
    sync()
    read_all()
    assert not is_in(browser)
    office.portal.store.user(office.ivan.id)["ACTIVE"] = True
    sync()
    read_all()
    assert not is_in(browser)
    browser.sign_in(office.ivan)
    assert is_in(browser)
    assert Account.objects.count() == 1


def test_a_form_that_is_out_of_date_is_told_as_that(office):
    answer = Client(enforce_csrf_checks=True, headers={"accept-language": "en"}).post(
        "/admin/login/", {"username": "x"}
    )
    assert (answer.status_code, "out of date" in answer.text) == (403, True)


# --- Floods ----------------------------------------------------------------------------------------------------------
def test_a_storm_of_forged_returns_does_not_reach_the_portal(office, browser):
    asked = len(list(office.portal.log))
    for number in range(50):
        browser.come_back({"code": str(number), "state": str(number), "member_id": "x"})
    assert len(list(office.portal.log)) == asked


def test_a_storm_of_begun_sign_ins_is_slowed(office, browser):
    answers = [browser.client.get("/signin/").status_code for _ in range(130)]
    assert (answers[0], 429 in answers) == (302, True)  # a new minute may begin meanwhile


def test_one_who_begins_properly_and_makes_up_codes_is_slowed(office, settings):
    """Each from another browser: what is counted is the address."""
    settings.BEHIND_PROXY = True
    own = {"code": "x", "member_id": office.portal.portal.config.member_id}
    before = len(list(office.portal.log))
    answers = []
    for number in range(130):  # more than two minutes take, where a new one begins meanwhile
        one = Browser(office.portal)
        one.client.defaults["HTTP_X_FORWARDED_FOR"] = f"10.0.0.{number}"
        state = parse_qs(urlsplit(one.leave()).query)["state"][0]
        one.client.defaults["HTTP_X_FORWARDED_FOR"] = f"10.0.0.{number}, 192.0.2.1"
        answers.append(one.come_back(own | {"state": state}).status_code)
        if answers[-1] == 429:
            break
    assert (answers[0], answers[-1]) == (403, 429)
    assert len(list(office.portal.log)) - before == answers.count(403)


# --- The application's page in the portal ----------------------------------------------------------------------------
def test_the_application_opened_in_the_portal_shows_the_way_here(office, opened):
    page = opened(by=office.ivan.id)
    assert page.status_code == 200
    assert 'href="/signin/" target="_blank"' in page.text
    assert "X-Frame-Options" not in page
    assert page["Content-Security-Policy"].endswith(f"frame-ancestors {office.portal.url}")


def test_who_opens_it_is_learned(office, opened):
    opened(by=office.ivan.id)
    assert Employee.objects.get(portal_id=office.ivan.id).is_portal_admin is False


def test_an_administrator_who_opens_it_connects_it_anew_and_an_employee_does_not(office, opened):
    before = PortalConnection.objects.get().access_token
    opened(by=office.ivan.id)
    assert PortalConnection.objects.get().access_token == before
    opened(by=1)
    assert PortalConnection.objects.get().access_token != before


def test_what_is_posted_there_signs_nobody_in(office, opened, client):
    opened(by=1)
    opened(by=1, AUTH_ID="made up")
    assert "_auth_user_id" not in client.session


def test_the_way_back_itself_cannot_be_framed(office, browser):
    assert browser.come_back({})["X-Frame-Options"] == "DENY"
