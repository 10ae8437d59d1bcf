"""What the portal does to us: it refuses, blinds, forgets us, moves, and turns its clock. People go on working."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crm_mirror.models import Change, Company
from crm_mirror.portal.errors import PortalError

pytestmark = pytest.mark.django_db


def buried() -> int:
    return Change.objects.filter(what=Change.What.DELETED).count()


def test_a_storm_of_503_delays_changes_and_loses_none(town, round_):
    town.work_a_day()
    town.portal.fails_with("503", times=3)
    round_()
    assert town.unlike_the_mirror() == []
    assert town.portal.server.portal.faults.as_list()[0]["fired"] == 3


@pytest.mark.parametrize("fault", ["html", "half", "reset", "502", "empty"])
def test_an_answer_that_is_none_is_asked_for_again(town, round_, fault):
    town.work_a_day()
    town.portal.fails_with(fault, times=1)
    round_()
    assert town.unlike_the_mirror() == []


@pytest.mark.parametrize("fault", ["own_rows", "not_admin"])
def test_shrunk_rights_bury_nobody(town, round_, reconciled, fault):
    town.portal.fails_with(fault)
    for _ in range(2):
        round_()
        reconciled()
    assert buried() == 0
    assert Company.objects.live().count() == len(town.companies)
    town.work_a_day()
    round_()
    town.portal.heal()
    reconciled()
    round_()
    assert town.unlike_the_mirror() == []


def test_shrunk_rights_in_the_middle_of_a_round_bury_nobody(town, round_):
    """The head of the list is an administrator's, what follows is not."""
    town.portal.fails_with("own_rows", after=1)
    town.portal.delete_company(town.companies[-1])
    town.portal.portal.clock.advance(60)
    round_()
    assert buried() <= 1
    town.portal.heal()
    round_()
    assert town.unlike_the_mirror() == []


@pytest.mark.parametrize("fault", ["dismissed", "revoked", "plan_ended", "deleted"])
def test_a_portal_closed_to_us_is_said_and_caught_up_with_when_it_is_open_again(town, round_, fault):
    town.portal.fails_with(fault)
    for _ in range(2):
        town.work_a_day()
        with pytest.raises(PortalError) as told:
            round_()
        assert told.value.remedy
    assert buried() == 0
    town.portal.heal()
    round_()
    assert town.unlike_the_mirror() == []


def test_changes_of_the_time_without_a_plan_are_found_though_no_event_told_of_them(town, round_, reconciled):
    town.portal.fails_with("plan_ended")
    for _ in range(3):
        town.work_a_day()
    town.portal.unlink(town.contacts[0], town.companies[0])
    town.portal.heal()
    round_()
    reconciled()
    assert town.unlike_the_mirror() == []


@contextmanager
def redirecting_to(url: str) -> Iterator[str]:
    """The portal's old address: 302 to the new one (change-domen)."""

    class Old(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(302)
            self.send_header("Location", url + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Old) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_renamed_portal_is_followed_to_its_new_address(town, round_, settings):
    with redirecting_to(town.portal.url) as old:
        settings.BITRIX_WEBHOOK_URL = town.portal.webhook.replace(town.portal.url, old)
        town.work_a_day()
        round_()
    assert town.unlike_the_mirror() == []


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_a_clock_that_jumps_hides_no_change(town, round_, seconds):
    town.portal.portal.clock.jump(seconds)
    town.work_a_day()
    round_()
    assert town.unlike_the_mirror() == []
    town.portal.portal.clock.jump(-seconds)
    town.work_a_day()
    round_()
    assert town.unlike_the_mirror() == []


def test_a_clock_that_is_wrong_for_one_request_hides_no_change(town, round_):
    town.portal.fails_with("clock", amount="2h", times=1)
    round_()
    town.portal.heal()
    town.work_a_day()
    round_()
    assert town.unlike_the_mirror() == []


@pytest.mark.parametrize("fault", ["lose", "duplicate", "empty_page"])
def test_what_a_list_keeps_to_itself_is_found_by_the_reconciliation(town, round_, reconciled, fault):
    town.portal.fails_with(fault, probability=0.5)
    for _ in range(2):
        town.work_a_day()
        round_()
    town.portal.heal()
    round_()
    reconciled()
    assert town.unlike_the_mirror() == []
