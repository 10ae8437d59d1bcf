"""Calls and conflicts in the admin: frozen, found by number, readable; the probe leaves nothing behind."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.calls import end_call
from callguard.models import Call
from crm_mirror.models import Employee
from tests.callguard.admin.conftest import ROMASHKA, rung
from tests.cast import IVAN, PAVEL, mirrored_company

pytestmark = pytest.mark.usefixtures("calls")
PROBE = reverse("admin:callguard_call_probe")
MOSCOW = ZoneInfo("Europe/Moscow")
ENGLISH = {"accept-language": "en"}


def listed(pages, model="call", **filters):
    page = pages.get(reverse(f"admin:callguard_{model}_changelist"), filters)
    assert page.status_code == 200
    return [call.call_id for call in page.context["cl"].result_list]


def page_of(pages, call_id):
    return pages.get(
        reverse("admin:callguard_call_change", args=[Call.objects.get(call_id=call_id).pk]), headers=ENGLISH
    )


def test_calls_are_found_by_any_spelling_of_the_number_and_by_their_id(pages):
    assert listed(pages, q="8-916-123-45-67") == ["red"]
    assert listed(pages, q="blue") == ["blue"]
    assert listed(pages, q="8-916-000-00-00") == []


def test_calls_are_told_apart_by_colour_direction_caller_and_day(pages):
    assert listed(pages, colour="red") == ["red"]
    assert listed(pages, colour="none") == ["hidden"]
    assert listed(pages, direction__exact="incoming") == []
    assert listed(pages, caller__portal_id__exact="10") == ["hidden"]


def test_calls_of_some_days_are_listed_the_last_day_included(pages):
    Call.objects.filter(call_id="red").update(rung_at=datetime(2026, 3, 1, 23, 30, tzinfo=MOSCOW))
    Call.objects.filter(call_id="blue").update(rung_at=datetime(2026, 3, 2, 0, 30, tzinfo=MOSCOW))
    assert listed(pages, rung_at_from="01.03.2026", rung_at_to="2026-03-01") == ["red"]
    assert listed(pages, rung_at_from="02.03.2026", rung_at_to="02.03.2026") == ["blue"]
    assert set(listed(pages, rung_at_from="no day")) == {"red", "blue", "hidden"}


def test_conflicts_are_the_painted_outgoing_calls_to_others_clients(pages):
    assert listed(pages, "conflict") == ["red"]


def test_conflicts_are_told_apart_by_how_they_ended(pages):
    rung("talked", ROMASHKA, caller=IVAN.id)
    end_call("talked", caller_id=IVAN.id, answered=True, duration=60, at=timezone.now())
    rung("ringing", ROMASHKA, caller=IVAN.id)
    assert listed(pages, "conflict", outcome="heeded") == ["red"]
    assert listed(pages, "conflict", outcome="proceeded") == ["talked"]
    assert listed(pages, "conflict", outcome="unknown") == ["ringing"]


def test_a_call_shows_the_card_as_it_was_and_the_facts_of_that_moment(pages):
    Employee.objects.filter(name="Ольга Петрова").update(name="Ольга Новая")
    text = page_of(pages, "red").text
    for shown in ("Чужой клиент", "ООО «Ромашка»", "Ольга Петрова", "В работе", "--base:#c62828", "heeded"):
        assert shown in text
    assert "Ольга Новая" not in text


def test_a_call_shows_who_says_how_it_ended_and_what_its_client_was_merged_into(pages):
    assert "the call card" in page_of(pages, "red").text
    survivor = mirrored_company("Лютик")
    Call.objects.filter(call_id="red").update(survivor_id=survivor.portal_id, ended_by="telephony")
    text = page_of(pages, "red").text
    assert "telephony" in text
    assert reverse("admin:crm_mirror_company_change", args=[survivor.pk]) in text
    Call.objects.filter(call_id="red").update(survivor_id=404)
    assert "ID 404" in page_of(pages, "red").text


def test_a_call_without_a_colour_says_that_the_card_stayed_as_it_was(pages):
    assert "The card kept its own colours." in page_of(pages, "hidden").text


def test_a_caller_whom_the_mirror_lost_is_still_listed(pages):
    Employee.objects.filter(portal_id=IVAN.id).delete()
    assert set(listed(pages)) == {"red", "blue", "hidden"}
    assert "ID 8" in page_of(pages, "red").text


def test_nobody_changes_a_call(pages):
    call = Call.objects.get(call_id="red")
    change = reverse("admin:callguard_call_change", args=[call.pk])
    assert pages.post(change, {"colour": "none"}).status_code == 403


def asked(pages, phone, caller=IVAN.id, direction="outgoing"):
    return pages.post(PROBE, {"phone": phone, "caller": caller, "direction": direction}, headers=ENGLISH)


def test_the_probe_shows_the_verdict_with_its_reasons_and_records_nothing(pages):
    before = Call.objects.count()
    text = asked(pages, ROMASHKA).text
    for shown in ("A colleague&#x27;s client", "--base:#c62828", "+79161234567", "Ольга Петрова", "this one decides"):
        assert shown in text
    assert Call.objects.count() == before


def test_the_probe_tells_a_conflict_by_the_direction(pages):
    facts = dict(asked(pages, ROMASHKA).context["facts"])
    incoming = dict(asked(pages, ROMASHKA, direction="incoming").context["facts"])
    assert (facts["would be a conflict"], incoming["would be a conflict"]) == ("yes", "no")


def test_the_probe_says_why_there_is_no_colour(pages):
    text = asked(pages, "+7 999 000-00-00").text
    assert "No colour: the card stays as the portal drew it." in text
    assert "Nobody has this number." in text


def test_the_probe_says_that_a_number_is_contested(pages):
    mirrored_company("Двойник", phone=ROMASHKA, responsible=IVAN, status="В работе")
    assert "The number is contested" in asked(pages, ROMASHKA).text


def test_the_probe_says_that_a_dismissed_caller_is_refused(pages):
    assert "no longer works here: the API refuses" in asked(pages, ROMASHKA, caller=PAVEL.id).text


def test_the_probe_asks_for_what_is_missing(pages):
    page = pages.post(PROBE, {"phone": "", "direction": "outgoing"})
    assert set(page.context["form"].errors) == {"phone", "caller"}


def test_the_probe_is_not_for_who_is_nobody_in_the_portal(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    answer = client.post(PROBE, {"phone": ROMASHKA, "caller": 8, "direction": "outgoing"})
    assert answer.url.startswith(reverse("admin:login"))
