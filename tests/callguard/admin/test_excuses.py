"""The switches of the grounds: what follows for conflicts that are judged, and that each turn is remembered."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard import history
from callguard.models import About, Call, Excuse, ExcuseRule, Ground
from tests.callguard.fairness.court import PHONE, judged, minutes, rung, state
from tests.cast import BORIS, IVAN, OLGA, mirror_synced, mirrored_company, mirrored_people

LIST = reverse("admin:callguard_excuserule_changelist")


@pytest.fixture(autouse=True)
def contested(db):
    """Olga's and Boris's companies share a number; Ivan called it."""
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone=PHONE, responsible=OLGA, status="В работе")
    mirrored_company("Лютик", phone=PHONE, responsible=BORIS, status="В работе")


def switched(pages, ground, **facts):
    rule = ExcuseRule.objects.get(ground=ground)
    sent = {"enabled": rule.enabled, "minutes": rule.minutes} | facts
    data = {name: "on" if value is True else value for name, value in sent.items() if value not in (False, None)}
    return pages.post(reverse("admin:callguard_excuserule_change", args=[rule.pk]), data)


def listed(pages, **switches):
    """The list, saved with these switches."""
    rules = list(ExcuseRule.objects.order_by("id"))
    data = {"form-TOTAL_FORMS": len(rules), "form-INITIAL_FORMS": len(rules), "_save": "Save"}
    for number, rule in enumerate(rules):
        data[f"form-{number}-id"] = rule.pk
        if switches.get(rule.ground, rule.enabled):
            data[f"form-{number}-enabled"] = "on"
    return pages.post(LIST, data)


def test_each_ground_is_explained_with_the_conflicts_it_was_found_for(pages):
    judged(rung())
    text = pages.get(LIST, headers={"accept-language": "en"}).text
    assert "Several clients with different responsibles carry the number." in text
    counted = pages.get(LIST).context["cl"].result_list
    assert {rule.ground: rule.found for rule in counted if rule.found} == {"contested": 1}


def test_a_ground_switched_off_excuses_nobody_and_switched_on_again_everybody(pages):
    call = rung()
    assert state(call) == "excused"
    assert listed(pages, contested=False).status_code == 302
    assert not ExcuseRule.objects.get(ground="contested").enabled
    Call.objects.update(untallied=False)
    assert state(call) == "blamed"
    assert Excuse.objects.filter(call=call, ground="contested").exists()
    assert listed(pages, contested=True).status_code == 302
    assert Call.objects.get().untallied
    assert state(call) == "excused"


def test_what_has_another_ground_stays_excused(pages):
    call = rung()
    Excuse.objects.create(call=call, ground=Ground.DECISION, noted_at=call.rung_at)
    assert state(call) == "excused"
    listed(pages, contested=False)
    assert state(call) == "excused"


def test_another_reach_has_what_is_judged_judged_anew(pages):
    ExcuseRule.objects.exclude(ground="called_back").update(enabled=False)
    rung(by=OLGA, direction="incoming", ago=minutes(190))
    call = rung(ago=minutes(180))
    assert state(call) == "excused"
    assert switched(pages, "called_back", minutes=5).status_code == 302
    Call.objects.update(untallied=False)
    now = Call.objects.get(pk=call.pk)
    assert (now.judged_at, now.excused) == (None, False)
    assert state(call) == "blamed"
    assert switched(pages, "called_back", minutes=15).status_code == 302
    assert state(call) == "excused"


@pytest.mark.parametrize("minutes", ["", "0", "1441", "-5"])
def test_a_reach_that_is_none_is_refused(pages, minutes):
    assert switched(pages, "called_back", minutes=minutes).status_code == 200
    assert ExcuseRule.objects.get(ground="called_back").minutes == 60


def test_a_ground_without_a_reach_gets_none(pages):
    assert switched(pages, "contested", minutes=7, enabled=False).status_code == 302
    rule = ExcuseRule.objects.get(ground="contested")
    assert (rule.enabled, rule.minutes) == (False, None)


def test_each_turn_is_in_the_history_and_saving_what_stands_is_none(pages, superuser):
    listed(pages, contested=False)
    listed(pages, contested=False)
    line = history.of(About.EXCUSE, "contested").get()
    assert (line.before["enabled"], line.after["enabled"]) == (True, False)
    assert (line.actor_id, line.origin) == (IVAN.id, "admin")
    page = reverse("admin:callguard_excuserule_change", args=[ExcuseRule.objects.get(ground="contested").pk])
    assert "excuses: yes → no" in pages.get(page, headers={"accept-language": "en"}).text
