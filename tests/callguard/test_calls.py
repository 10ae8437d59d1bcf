"""Call records: one per call, frozen, ended once; what a conflict is and what became of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from callguard.answer import CallerDismissed, CallerUnknown, Terms
from callguard.calls import CallBelongsToAnother, CallNotFound, Conclusion, Ring, end_call, outcome_of, record_call
from callguard.models import Call, Palette, Rule
from callguard.rules import publish
from crm_mirror.models import Company
from tests.cast import (
    BORIS,
    IVAN,
    OLGA,
    PAVEL,
    STRANGER,
    empty_mirror,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)

PHONE = "8 (916) 123-45-67"
TERMS = Terms(portal_origin="https://portal.example")


@pytest.fixture
def mirror(db):
    mirrored_people()
    mirror_synced()


@pytest.fixture
def committed_mirror(committed):
    """Rows that other connections see, taken back afterwards."""
    mirrored_people()
    mirror_synced()
    try:
        yield
    finally:
        empty_mirror()
        connection.close()


def ring(call_id="c1", *, caller=IVAN, phone=PHONE, direction="outgoing", at=None):
    asked = Ring(call_id, phone, direction)
    return record_call(asked, caller_id=caller.id, at=at or timezone.now(), language="en", terms=TERMS)


def test_a_record_holds_the_facts_of_ring_time(mirror):
    now = timezone.now()
    mirror_synced(now - timedelta(seconds=30))
    mirrored_company("Ромашка", phone=PHONE, status="В работе", id=5)
    given, is_new = ring(at=now)
    call = Call.objects.get()
    assert (is_new, call.pk, call.verdict) == (True, given.pk, given.verdict)
    assert (call.call_id, call.caller_id, call.rung_at, call.direction) == ("c1", IVAN.id, now, "outgoing")
    assert (call.number, call.colour, call.tier, call.reason) == ("+79161234567", "red", "company", "foreign_client")
    assert (call.entity_type, call.entity_id, call.responsible_id) == ("company", 5, OLGA.id)
    assert (call.rules_version, call.mirror_age, call.conflict) == (1, 30, True)
    assert call.verdict["status"]["name"] == "В работе"
    assert (call.ended_at, call.answered, call.duration) == (None, None, None)


def test_a_call_without_a_number_is_recorded_too(mirror):
    call, is_new = ring(phone="anonymous")
    assert (is_new, call.number, call.colour, call.reason, call.tier, call.entity_id) == (
        True,
        "",
        "none",
        "hidden_number",
        "",
        None,
    )


def test_asking_again_returns_the_stored_verdict_whatever_has_changed_since(mirror):
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    first, _ = ring()
    Company.objects.update(responsible_id=IVAN.id, title="Лютик")
    Rule.objects.update(palette=None)
    publish(by=None, at=timezone.now())
    again, is_new = ring(at=timezone.now() + timedelta(hours=1))
    assert (is_new, again.pk, again.verdict, again.rung_at) == (False, first.pk, first.verdict, first.rung_at)
    assert Call.objects.count() == 1


def test_a_call_id_of_another_caller_is_refused(mirror):
    ring(caller=IVAN)
    with pytest.raises(CallBelongsToAnother):
        ring(caller=BORIS)
    assert Call.objects.get().caller_id == IVAN.id


def test_who_is_not_employed_leaves_no_record(mirror):
    for caller, refusal in ((STRANGER, CallerUnknown), (PAVEL, CallerDismissed)):
        with pytest.raises(refusal):
            ring(caller=caller)
    assert not Call.objects.exists()


def test_two_statements_whether_new_or_on_record(mirror, django_assert_num_queries):
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    ring("c0")  # rules and palettes are read once and kept
    for _time in ("new", "on record"):
        with django_assert_num_queries(2):
            ring("c1")


def test_a_repeat_within_a_transaction_does_not_break_it(mirror):
    with transaction.atomic():
        ring()
        assert ring()[1] is False
        assert Call.objects.count() == 1


def test_fifty_simultaneous_identical_requests_leave_one_record(committed_mirror):
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    barrier = Barrier(50)

    def ask(_turn):
        barrier.wait()
        try:
            call, is_new = ring()
            return call.verdict, is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))
    assert [is_new for _verdict, is_new in answers].count(True) == 1
    assert all(verdict == answers[0][0] for verdict, _is_new in answers)
    assert Call.objects.count() == 1


def test_of_two_callers_racing_for_one_call_id_one_is_refused(committed_mirror):
    barrier = Barrier(2)

    def ask(caller):
        barrier.wait()
        try:
            return ring(caller=caller)[1]
        except CallBelongsToAnother:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(str, pool.map(ask, (IVAN, BORIS)))) == ["True", "refused"]


@pytest.mark.parametrize(
    ("direction", "conflict"),
    [("outgoing", True), ("callback", True), ("incoming", False), ("incomingTransfer", False)],
)
def test_only_a_call_we_made_is_a_conflict_though_any_is_painted(mirror, direction, conflict):
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    call, _ = ring(direction=direction)
    assert (call.colour, call.conflict) == ("red", conflict)


def test_a_painted_client_of_somebody_else_in_tiers_1_to_3_is_a_conflict(mirror):
    company = mirrored_company("А", phone="+7 495 000-00-01", status="В обработке")
    mirrored_contact("Пётр", phone="+7 495 000-00-02", companies=[company])
    mirrored_contact("Анна", phone="+7 495 000-00-03")
    told = [ring(str(n), phone=f"+7 495 000-00-0{n}")[0] for n in (1, 2, 3)]
    assert [(call.colour, call.tier, call.conflict) for call in told] == [
        ("yellow", "company", True),
        ("yellow", "company_contact", True),
        ("yellow", "contact", True),
    ]


def test_any_palette_makes_a_conflict_for_palettes_are_data(mirror):
    Rule.objects.filter(status__name="В ожидании").update(palette=Palette.objects.get(code="blue"))
    publish(by=None, at=timezone.now())
    mirrored_company("А", phone=PHONE, status="В ожидании")
    call, _ = ring()
    assert (call.colour, call.conflict) == ("blue", True)


def test_own_substituted_unpainted_and_leads_are_no_conflict(mirror):
    substitution(IVAN, of=BORIS)
    mirrored_company("Своя", phone="+7 495 000-00-01", status="В работе", responsible=IVAN)
    mirrored_company("Замещаемая", phone="+7 495 000-00-02", status="В работе", responsible=BORIS)
    mirrored_company("Ожидает", phone="+7 495 000-00-03", status="В ожидании")
    mirrored_lead("Лид", phone="+7 495 000-00-04")
    mirrored_contact("Свой контакт", phone="+7 495 000-00-05", responsible=IVAN)
    mirrored_contact("Замещаемый контакт", phone="+7 495 000-00-06", responsible=BORIS)
    told = [ring(str(n), phone=f"+7 495 000-00-0{n}")[0] for n in range(1, 8)]
    assert [call.colour for call in told] == ["none", "none", "none", "blue", "yellow", "yellow", "none"]
    assert not any(call.conflict for call in told)


@pytest.mark.parametrize(("answered", "outcome"), [(False, Conclusion.HEEDED), (True, Conclusion.PROCEEDED)])
def test_a_conflict_never_connected_is_heeded_otherwise_proceeded(mirror, answered, outcome):
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    call, _ = ring()
    assert outcome_of(call) is None
    end_call("c1", caller_id=IVAN.id, answered=answered, duration=17, at=timezone.now())
    assert outcome_of(Call.objects.get()) is outcome


def test_a_call_that_was_no_conflict_has_no_such_outcome(mirror):
    ring()
    end_call("c1", caller_id=IVAN.id, answered=True, duration=17, at=timezone.now())
    assert outcome_of(Call.objects.get()) is None


def test_the_first_word_on_how_a_call_ended_counts(mirror):
    ring()
    ended = timezone.now()
    end_call("c1", caller_id=IVAN.id, answered=True, duration=17, at=ended)
    end_call("c1", caller_id=IVAN.id, answered=False, duration=0, at=ended + timedelta(minutes=1))
    call = Call.objects.get()
    assert (call.answered, call.duration, call.ended_at) == (True, 17, ended)


def test_nobody_ends_a_call_that_is_not_his(mirror):
    ring(caller=IVAN)
    for call_id, caller in (("c1", BORIS), ("nothing", IVAN)):
        with pytest.raises(CallNotFound):
            end_call(call_id, caller_id=caller.id, answered=True, duration=1, at=timezone.now())
    assert Call.objects.get().ended_at is None
