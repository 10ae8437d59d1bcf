"""What the mirror tells reaches the calls: how they ended by telephony's word, and what their clients became."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from callguard.calls import Conclusion, Ring, end_call, outcome_of, record_call
from callguard.feed import read_all
from callguard.models import Call
from crm_mirror.models import Change
from crm_mirror.sync import news
from crm_mirror.sync.telephony import note_ended
from crm_mirror.sync.writer import writing
from tests.cast import IVAN, mirror_synced, mirrored_company, mirrored_people

pytestmark = pytest.mark.django_db
PHONE = "8 (916) 123-45-67"


@pytest.fixture
def mirror(db):
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone=PHONE, status="В работе", id=5)


def ring(call_id="c1", *, at=None):
    return record_call(Ring(call_id, PHONE, "outgoing"), caller_id=IVAN.id, at=at or timezone.now())[0]


def ended(call_id="c1", *, code="200", duration=95, by_statistics=False, **facts):
    row = {"CALL_ID": call_id, "CALL_FAILED_CODE": code, "CALL_DURATION": str(duration), "PORTAL_USER_ID": "8"} | facts
    note_ended(row, by_statistics=by_statistics, at=timezone.now())


def carded(call_id="c1", *, answered, duration):
    end_call(call_id, caller_id=IVAN.id, answered=answered, duration=duration, at=timezone.now())


def happened(what, portal_id, kind="company", **facts):
    with writing():
        news.tell(
            [Change(at=timezone.now(), kind=kind, portal_id=str(portal_id), what=what, facts=facts, source="event")]
        )


def end_of(call_id="c1"):
    call = Call.objects.get(call_id=call_id)
    return call.ended_by, call.answered, call.duration


def test_the_reader_is_named_in_the_settings():
    assert [import_string(name) for name in settings.MIRROR_READERS] == [read_all]


def test_a_step_that_fails_stops_no_other_and_its_fault_is_raised_at_the_end(mirror, monkeypatch, caplog):
    ran = []

    def fails(*, at):
        ran.append("judge_due")
        raise ValueError("first")

    def fails_too():
        ran.append("bring_up_to_date")
        raise KeyError("second")

    monkeypatch.setattr("callguard.feed.judge_due", fails)
    monkeypatch.setattr("callguard.feed.bring_up_to_date", fails_too)
    monkeypatch.setattr("callguard.feed.settle", lambda *, at: ran.append("settle"))
    ring()
    ended()
    with pytest.raises(ValueError, match="first"):
        read_all()
    assert ran == ["judge_due", "bring_up_to_date", "settle"]
    assert end_of() == ("telephony", True, 95)
    assert [record.getMessage().split(".")[-1] for record in caplog.records if record.levelname == "ERROR"] == [
        "fails failed",
        "fails_too failed",
    ]


# --- How calls ended -------------------------------------------------------------------------------------------------
def test_telephony_ends_a_call(mirror):
    ring()
    ended()
    assert read_all() == 1
    assert end_of() == ("telephony", True, 95)
    assert outcome_of(Call.objects.get()) is Conclusion.PROCEEDED


def test_a_call_that_was_never_connected_was_heeded(mirror):
    ring()
    ended(code="603-S", duration=0)
    read_all()
    assert end_of() == ("telephony", False, 0)
    assert outcome_of(Call.objects.get()) is Conclusion.HEEDED


def test_telephony_beats_what_the_card_said_and_keeps_when(mirror):
    ring()
    carded(answered=True, duration=3)
    by_card = Call.objects.get()
    assert by_card.ended_by == "card"
    ended(code="304", duration=0)
    read_all()
    assert end_of() == ("telephony", False, 0)
    assert Call.objects.get().ended_at == by_card.ended_at


def test_the_card_does_not_beat_telephony(mirror):
    ring()
    ended()
    read_all()
    carded(answered=False, duration=0)
    assert end_of() == ("telephony", True, 95)


def test_the_statistics_put_right_what_the_event_had_said(mirror):
    ring()
    ended(code="304", duration=0)
    read_all()
    ended(by_statistics=True)
    read_all()
    assert end_of() == ("telephony", True, 95)


@pytest.mark.parametrize("card_says_it_ended", [True, False])
def test_a_record_that_came_after_the_event_is_ended_too(mirror, card_says_it_ended):
    ended()
    read_all()
    ring()
    if card_says_it_ended:
        carded(answered=False, duration=0)
    assert read_all() == 0
    assert end_of() == ("telephony", True, 95)


def test_a_call_fetched_late_ended_when_it_did(mirror):
    rung = timezone.now() - timedelta(hours=20)
    ring(at=rung)
    ended(by_statistics=True, CALL_START_DATE=rung.isoformat())
    read_all()
    assert Call.objects.get().ended_at == rung + timedelta(seconds=95)


def test_ends_of_calls_without_a_card_are_passed_over(mirror):
    ended("somebody's")
    assert read_all() == 1
    assert not Call.objects.exists()


def test_reading_again_changes_nothing(mirror):
    ring()
    ended()
    read_all()
    before = Call.objects.values().get()
    assert read_all() == 0
    assert Call.objects.values().get() == before


def test_many_ends_cost_a_handful_of_queries(mirror, django_assert_max_num_queries):
    read_all()  # the roles of the beginning are remembered once
    for number in range(40):
        ring(f"c{number}")
        ended(f"c{number}")
    with django_assert_max_num_queries(47):  # however many calls: fourteen of them count a day of calls anew
        assert read_all() == 40
    assert set(Call.objects.values_list("ended_by", flat=True)) == {"telephony"}


# --- What became of the client ---------------------------------------------------------------------------------------
def test_calls_point_to_what_their_client_was_merged_into_and_stay_as_they_were(mirror):
    ring()
    before = Call.objects.values("entity_id", "responsible_id", "verdict", "colour").get()
    happened("merged", 5, into=7)
    read_all()
    assert Call.objects.get().survivor_id == 7
    assert Call.objects.values("entity_id", "responsible_id", "verdict", "colour").get() == before


def test_a_survivor_that_is_merged_itself_hands_its_calls_on(mirror):
    ring()
    happened("merged", 5, into=7)
    read_all()
    happened("merged", 7, into=9)
    read_all()
    assert Call.objects.get().survivor_id == 9


def test_two_merges_read_at_once_are_followed_in_their_order(mirror):
    ring()
    happened("merged", 5, into=7)
    happened("merged", 7, into=9)
    read_all()
    assert Call.objects.get().survivor_id == 9


def test_calls_to_an_entity_of_another_kind_with_the_same_id_are_left_alone(mirror):
    ring()
    happened("merged", 5, kind="contact", into=7)
    read_all()
    assert Call.objects.get().survivor_id is None


def test_a_client_that_was_restored_has_its_calls_back(mirror):
    ring()
    happened("merged", 5, into=7)
    happened("revived", 5)
    read_all()
    assert Call.objects.get().survivor_id is None


def test_what_concerns_nobody_is_read_past(mirror):
    happened("updated", 5, title=["Ромашка", "Лютик"])
    happened("merged", 77, into=78)
    assert read_all() == 2
