"""The page of a conflict: what was known, what happened, what came of it, and what people decide about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.answer import terms_in_force
from callguard.dashboard.conflict.lines import lines_of
from callguard.disputes import dispute
from callguard.models import AccessLog, Call, Comment, Decision, Dispute, History, Palette
from crm_mirror.models import Company, Deal, Employee, OutboxCall
from tests.callguard.fairness.court import changed, hung_up, judged, rung
from tests.cast import BORIS, IVAN, MARINA, OLGA, STRANGER, mirrored_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def conflict(romashka):
    call = rung()
    hung_up(call)
    return judged(call)


def address(call, name="conflict"):
    return reverse(f"dashboard:{name}", args=[call.pk])


def opened(client, call, name="conflict"):
    answer = client.get(address(call, name))
    assert answer.status_code == 200, answer
    return answer.text


def decided(client, call, outcome="excuse", words="Клиент просил сам", seen=0):
    return client.post(address(call, "decide"), {"outcome": outcome, "words": words, "seen": seen})


def disputed(call, comment="Веду его с мая", **more):
    return dispute(call.call_id, caller_id=call.caller_id, comment=comment, at=timezone.now(), **more)


def heard():
    return [call.params["USER_ID"] for call in OutboxCall.objects.order_by("id")]


# --- What it tells ---------------------------------------------------------------------------------------------------
def test_the_frozen_facts_stand_whatever_the_crm_says_today(conflict, browser):
    Company.objects.update(title="Лютик", responsible_id=BORIS.id, status_id=None)
    Palette.objects.update(base="#123456")
    text = opened(browser(MARINA, "ru"), conflict)
    for shown in ("ООО «Ромашка»", IVAN.name, OLGA.name, "В работе", "+79161234567", "Палитра red, версия 1"):
        assert shown in text
    assert conflict.verdict["palette"]["background"] in text
    assert "#123456" not in text


def test_the_steps_are_told_in_the_readers_language(conflict, browser):
    assert "this one decides" in opened(browser(MARINA), conflict)
    assert "решает этот" in opened(browser(MARINA, "ru"), conflict)


def test_a_call_older_than_evidence_has_a_page_without_steps(conflict, browser):
    Call.objects.update(evidence=None)
    assert "older than the evidence" in opened(browser(MARINA), conflict)


def test_it_says_that_the_conflict_counts_or_why_it_does_not(conflict, browser):
    assert "It counts as a conflict" in opened(browser(MARINA), conflict)
    Call.objects.update(judged_at=None)
    assert "Facts may still come" in opened(browser(MARINA), conflict)
    Call.objects.update(contested=True, judged_at=timezone.now(), excused=True)
    assert "It blames nobody" in opened(browser(MARINA), conflict)


def test_a_call_before_the_colours_shows_what_was_found_and_says_that_the_card_did_not(romashka, browser, settings):
    settings.COLOURS_SINCE = timezone.localdate() + timedelta(days=1)
    call = judged(rung(terms=terms_in_force()))
    text = opened(browser(MARINA), call)
    assert "these were found and not shown" in text
    assert "The card showed no colour" in text  # the excuse


def test_what_happened_then_is_in_words(conflict, browser):
    assert "proceeded: they talked" in opened(browser(MARINA), conflict)
    Call.objects.update(answered=False)
    assert "heeded: never connected" in opened(browser(MARINA), conflict)


def test_it_tells_whose_the_client_is_now_and_who_won_a_deal_with_it(conflict, browser):
    at = timezone.now()
    changed(5, at=at, by=BORIS, responsible_id=[OLGA.id, IVAN.id])
    Company.objects.update(responsible_id=IVAN.id)
    Deal.objects.create(
        portal_id=1, title="Поставка", semantic="S", company_id=5, responsible_id=IVAN.id, amount=1000, currency="RUB",
        modified_at=at,
    )  # fmt: skip
    Deal.objects.create(portal_id=2, title="Давняя", semantic="S", company_id=5, modified_at=at - timedelta(days=9))
    text = opened(browser(MARINA), judged(conflict))
    assert f"the responsible was {OLGA.name} and became {IVAN.name}" in text
    assert "Поставка" in text
    assert "Давняя" not in text


def test_every_call_has_such_a_page(romashka, browser):
    incoming = rung(direction="incoming")
    assert "no conflict" in opened(browser(MARINA), incoming, "call")
    hidden = rung(phone="anonymous")
    assert opened(browser(MARINA), hidden, "call")
    unknown = rung(phone="+7 903 000-00-01")
    assert opened(browser(MARINA), unknown, "call")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_client_that_is_gone_and_a_caller_whom_nobody_knows_break_nothing(conflict, superuser, language):
    Company.objects.all().delete()
    Employee.objects.all().delete()
    assert superuser.get(address(conflict), headers={"accept-language": language}).status_code == 200


def test_words_of_people_are_words_and_no_markup(conflict, browser):
    disputed(conflict, "<script>alert(1)</script>")
    decided(browser(MARINA), conflict, words="<img src=x>")
    text = opened(browser(MARINA), conflict)
    assert "<script>alert" not in text
    assert "<img src=x>" not in text


# --- Who may open it -------------------------------------------------------------------------------------------------
def test_the_caller_his_supervisor_administrators_and_the_responsible_open_it_and_nobody_else(
    conflict, browser, superuser
):
    for client in (browser(IVAN), browser(MARINA), browser(OLGA), superuser):
        assert client.get(address(conflict)).status_code == 200
    assert browser(BORIS).get(address(conflict)).status_code == 404
    assert superuser.get(reverse("dashboard:conflict", args=[conflict.pk + 1])).status_code == 404


def test_what_callers_and_supervisors_say_among_themselves_is_not_for_the_responsible(conflict, browser):
    browser(MARINA).post(address(conflict, "comment"), {"text": "Надо поговорить"})
    assert "Надо поговорить" in opened(browser(IVAN), conflict)
    text = opened(browser(OLGA), conflict)
    assert "Надо поговорить" not in text
    assert "Why this colour" not in text
    assert browser(OLGA).post(address(conflict, "comment"), {"text": "Ага"}).status_code == 404
    assert Comment.objects.count() == 1


def test_of_a_dispute_the_responsible_reads_why_and_what_was_decided_but_not_what_the_caller_said(conflict, browser):
    secrets = {"evidence": "Письмо от мая", "link": "https://portal.example/mail/1"}
    disputed(conflict, "Ольга его бросила", **secrets)
    decided(browser(MARINA), conflict, "keep", "Клиент Ольги")
    said = ("Ольга его бросила", *secrets.values())
    assert all(words in opened(browser(MARINA), conflict) for words in said)
    text = opened(browser(OLGA), conflict)
    assert not any(words in text for words in (*said, MARINA.name + "</p>", "told:"))
    assert "This is my client" in text
    assert "Клиент Ольги" in text


def test_deals_of_people_whom_the_reader_does_not_see_are_only_said_to_be_won(conflict, browser, superuser):
    deal = {"semantic": "S", "company_id": 5, "amount": 1234, "currency": "RUB", "modified_at": timezone.now()}
    Deal.objects.create(portal_id=1, title="Бориса", responsible_id=BORIS.id, **deal)
    assert "Бориса" in opened(superuser, conflict)
    for person in (IVAN, OLGA):
        text = opened(browser(person), conflict)
        assert not any(words in text for words in ("Бориса", BORIS.name, "234.00"))
        assert "A deal was won with this client since." in text
    Deal.objects.create(portal_id=2, title="Уведена", responsible_id=IVAN.id, **deal)
    text = opened(browser(OLGA), conflict)
    assert "Уведена" in text
    assert "Others won deals with this client too." in text


def test_who_else_claims_the_number_is_not_for_employees(romashka, browser):
    mirrored_company("Лютик", phone="8 (916) 123-45-67", responsible=BORIS, status="В работе")
    call = judged(rung())
    assert "Лютик" in opened(browser(MARINA), call)
    for person in (IVAN, OLGA):
        text = opened(browser(person), call)
        assert "with different responsibles: 2 of them" in text
        assert "Лютик" not in text
        assert BORIS.name not in text


def test_the_responsible_of_a_call_that_is_no_conflict_does_not_open_it(romashka, browser):
    incoming = rung(direction="incoming")
    assert browser(OLGA).get(address(incoming)).status_code == 404


def test_who_looked_is_noted_for_the_caller(conflict, browser):
    for person in (IVAN, MARINA, OLGA):
        opened(browser(person), conflict)
    browser(BORIS).get(address(conflict))
    seen = AccessLog.objects.order_by("id").values_list("reader_id", "about_id", "page", "detail")
    assert list(seen) == [(one.id, IVAN.id, "call", conflict.call_id) for one in (MARINA, OLGA)]


def test_it_leads_to_the_rules_and_the_record_of_the_caller_who_may_read_them(conflict, browser):
    rules = reverse("dashboard:rules-version", args=[conflict.rules_version])
    record = reverse("dashboard:person", args=[IVAN.id])
    assert {rules, record} <= links(opened(browser(MARINA), conflict))
    assert {rules, record}.isdisjoint(links(opened(browser(OLGA), conflict)))


def links(text):
    return set(re.findall(r'href="([^"]+)"', text))


def test_its_cost_does_not_grow_with_what_is_said(conflict, browser, django_assert_max_num_queries):
    client = browser(MARINA)
    for number in range(9):
        disputed(conflict, str(number))
        client.post(address(conflict, "comment"), {"text": str(number)})
    opened(client, conflict)
    with django_assert_max_num_queries(34):
        opened(client, conflict)


# --- Disputes --------------------------------------------------------------------------------------------------------
def test_the_caller_disputes_on_the_page_with_a_reason_and_a_proof(conflict, browser):
    sent = {
        "reason": "contact",
        "comment": "Пётр ушёл в «Лютик»",
        "evidence": "Письмо от мая",
        "link": "https://portal.example/mail/1",
    }
    assert browser(IVAN).post(address(conflict, "dispute"), sent).status_code == 302
    said = Dispute.objects.get()
    assert (said.reason, said.state, said.by_id) == ("contact", "open", IVAN.id)
    assert heard() == [MARINA.id]
    text = opened(browser(MARINA), conflict)
    for shown in ("Пётр ушёл", "Письмо от мая", "https://portal.example/mail/1", "The contact works for another"):
        assert shown in text


def test_a_link_is_a_link_to_a_page(conflict, browser):
    sent = {"reason": "mine", "comment": "Мой", "link": "javascript:alert(1)"}
    assert browser(IVAN).post(address(conflict, "dispute"), sent).status_code == 400
    assert not Dispute.objects.exists()


def test_nobody_disputes_a_call_of_another(conflict, browser):
    for person in (MARINA, OLGA, BORIS):
        assert browser(person).post(address(conflict, "dispute"), {"reason": "mine"}).status_code == 404
    assert not Dispute.objects.exists()


# --- Decisions -------------------------------------------------------------------------------------------------------
def test_the_supervisor_excuses_with_words_and_both_sides_hear_them(conflict, browser, settings):
    settings.PUBLIC_URL = "https://guard.example"
    disputed(conflict)
    OutboxCall.objects.all().delete()
    assert decided(browser(MARINA), conflict).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.excused, Dispute.objects.get().state) == (True, "accepted")
    assert heard() == [OLGA.id, IVAN.id]
    for call in OutboxCall.objects.all():
        assert "Клиент просил сам" in call.params["MESSAGE"]
        assert f"https://guard.example{address(conflict)}" in call.params["MESSAGE"]
    for person in (IVAN, OLGA, MARINA):
        assert "Клиент просил сам" in opened(browser(person), conflict)


def test_a_decision_without_words_is_none(conflict, browser):
    assert decided(browser(MARINA), conflict, words=" ").status_code == 400
    assert not Decision.objects.exists()


def test_kept_it_stays_and_the_dispute_is_rejected(conflict, browser):
    disputed(conflict)
    decided(browser(MARINA), conflict, "keep", "Клиент Ольги")
    conflict.refresh_from_db()
    assert (conflict.excused, Dispute.objects.get().state) == (False, "rejected")
    assert "rejected" in opened(browser(IVAN), conflict)


def test_the_second_to_decide_is_told_who_was_faster_and_keeps_his_words(conflict, browser, superuser):
    decided(browser(MARINA), conflict)
    answer = decided(superuser, conflict, "keep", "Не согласен")
    assert answer.status_code == 409
    assert f"{MARINA.name} has decided meanwhile" in answer.text
    assert "Не согласен" in answer.text
    assert Decision.objects.get().words == "Клиент просил сам"


def test_who_has_seen_a_decision_may_decide_anew(conflict, browser, superuser):
    decided(browser(MARINA), conflict)
    assert 'name="seen" value="1"' in opened(superuser, conflict)
    assert decided(superuser, conflict, "keep", "Всё же чужой", seen=1).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.excused, conflict.judged_at is not None) == (False, True)
    assert "Decided anew: not excused" in opened(browser(MARINA), conflict)


@pytest.mark.parametrize("person", [IVAN, OLGA, BORIS])
def test_nobody_decides_on_himself_or_on_people_he_does_not_manage(conflict, browser, person):
    assert decided(browser(person), conflict).status_code == 404
    assert not Decision.objects.exists()


def test_an_administrator_does_not_decide_on_himself_either(conflict, browser):
    Employee.objects.filter(portal_id=IVAN.id).update(is_portal_admin=True)
    assert decided(browser(IVAN), conflict).status_code == 404
    assert "Nobody decides on himself" in opened(browser(IVAN), conflict)
    assert not Decision.objects.exists()


def test_history_says_who_did_what(conflict, browser):
    disputed(conflict)
    decided(browser(MARINA), conflict)
    assert History.objects.filter(about="conflict", object_id=str(conflict.pk)).count() == 2
    text = opened(browser(MARINA), conflict)
    assert "Decided: excused" in text
    assert "Disputed: “this is my client”" in text
    Dispute.objects.update(comment="***")
    Decision.objects.update(words="+7916*****67")
    words = [line.words for line in lines_of(conflict)]
    assert words == ["+7916*****67", "***"]


def test_the_history_tells_of_an_earlier_decision_what_it_answered_disputes_with(conflict, browser, superuser):
    disputed(conflict)
    decided(browser(MARINA), conflict, "keep", "Нет")
    decided(superuser, conflict, words="Всё же да", seen=1)
    assert [line.words for line in lines_of(conflict)] == ["Всё же да", "Нет", "Веду его с мая"]


# --- What is to be put right -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("mine", f"Make {IVAN.name} the responsible of ООО «Ромашка»."),
        ("contact", "Put the number +79161234567 into the contact"),
        ("number", "Remove the number +79161234567 from ООО «Ромашка»."),
        ("stood_in", "Enter the substitution"),
    ],
)
def test_an_accepted_dispute_offers_what_to_put_right(conflict, browser, settings, reason, words):
    settings.PORTAL_ORIGIN = "https://portal.example"
    disputed(conflict, reason=reason)
    assert words not in opened(browser(MARINA), conflict)
    decided(browser(MARINA), conflict)
    text = opened(browser(MARINA), conflict)
    assert words in text
    assert "Still to put right" in text
    assert ("/admin/callguard/substitution/add/?" if reason == "stood_in" else "https://portal.example/crm/") in text


def test_what_was_put_right_is_said_to_be(conflict, browser):
    disputed(conflict)
    decided(browser(MARINA), conflict)
    Company.objects.update(responsible_id=IVAN.id)
    assert "Still to put right" not in opened(browser(MARINA), conflict)


def test_of_a_strangers_client_only_the_caller_hears(romashka, browser):
    mirrored_company("Ничья", phone="+7 903 111-11-11", responsible=STRANGER, status="В работе")
    call = judged(rung(phone="+7 903 111-11-11"))
    decided(browser(MARINA), call)
    assert heard() == [IVAN.id]
