"""Calls to the portal in the admin: what became of them, and sending again what was given up."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_mirror import outbox
from crm_mirror.models import OutboxCall
from tests.cast import MARINA, mirrored_people

pytestmark = pytest.mark.django_db
LIST = reverse("admin:crm_mirror_outboxcall_changelist")
ENGLISH = {"accept-language": "en"}


def call(company, **columns):
    row = outbox.enqueue(
        entity=f"company:{company}",
        purpose="status",
        method="crm.company.update",
        params={"id": company, "fields": {"TITLE": "Ромашка"}},
        at=timezone.now(),
    )
    OutboxCall.objects.filter(pk=row.pk).update(**columns)
    return OutboxCall.objects.get(pk=row.pk)


def listed(pages, **filters):
    return [row.entity for row in pages.get(LIST, filters).context["cl"].result_list]


def send_again(pages, *calls):
    chosen = {"action": "send_again", "_selected_action": [row.pk for row in calls]}
    return pages.post(LIST, chosen, headers=ENGLISH, follow=True)


def test_the_list_says_what_the_portal_said(pages):
    call(1, state="refused", error="crm.company.update: Access denied.")
    text = pages.get(LIST, headers=ENGLISH).text
    assert "crm.company.update: Access denied." in text
    assert "refused by the portal" in text


def test_calls_are_told_apart_by_state_and_found_by_what_they_are_about(pages):
    call(1, state="refused")
    call(2)
    assert listed(pages, state__exact="refused") == ["company:1"]
    assert listed(pages, q="company:2") == ["company:2"]
    assert listed(pages, q="company:") == []


def test_a_call_shows_what_it_sends(pages):
    text = pages.get(reverse("admin:crm_mirror_outboxcall_change", args=[call(1).pk])).text
    assert "crm.company.update" in text
    assert "Ромашка" in text


def test_what_was_refused_or_given_up_is_sent_again(pages):
    refused, dead = call(1, state="refused", attempts=1), call(2, state="dead", attempts=1000)
    text = send_again(pages, refused, dead).text
    assert "2 calls wait to be sent again." in text
    assert set(OutboxCall.objects.values_list("state", "attempts")) == {("waiting", 0), ("sending", 0)}


def test_what_was_accepted_is_not(pages):
    done = call(1, state="done")
    assert "0 calls wait to be sent again." in send_again(pages, done).text
    assert OutboxCall.objects.get().state == "done"


def test_only_administrators_send_again(client, django_user_model):
    mirrored_people()
    client.force_login(django_user_model.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    refused = call(1, state="refused")
    assert send_again(client, refused).status_code == 403
    assert OutboxCall.objects.get().state == "refused"
