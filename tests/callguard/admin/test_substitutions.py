"""Substitutions in the admin: who entered it, and refusals in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard import history
from callguard.models import About, Substitution
from tests.cast import BORIS, IVAN, MARINA, OLGA

pytestmark = pytest.mark.usefixtures("mirror")
ADD = reverse("admin:callguard_substitution_add")
TODAY = timezone.localdate()


def sent(substitute, substituted, *, first=0, last=0):
    days = {"first_day": TODAY + timedelta(days=first), "last_day": TODAY + timedelta(days=last)}
    return {"substitute": substitute.id, "substituted": substituted.id} | {k: v.isoformat() for k, v in days.items()}


def refusal(pages, data):
    page = pages.post(ADD, data, headers={"accept-language": "en"})
    assert page.status_code == 200
    return page.text


def test_an_entry_remembers_who_made_it(pages, superuser):
    assert pages.post(ADD, sent(BORIS, OLGA, last=3)).status_code == 302
    entry = Substitution.objects.get(substitute_id=BORIS.id)
    assert (entry.substituted_id, entry.entered_by) == (OLGA.id, superuser)


def test_entering_changing_and_taking_back_are_in_the_history(pages, superuser):
    pages.post(ADD, sent(BORIS, OLGA, last=3))
    entry = Substitution.objects.get(substitute_id=BORIS.id)
    pages.post(reverse("admin:callguard_substitution_change", args=[entry.pk]), sent(BORIS, OLGA, last=5))
    pages.post(reverse("admin:callguard_substitution_delete", args=[entry.pk]), {"post": "yes"})
    entered, changed, taken_back = history.of(About.SUBSTITUTION, entry.pk).order_by("id")
    assert (entered.before, entered.after["substitute_id"]) == (None, BORIS.id)
    assert changed.after["last_day"] == (TODAY + timedelta(days=5)).isoformat()
    assert (taken_back.after, taken_back.actor_name) == (None, superuser.username)


def test_a_last_day_before_the_first_is_refused(pages):
    assert "The last day is before the first." in refusal(pages, sent(BORIS, OLGA, first=3))


def test_nobody_substitutes_himself(pages):
    assert "Nobody can substitute himself." in refusal(pages, sent(BORIS, BORIS))


@pytest.mark.parametrize(("first", "last"), [(0, 0), (-3, 0), (0, 9), (-3, 9)])
def test_the_same_pair_on_the_same_day_is_refused_with_the_entry_that_is_there(pages, first, last):
    text = refusal(pages, sent(IVAN, MARINA, first=first, last=last))
    assert "Иван Сидоров already substitutes Марина Кузнецова from" in text


def test_the_same_pair_on_other_days_is_taken(pages):
    assert pages.post(ADD, sent(IVAN, MARINA, first=1, last=2)).status_code == 302


def test_an_entry_can_be_prolonged_though_it_overlaps_itself(pages):
    entry = Substitution.objects.get()
    change = reverse("admin:callguard_substitution_change", args=[entry.pk])
    assert pages.post(change, sent(IVAN, MARINA, last=5)).status_code == 302
    entry.refresh_from_db()
    assert entry.last_day == TODAY + timedelta(days=5)


def test_a_missing_field_is_said_once(pages):
    assert "already substitutes" not in refusal(pages, sent(IVAN, MARINA) | {"last_day": ""})


@pytest.mark.parametrize(("state", "count"), [("now", 1), ("ahead", 0), ("over", 0), ("", 1)])
def test_the_list_tells_what_is_in_force(pages, state, count):
    page = pages.get(reverse("admin:callguard_substitution_changelist"), {"state": state})
    assert len(page.context["cl"].result_list) == count


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (0, 2)])
def test_days_that_have_come_with_oneself_as_substitute_are_refused(pages, first, last):
    text = refusal(pages, sent(IVAN, OLGA, first=first, last=last))  # he who is signed in
    assert "Your own substitution for days that have come is entered by another manager" in text
    assert not Substitution.objects.filter(substituted_id=OLGA.id).exists()


def test_nor_can_one_take_them_back_alone_or_in_the_list(pages):
    entry = Substitution.objects.get()
    taken = pages.post(reverse("admin:callguard_substitution_delete", args=[entry.pk]), {"post": "yes"}, follow=True)
    assert "вводит другой руководитель" in taken.text
    chosen = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    taken = pages.post(reverse("admin:callguard_substitution_changelist"), chosen, follow=True)
    assert "вводит другой руководитель" in taken.text
    assert Substitution.objects.filter(pk=entry.pk).exists()
