"""Lists of what came: events that may be tried again, changes with who made them, comparisons and repairs."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_mirror.models import Company, InboxEvent, Repair
from tests import living
from tests.cast import IVAN, mirrored_company, mirrored_people

pytestmark = pytest.mark.django_db


def listed(pages, model, **query):
    answer = pages.get(reverse(f"admin:crm_mirror_{model}_changelist"), query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer


def rows_of(pages, model, **query):
    return list(listed(pages, model, **query).context["cl"].result_list)


def test_events_that_were_given_up_are_tried_again_and_no_others(pages):
    failed, done = living.told("failed"), living.told("done", done_after=1)
    InboxEvent.objects.filter(pk=failed.pk).update(attempts=9, note="the portal refused")
    chosen = {"action": "try_again", "_selected_action": [failed.pk, done.pk]}
    answer = pages.post(
        reverse("admin:crm_mirror_inboxevent_changelist"), chosen, follow=True, headers={"accept-language": "en"}
    )
    assert "1 event waits again." in answer.text
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.note) == ("waiting", 0, "")
    assert failed.next_attempt_at <= timezone.now()
    assert InboxEvent.objects.get(pk=done.pk).state == "done"


def test_events_are_found_by_state_and_by_what_they_are_about(pages):
    failed = living.told("failed")
    living.told("done", done_after=1)
    assert rows_of(pages, "inboxevent", state__exact="failed") == [failed]
    assert len(rows_of(pages, "inboxevent", q="12")) == 2
    assert rows_of(pages, "inboxevent", q="13") == []


def test_a_change_tells_who_made_it_and_leads_to_the_row(pages):
    mirrored_people()
    change = living.changed(lag=2.5)
    change.by_id, change.facts = IVAN.id, {"title": ["Ромашка", "Роза"]}
    change.save()
    page = listed(pages, "change").text
    assert IVAN.name in page
    assert f"{reverse('admin:crm_mirror_company_changelist')}?q=1" in page
    assert "2.5" in page


def test_changes_are_found_by_kind_and_by_how_they_were_learned(pages):
    event = living.changed("lead", source="event")
    living.changed("lead", source="delta")
    living.changed("deal", source="event")
    assert rows_of(pages, "change", kind="lead", source="event") == [event]


def test_comparisons_that_left_something_are_found(pages):
    left = living.compared(left=3)
    whole = living.compared("lead")
    assert rows_of(pages, "drift", left="yes") == [left]
    assert rows_of(pages, "drift", left="no") == [whole]


def test_a_repair_says_why(pages):
    repair = Repair.objects.create(
        kind="lead", portal_id=7, at=timezone.now(), what="surplus", facts={"title": ["А", None]}
    )
    assert "was gone from the portal" in listed(pages, "repair").text
    assert rows_of(pages, "repair", q="7") == [repair]
    assert rows_of(pages, "repair", q="seven") == []


def test_runs_are_found_by_their_work(pages):
    living.ran()
    compared = living.ran("reconciliation")
    assert rows_of(pages, "syncrun", work="reconciliation") == [compared]


def test_a_row_that_was_merged_leads_to_the_one_that_lives_on(pages):
    survivor, loser = mirrored_company("Ромашка"), mirrored_company("Ромашка 2", deleted=True)
    Company.objects.filter(pk=loser.pk).update(merged_into_id=survivor.portal_id)
    page = pages.get(reverse("admin:crm_mirror_company_change", args=[loser.pk])).text
    assert reverse("admin:crm_mirror_company_change", args=[survivor.pk]) in page
