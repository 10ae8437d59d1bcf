"""Nobody is accused wrongly: the mirror was stale, the client had called, the portal put it through, no colour shown.

Three scenarios a ground, each excused with its proof on the page, and what comes near and stays blamed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from crm_mirror.models import SyncCursor
from tests.callguard.fairness.court import LONG_AGO, TERMS, acquitted, blamed, minutes, rung, state, telephony
from tests.cast import OLGA, mirror_synced

pytestmark = pytest.mark.django_db


# --- The mirror was out of date --------------------------------------------------------------------------------------
def test_the_portal_had_not_been_read_for_an_hour(mirror):
    assert "65 мин" in acquitted(rung(mirror_age=minutes(65)), "stale_mirror")


def test_the_portal_had_never_been_read_completely(mirror):
    SyncCursor.objects.all().delete()
    call = rung(mirror_age=None)
    mirror_synced()
    assert "целиком" in acquitted(call, "stale_mirror")


def test_one_kind_alone_had_not_been_read(mirror):
    call = rung(mirror_age={"contact": minutes(40)})
    assert "40 мин" in acquitted(call, "stale_mirror")


def test_a_mirror_that_is_nearly_too_old_is_fresh(mirror):
    assert blamed(rung(mirror_age=minutes(15)))


# --- The client had called -------------------------------------------------------------------------------------------
def test_he_called_back_who_had_called_him(mirror):
    incoming = rung(direction="incoming", ago=LONG_AGO + minutes(30))
    assert f"{timezone.localtime(incoming.rung_at):%d.%m.%Y %H:%M}" in acquitted(rung(), "called_back")


def test_he_called_back_who_had_reached_nobody(mirror):
    telephony("missed", type_=2, at=timezone.now() - LONG_AGO - minutes(20), phone="8 916 123 45 67", by=OLGA)
    assert acquitted(rung(), "called_back")


def test_that_the_client_had_called_came_to_light_later(mirror):
    call = rung()
    assert state(call) == "blamed"
    telephony("redirected", type_=3, at=call.rung_at - minutes(59), phone="79161234567", by=OLGA)
    assert acquitted(call, "called_back")


def test_somebody_else_who_called_an_old_call_our_own_and_a_later_one_excuse_nothing(mirror):
    call = rung()
    telephony("somebody else", type_=2, at=call.rung_at - minutes(5), phone="8 916 123 45 68")
    telephony("long before", type_=2, at=call.rung_at - minutes(61))
    telephony("ours", type_=1, at=call.rung_at - minutes(5))
    telephony("call back", type_=4, at=call.rung_at - minutes(5))
    telephony("afterwards", type_=2, at=call.rung_at + minutes(5))
    rung(direction="incoming", ago=LONG_AGO - minutes(5))
    rung(direction="outgoing", by=OLGA, ago=LONG_AGO + minutes(5))
    assert blamed(call)


# --- The portal put it through ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("type_", [2, 3])
def test_telephony_knows_that_he_did_not_dial(mirror, type_):
    call = rung()
    telephony(call.call_id, type_=type_, at=call.rung_at)
    assert "не набирал" in acquitted(call, "forwarded")


def test_telephony_tells_only_after_it_was_judged(mirror):
    call = rung()
    assert state(call) == "blamed"
    telephony(call.call_id, type_=3, at=call.rung_at)
    assert "не набирал" in acquitted(call, "forwarded")


def test_the_statistics_correct_what_was_told_before(mirror):
    call = rung()
    telephony(call.call_id, type_=1, at=call.rung_at)
    assert state(call) == "blamed"
    telephony(call.call_id, type_=2, at=call.rung_at)
    assert "не набирал" in acquitted(call, "forwarded")


@pytest.mark.parametrize("type_", [1, 4])
def test_what_he_dialled_himself_or_had_dialled_for_him_was_not_put_through(mirror, type_):
    call = rung(direction="callback" if type_ == 4 else "outgoing")
    telephony(call.call_id, type_=type_, at=call.rung_at)
    assert blamed(call)


# --- No colour was shown ---------------------------------------------------------------------------------------------
def quiet(days):
    """Colours are introduced so many days after the call of LONG_AGO."""
    return replace(TERMS, colours_since=timezone.localdate(timezone.now() - LONG_AGO) + timedelta(days=days))


def test_colours_were_introduced_the_next_day(mirror):
    assert "не показала" in acquitted(rung(terms=quiet(1)), "not_shown")


def test_colours_were_introduced_a_month_later(mirror):
    assert "не показала" in acquitted(rung(terms=quiet(31)), "not_shown")


def test_the_last_minute_before_the_day_of_the_colours_is_before_it(mirror):
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time()))
    terms = replace(TERMS, colours_since=timezone.localdate())
    call = rung(ago=timezone.now() - midnight + minutes(1), terms=terms)
    first = rung(ago=timezone.now() - midnight - timedelta(seconds=1), terms=terms)
    assert (call.shown, first.shown) == (False, True)
    if timezone.now() - midnight > minutes(65):
        assert "не показала" in acquitted(call, "not_shown")


def test_from_the_day_of_the_colours_on_they_count(mirror):
    assert blamed(rung(terms=quiet(0)))
