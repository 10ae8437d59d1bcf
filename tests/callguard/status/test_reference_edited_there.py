"""The portal's own edits are taken over; where both sides edited, the later wins and both are remembered."""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm_mirror.models import OutboxCall, Status
from crm_mirror.rounds import deliver_outbox
from crm_mirror.sync.reference import write_reference
from tests.callguard.status.reference import NAMES, agreed, edit, here, told

pytestmark = pytest.mark.django_db


def test_the_portals_edits_are_taken_over_and_remembered(there, look):
    there.rename("В работе", "Наш клиент")
    there.move("Наш клиент", 5)
    there.add("Архив")
    look()
    assert [row.name for row in Status.objects.all()] == there.names
    assert told("Наш клиент") == [
        ("portal", {"name": "В работе", "sort": 30}, {"name": "Наш клиент", "sort": 5}, ""),
    ]
    (line,) = told("Архив")
    assert (line[0], line[1], line[2]["name"]) == ("portal", None, "Архив")


def test_the_portals_later_edit_wins_and_both_are_remembered(there, look):
    edit("В работе", name="Наш")
    there.rename("В работе", "Их")
    look()
    look()
    assert there.names[-1] == "Их"
    assert told("Их") == [
        ("admin", {"name": "В работе"}, {"name": "Наш"}, ""),
        ("portal", {"name": "Наш"}, {"name": "Их"}, ""),
    ]
    assert agreed()


def test_ours_wins_where_it_is_later_and_both_are_remembered(there, look):
    """Edited here after the portal was asked, and before its answer was written."""
    there.rename("В работе", "Их")
    answer = there.answer()
    edit("В работе", name="Наш")
    write_reference(answer, at=timezone.now(), source="delta")
    look()
    look()
    assert there.names[-1] == "Наш"
    assert told("Наш") == [
        ("admin", {"name": "В работе"}, {"name": "Наш"}, ""),
        ("portal", {"name": "В работе"}, {"name": "Их"}, "ours_is_later"),
    ]


def test_an_edit_of_ours_does_not_write_over_one_of_the_portals_that_nobody_has_seen(there, look):
    """It goes out before the next look: the portal is asked again first."""
    edit("В работе", name="Наш")
    there.rename("В обработке", "Обрабатывается")
    there.rename("В работе", "Их")
    deliver_outbox()
    assert there.names == ["В ожидании", "Обрабатывается", "Их"]
    assert OutboxCall.objects.get(purpose="reference").error.startswith("overtaken")
    look()
    assert [row.name for row in Status.objects.all()] == there.names == ["В ожидании", "Обрабатывается", "Их"]


def test_another_value_edited_in_the_portal_does_not_hold_ours_up(there, look):
    edit("В работе", name="Наш")
    there.rename("В обработке", "Обрабатывается")
    deliver_outbox()
    look()
    look()
    assert there.names == ["В ожидании", "Обрабатывается", "Наш"]
    assert agreed()


def test_a_name_here_and_an_order_there_do_not_quarrel(there, look):
    edit("В работе", name="Наш")
    there.move("В работе", 1)
    for _ in range(3):
        look()
    assert (there.names[0], here("Наш").sort) == ("Наш", 1)


def test_what_the_portal_changed_back_before_we_looked_is_its_word(there, look):
    edit("В работе", name="Наш")
    deliver_outbox()
    there.rename("Наш", "В работе")
    look()
    look()
    assert there.names == NAMES
    assert here("В работе").edited_at is None


def test_a_look_that_began_before_the_portal_took_our_edit_proves_nothing(there, look):
    answer = there.answer()
    edit("В работе", name="Наш")
    deliver_outbox()
    write_reference(answer, at=timezone.now(), source="reconcile")
    look()
    assert there.names[-1] == here("Наш").name
    assert len(told("Наш")) == 1


def test_an_older_look_does_not_undo_a_newer_one(there, look):
    answer = there.answer()
    there.rename("В работе", "Их")
    there.add("Архив")
    look()
    write_reference(answer, at=timezone.now(), source="reconcile")
    assert [row.name for row in Status.objects.filter(in_portal=True)] == there.names
