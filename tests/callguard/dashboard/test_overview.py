"""The dashboard: its figures agree with the lists behind them, and show nobody whom the reader may not see."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.dashboard.breakdowns import TABLES
from callguard.models import Call, TallyState
from tests.callguard.dashboard.conftest import browser_of
from tests.callguard.reports.made import made_call
from tests.cast import BORIS, IVAN, MARINA, OLGA, OTHERS, PAVEL, SALES

PAGE = reverse("dashboard:overview")
LINK = re.compile(r'<a href="(/dashboard/calls/\?[^"]+)"[^>]*>([^<]+)</a>')
pytestmark = pytest.mark.django_db


def said(answer):
    assert answer.status_code == 200, answer
    return unescape(answer.content.decode())


def tiles_of(answer):
    return {tile.title: tile.figure for tile in answer.context["tiles"]}


def test_the_tiles_count_blame_apart_from_what_is_excused_or_being_checked(root, conflicts):
    tiles = tiles_of(root.get(PAGE))
    assert tiles["Conflicts: calls to a colleague's client"] == "3"
    assert tiles["Heeded the colour"] == "33 %"
    assert tiles["Clients taken over"] == "1"
    assert tiles["Excused or being checked"] == "2"
    assert tiles["Calls with a card"] == "6"


def test_each_tile_stands_beside_the_period_before(root, conflicts):
    change = root.get(PAGE).context["tiles"][0].change
    assert (change.tone, change.arrow, change.words) == ("worse", "▲", "+200 %, was 1")


@pytest.mark.parametrize("query", ["", "?period=all", "?excused=yes", "?person=8&period=90"])
def test_behind_every_number_of_the_page_is_a_list_of_as_many_calls(root, conflicts, query):
    links = LINK.findall(root.get(PAGE + query).content.decode())
    assert len(links) > 10
    for address, words in links:
        number = re.search(r"\d+$", words.strip().removesuffix(" %"))
        found = root.get(unescape(address))
        if number and not words.startswith("+"):  # a link on a phone number leads to its calls, as the count beside it
            assert len(found.context["lines"]) == int(number.group()), address
        assert found.context["count"] == str(len(found.context["lines"]))


@pytest.mark.parametrize("code", TABLES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_table_is_a_file_too(root, conflicts, code, kind):
    answer = root.get(reverse("dashboard:table", args=[code, kind]))
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 20
    assert code in answer["Content-Disposition"]


@pytest.mark.parametrize("code", TABLES)
def test_every_table_is_shown_whole(root, conflicts, code):
    assert root.get(reverse("dashboard:whole", args=[code])).context["table"].code == code


def test_what_there_is_not_is_not_found(root, conflicts):
    assert root.get("/dashboard/tables/nothing.csv").status_code == 404
    assert root.get("/dashboard/tables/people.pdf").status_code == 404
    assert root.get("/dashboard/tables/nothing/").status_code == 404


def test_the_file_of_a_table_says_what_the_page_says(root, conflicts):
    made = b"".join(root.get(reverse("dashboard:table", args=["people", "csv"])).streaming_content).decode()
    assert f"{IVAN.name},5,2,1,1,1,1,1\r\n" in made
    assert f"{PAVEL.name},1,1,0,1,0,0,0\r\n" in made


# --- Filters ---------------------------------------------------------------------------------------------------------
def test_filters_stand_in_the_address_and_come_back_chosen(root, conflicts):
    page = said(root.get(PAGE, {"person": IVAN.id, "period": "90", "excused": "no"}))
    assert f'<option value="{IVAN.id}" selected>' in page
    assert '<option value="no" selected>' in page
    assert re.search(r'aria-current="true">90 days', page)


def test_what_of_the_address_is_not_understood_is_said(root, conflicts):
    page = root.get(PAGE, {"period": "ages", "person": "x"})
    assert "left out" in said(page)
    assert tiles_of(page)["Conflicts: calls to a colleague's client"] == "3"


def test_the_mirrors_age_stands_beside_the_figures(root, conflicts):
    assert "The mirror of the portal is fresh" in said(root.get(PAGE))


def test_a_mirror_out_of_date_is_said(root, conflicts, settings):
    settings.MIRROR_STALE_AFTER = -1
    assert "The mirror of the portal is out of date" in said(root.get(PAGE))


def test_figures_that_are_still_being_counted_say_so(root, conflicts):
    TallyState.objects.update_or_create(pk=TallyState.ONLY, defaults={"next_day": timezone.localdate()})
    assert "Figures are being counted" in said(root.get(PAGE))


# --- Nothing yet -----------------------------------------------------------------------------------------------------
def test_without_calls_the_page_says_what_to_do(root):
    page = said(root.get(PAGE))
    assert "No calls yet" in page
    assert reverse("setup:page") in page


def test_a_supervisor_is_not_sent_where_he_may_not_go(marina):
    page = said(marina.get(PAGE))
    assert "ask an administrator" in page
    assert reverse("setup:page") not in page


def test_the_quiet_start_is_said_while_it_lasts(root, conflicts, settings):
    settings.COLOURS_SINCE = timezone.localdate() + timedelta(days=9)
    assert "Quiet start" in said(root.get(PAGE))


# --- Who sees whom ---------------------------------------------------------------------------------------------------
GUESSES = [
    {},
    {"person": OLGA.id},
    {"person": IVAN.id},
    {"department": SALES},
    {"period": "all"},
    {"figure": "conflicts", "period": "all"},
    {"figure": "conflicts", "in_caller": IVAN.id},
    {"figure": "conflicts", "in_responsible": OLGA.id, "in_caller": IVAN.id},
    {"figure": "calls", "in_department": SALES, "period": "all"},
]


def addresses():
    yield from (PAGE, reverse("dashboard:calls"), reverse("dashboard:calls-file", args=["csv"]))
    yield from (reverse("dashboard:whole", args=[code]) for code in TABLES)
    yield from (reverse("dashboard:table", args=[code, "csv"]) for code in TABLES)


@pytest.mark.parametrize("query", GUESSES, ids=str)
def test_no_parameter_shows_a_supervisor_another_departments_people(boris, conflicts, query):
    Call.objects.filter(call_id="pavels").update(responsible_id=BORIS.id, verdict={})
    for address in addresses():
        answer = boris.get(address, query)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for person in (IVAN, OLGA, MARINA):
            assert person.name not in body.decode(), (address, query)


def test_a_supervisor_counts_his_people_only(marina, boris, conflicts):
    title = "Conflicts: calls to a colleague's client"
    assert tiles_of(marina.get(PAGE))[title] == "2"
    assert tiles_of(boris.get(PAGE))[title] == "1"
    assert tiles_of(boris.get(PAGE, {"department": SALES}))[title] == "1"
    assert tiles_of(marina.get(PAGE, {"department": OTHERS}))[title] == "2"


def test_an_employee_is_led_to_his_own_record(ivan, conflicts):
    answer = ivan.get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, reverse("dashboard:me"))


def test_names_that_people_typed_are_text_on_the_page(root, conflicts):
    Call.objects.filter(call_id="taken").update(verdict={"entity": {"id": 5, "title": "<script>x</script>"}})
    assert "<script>x" not in root.get(reverse("dashboard:calls")).content.decode()


def test_the_page_asks_no_more_queries_for_more_calls(root, conflicts, django_assert_max_num_queries):
    for number in range(30):
        made_call(caller_id=[IVAN, OLGA, PAVEL][number % 3].id, judged_at=timezone.now(), answered=True)
    with django_assert_max_num_queries(70):  # of which a handful count the new calls
        root.get(PAGE)


def test_in_russian_too(people, conflicts):
    page = said(browser_of(None, language="ru").get(PAGE))
    assert "Кто звонил чьим клиентам" in page
