"""Decisions on conflicts: one counts, nobody decides on himself, and figures hear of each."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from callguard.access.actors import Actor, employee_actor
from callguard.access.roles import Role
from callguard.decisions import DecidedMeanwhile, NotForYou, comment, decide
from callguard.disputes import dispute
from callguard.models import Call, Comment, Decision, Dispute, Excuse, ExcuseRule, Ground, History
from crm_mirror.models import Employee, OutboxCall
from tests.callguard.fairness.court import judged, rung
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL

ROOT = Actor("root", Role.ADMINISTRATOR)


@pytest.fixture
def romashka(db):
    from tests.callguard.fairness.court import PHONE
    from tests.cast import mirror_synced, mirrored_company, mirrored_people

    mirrored_people()
    mirror_synced()
    return mirrored_company("Ромашка", phone=PHONE, responsible=OLGA, status="В работе", id=5)


@pytest.fixture
def conflict(romashka):
    return judged(rung())


def said(call, *, by=None, excuses=True, words="Клиент просил сам", seen=0):
    actor = by or employee_actor(MARINA.id)
    return decide(call, excuses=excuses, says=words, seen=seen, by=actor, at=timezone.now())


def state(call):
    call.refresh_from_db()
    return "pending" if call.judged_at is None else "excused" if call.excused else "blamed"


def test_an_excusing_decision_is_an_excuse_with_whose_word_it_is(conflict):
    assert state(conflict) == "blamed"
    said(conflict)
    assert state(conflict) == "excused"
    excuse = Excuse.objects.get()
    assert (excuse.ground, excuse.proof["by"]) == (Ground.DECISION, MARINA.name)


def test_figures_are_told_to_count_anew(conflict):
    Call.objects.update(untallied=False)
    said(conflict)
    assert Call.objects.get(pk=conflict.pk).untallied


def test_a_decision_excuses_though_every_switch_is_off(conflict):
    ExcuseRule.objects.update(enabled=False)
    said(conflict)
    assert state(conflict) == "excused"


def test_to_keep_takes_no_other_excuse_away(conflict):
    Excuse.objects.create(call=conflict, ground=Ground.CALLED_BACK, noted_at=timezone.now())
    Call.objects.update(excused=True)
    said(conflict, excuses=False)
    assert state(conflict) == "excused"
    assert not Excuse.objects.filter(ground=Ground.DECISION).exists()


def test_an_excuse_that_is_taken_back_leaves_what_was_found(conflict):
    said(conflict)
    said(conflict, excuses=False, words="Ошибся", seen=1)
    assert state(conflict) == "blamed"
    lines = History.objects.filter(about="conflict", object_id=str(conflict.pk)).order_by("id")
    assert [(line.before["decision"], line.after["decision"]) for line in lines] == [
        (None, "excused"),
        ("excused", "kept"),
    ]


def test_the_history_keeps_which_decision_and_no_words_of_it(conflict):
    decision = said(conflict)
    line = History.objects.get(about="conflict").after
    assert line == {"decision": "excused", "pk": decision.pk, "number": 1, "disputes": []}


def test_a_conflict_that_is_not_judged_yet_waits_for_its_facts_when_the_excuse_is_taken_back(romashka):
    call = rung(ago=timedelta(minutes=1))
    said(call)
    assert state(call) == "excused"
    said(call, excuses=False, seen=1)
    assert state(call) == "pending"


@pytest.mark.parametrize("seen", [0, 2, 99])
def test_who_has_not_seen_what_counts_does_not_overwrite_it(conflict, seen):
    said(conflict)
    with pytest.raises(DecidedMeanwhile) as meanwhile:
        said(conflict, by=ROOT, excuses=False, seen=seen)
    assert meanwhile.value.decision == Decision.objects.get()
    assert state(conflict) == "excused"
    assert History.objects.filter(about="conflict").count() == 1


def test_a_number_out_of_nowhere_decides_nothing(conflict):
    with pytest.raises(DecidedMeanwhile):
        said(conflict, seen=7)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("person", [IVAN, OLGA, BORIS, PAVEL])
def test_nobody_else_decides(conflict, person):
    with pytest.raises(NotForYou):
        said(conflict, by=employee_actor(person.id))
    assert not Decision.objects.exists()


def test_neither_a_head_nor_an_administrator_decides_on_himself(romashka):
    Employee.objects.filter(portal_id=MARINA.id).update(is_portal_admin=True)
    call = judged(rung(by=MARINA))
    with pytest.raises(NotForYou):
        said(call, by=employee_actor(MARINA.id))
    said(call, by=ROOT)
    assert state(call) == "excused"


def test_every_open_dispute_is_answered_and_the_next_one_is_open_again(conflict):
    dispute(conflict.call_id, caller_id=IVAN.id, comment="Мой", at=timezone.now())
    said(conflict, excuses=False, words="Нет")
    assert set(Dispute.objects.values_list("state", "decided_words", "remind_at")) == {("rejected", "Нет", None)}
    again = dispute(conflict.call_id, caller_id=IVAN.id, comment="Вот письмо", at=timezone.now())
    assert again.state == "open"
    said(conflict, words="Теперь верю", seen=1)
    assert set(Dispute.objects.values_list("comment", "state")) == {
        ("Мой", "rejected"),
        ("Вот письмо", "accepted"),
    }
    assert state(conflict) == "excused"


def test_a_dispute_about_what_is_no_conflict_is_answered_and_excuses_nothing(romashka):
    call = rung(direction="incoming")
    dispute(call.call_id, caller_id=IVAN.id, comment="Мой", at=timezone.now())
    OutboxCall.objects.all().delete()
    said(call)
    assert Dispute.objects.get().state == "accepted"
    assert not Excuse.objects.exists()
    assert [notice.params["USER_ID"] for notice in OutboxCall.objects.all()] == [IVAN.id]  # the responsible: nothing


def test_who_has_left_hears_nothing(conflict):
    Employee.objects.filter(portal_id=OLGA.id).update(active=False)
    said(conflict)
    assert [notice.params["USER_ID"] for notice in OutboxCall.objects.all()] == [IVAN.id]


def test_who_decides_about_his_own_client_is_not_told_what_he_decided(romashka):
    romashka.responsible_id = MARINA.id
    romashka.save()
    call = judged(rung())
    said(call)
    assert [notice.params["USER_ID"] for notice in OutboxCall.objects.all()] == [IVAN.id]


def test_comments_are_for_who_sees_the_calls_of_the_caller(conflict):
    for person in (IVAN, MARINA):
        comment(conflict, text="Слово", by=employee_actor(person.id), at=timezone.now())
    for person in (OLGA, BORIS):
        with pytest.raises(NotForYou):
            comment(conflict, text="Слово", by=employee_actor(person.id), at=timezone.now())
    assert list(Comment.objects.values_list("by_id", flat=True)) == [IVAN.id, MARINA.id]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_who_decide_at_once_one_is_heard():
    from tests.callguard.fairness.court import PHONE
    from tests.cast import mirror_synced, mirrored_company, mirrored_people

    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone=PHONE, responsible=OLGA, status="В работе", id=5)
    call = judged(rung())
    outcomes, begin = [], threading.Barrier(4)

    def deciding(number):
        begin.wait()
        try:
            outcomes.append(said(call, by=ROOT, excuses=number % 2 == 0, words=str(number)).words)
        except DecidedMeanwhile:
            outcomes.append(None)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=deciding, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [words for words in outcomes if words] == [Decision.objects.get().words]
    assert outcomes.count(None) == 3
    assert Excuse.objects.filter(ground=Ground.DECISION).exists() == Decision.objects.get().excuses
    assert History.objects.filter(about="conflict", object_id=str(call.pk)).count() == 1
