"""After a conflict the client became the caller's: noted, given back, counted once, and what was won with him."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callguard.fairness import takeovers
from callguard.fairness.takeovers import deals_won_since
from callguard.feed import read_all
from callguard.models import Call, Excuse, Ground, Takeover
from crm_mirror.models import Change, ChangeReader, Deal
from tests.callguard.fairness.court import changed, hung_up, judged, minutes, rung, state, telephony
from tests.cast import BORIS, IVAN, MARINA, OLGA, STRANGER, mirrored_company, mirrored_contact

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def moved(before=OLGA, after=IVAN, *, at=None, by=None, portal_id=5, kind="company"):
    facts = [before and before.id, after and after.id]
    changed(portal_id, kind=kind, at=at or timezone.now(), by=by, responsible_id=facts)
    read_all()


def taken(call):
    return Takeover.objects.filter(call=call, undone_at=None).exists(), Call.objects.get(pk=call.pk).taken_over


def test_a_client_that_becomes_the_callers_is_taken_over(mirror):
    call = rung(ago=29 * DAY)
    moment = timezone.now()
    moved(at=moment, by=IVAN)
    takeover = Takeover.objects.get()
    assert (takeover.call_id, takeover.moved_at) == (call.pk, moment)
    assert (takeover.from_id, takeover.to_id, takeover.moved_by_id) == (OLGA.id, IVAN.id, IVAN.id)
    assert taken(call) == (True, True)


def test_a_takeover_is_told_to_the_figures(mirror):
    rung()
    read_all()
    Call.objects.update(untallied=False)
    changed(5, at=timezone.now(), responsible_id=[OLGA.id, IVAN.id])
    takeovers.follow(list(Change.objects.all()))
    assert Call.objects.get().untallied


def test_by_whom_is_said_only_when_it_is_sure(mirror):
    rung()
    changed(5, at=timezone.now(), by=IVAN, responsible_id=[OLGA.id, IVAN.id], title=["Ромашка", "Лютик"])
    read_all()
    assert Takeover.objects.get().moved_by_id is None


@pytest.mark.parametrize(
    "facts",
    [
        {"after": BORIS},  # somebody else's now
        {"portal_id": 6},  # another client
        {"kind": "contact"},  # of another kind
    ],
)
def test_what_became_of_others_is_no_takeover(mirror, facts):
    call = rung()
    moved(**facts)
    assert taken(call) == (False, False)


def test_what_was_his_before_the_call_or_long_after_it_is_no_takeover(mirror):
    call = rung(ago=31 * DAY)
    moved()
    moved(IVAN, OLGA)
    moved(at=call.rung_at - minutes(1))
    assert not Takeover.objects.exists()


def test_a_call_that_was_no_conflict_begins_no_takeover(mirror):
    rung(direction="incoming")
    moved()
    assert not Takeover.objects.exists()


def test_a_client_given_back_is_no_longer_taken_over(mirror):
    call = rung()
    moved(at=timezone.now() - minutes(30))
    back = timezone.now() - minutes(10)
    moved(IVAN, BORIS, at=back)
    assert Takeover.objects.get().undone_at == back
    assert taken(call) == (False, False)


def test_taken_again_it_is_taken_over_again(mirror):
    call = rung()
    moved(at=timezone.now() - minutes(30))
    moved(IVAN, OLGA, at=timezone.now() - minutes(20))
    moved(at=timezone.now() - minutes(10))
    assert taken(call) == (True, True)


def test_moves_read_at_once_are_followed_in_their_order_and_reading_them_again_changes_nothing(mirror):
    call = rung()
    now = timezone.now()
    changed(5, at=now - minutes(30), responsible_id=[OLGA.id, IVAN.id])
    changed(5, at=now - minutes(20), responsible_id=[IVAN.id, OLGA.id])
    read_all()
    assert taken(call) == (False, False)
    before = Takeover.objects.values().get()
    ChangeReader.objects.update(last_id=0)
    read_all()
    assert Takeover.objects.values().get() == before


def test_a_contact_without_a_company_is_taken_over_too(mirror):
    mirrored_contact("Пётр", phone="8 916 000-00-01", id=50)
    call = rung(phone="8 916 000-00-01")
    moved(portal_id=50, kind="contact")
    assert taken(call) == (True, True)


def test_a_client_that_was_merged_is_taken_over_as_the_one_it_lives_on_in(mirror):
    call = rung()
    changed(5, what=Change.What.MERGED, into=7)
    moved(portal_id=7)
    assert taken(call) == (True, True)


def test_a_client_called_often_is_taken_over_once(mirror):
    rung(ago=3 * DAY)
    last = rung(ago=2 * DAY)
    moved(at=timezone.now() - DAY)
    rung(ago=timedelta(hours=2))
    assert Takeover.objects.get().call_id == last.pk


def test_it_stands_beside_a_conflict_that_blames_whatever_is_found_out_later(mirror):
    first, last = rung(ago=minutes(60 * 3)), rung(ago=minutes(60 * 2))
    moved(at=timezone.now() - minutes(30), by=IVAN)
    assert Takeover.objects.get().call_id == last.pk
    telephony("the client", type_=2, at=last.rung_at - minutes(5))
    assert (state(first), state(last)) == ("blamed", "excused")
    assert Takeover.objects.get().call_id == first.pk
    assert (taken(first), taken(last)) == ((True, True), (False, False))


@pytest.mark.parametrize(("days", "is_takeover"), [(1, False), (31, True)])
def test_handing_over_what_was_found_to_be_his_is_no_takeover(mirror, days, is_takeover):
    disputed, other = rung(ago=20 * DAY), rung(ago=2 * DAY)
    Excuse.objects.create(call=disputed, ground=Ground.DECISION, noted_at=timezone.now() - days * DAY)
    moved()
    assert taken(other) == (is_takeover, is_takeover)
    assert not Call.objects.filter(pk=disputed.pk, taken_over=True).exists()


def test_a_decision_after_the_move_or_for_somebody_else_leaves_the_takeover(mirror):
    theirs, call = rung(by=BORIS, ago=2 * DAY), rung(ago=2 * DAY)
    Excuse.objects.create(call=theirs, ground=Ground.DECISION, noted_at=timezone.now() - DAY)
    moved(at=timezone.now() - minutes(5))
    Excuse.objects.create(call=call, ground=Ground.DECISION, noted_at=timezone.now())
    takeovers.settle([call])
    assert taken(call) == (True, True)


def test_conflicts_are_locked_in_the_order_in_which_the_court_locks_them(mirror):
    call = rung()
    moved()
    with CaptureQueriesContext(connection) as caught:
        takeovers.settle([call])
        takeovers.follow(list(Change.objects.all()))
    orders = [one["sql"].split("ORDER BY")[-1] for one in caught if '"rung_at"' in one["sql"].split("FROM")[0]]
    locking = [order for order in orders if '"callguard_call"' in order]
    assert len(locking) == 2
    assert all(order.strip().startswith('"callguard_call"."id" ASC') for order in locking)


def test_a_long_list_of_moves_costs_a_handful_of_queries(mirror, django_assert_max_num_queries):
    for number in range(20):
        mirrored_company(f"Клиент {number}", phone=f"8 916 200-00-{number:02}", status="В работе", id=200 + number)
        rung(phone=f"8 916 200-00-{number:02}")
        changed(200 + number, at=timezone.now() - minutes(1), responsible_id=[OLGA.id, IVAN.id])
    read_all()
    with django_assert_max_num_queries(9 + 20):  # a statement for each takeover
        Takeover.objects.all().delete()
        takeovers.follow(list(Change.objects.all()))
    assert Takeover.objects.count() == 20


def won(title, *, at, by=IVAN, company=5, semantic="S"):
    Deal.objects.create(
        portal_id=900 + Deal.objects.count(),
        title=title,
        semantic=semantic,
        company_id=company,
        responsible_id=by.id,
        modified_at=at,
        amount=Decimal("150000.00"),
        currency="RUB",
    )


def test_deals_won_since_are_told_with_who_won_them(mirror):
    call = rung()
    now = timezone.now()
    won("Поставка", at=now)
    won("Чужой", at=now, by=STRANGER)
    won("До того", at=call.rung_at - minutes(1))
    won("В работе", at=now, semantic="P")
    won("Другая компания", at=now, company=6)
    told = [(one.title, one.amount, one.responsible) for one in deals_won_since(call, call.rung_at)]
    assert told == [("Поставка", Decimal("150000.00"), IVAN.name), ("Чужой", Decimal("150000.00"), "")]


def test_a_takeover_by_ones_own_hand_excuses_nothing_and_the_call_stays_blamed(mirror):
    call = rung()
    hung_up(call)
    moved(at=call.rung_at + minutes(5), by=IVAN)
    assert state(call) == "blamed"
    assert judged(call).taken_over


def test_a_client_handed_over_by_the_manager_around_the_call_is_excused(mirror):
    call = rung()
    moved(at=call.rung_at + minutes(5), by=MARINA)
    assert state(call) == "excused"
