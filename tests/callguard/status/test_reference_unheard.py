"""An edit whose answer was lost is made once; one that the portal refused stands as the portal has it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.models import Origin
from callguard.status import reference
from crm_mirror.models import OutboxCall, Status
from crm_mirror.rounds import deliver_outbox, read_changes
from tests.callguard.status.reference import NAMES, ROOT, add, agreed, edit, here, told

pytestmark = pytest.mark.django_db


def delivered_unheard(portal):
    """What waits is asked about, carried out, and the answer lost."""
    portal.fails_with("reset", method="batch", after=1, times=1)
    deliver_outbox()
    portal.heal()
    assert OutboxCall.objects.filter(state="sending").exists()


def due_now():
    OutboxCall.objects.update(next_attempt_at=timezone.now())


def test_an_answer_that_was_lost_does_no_harm(there, portal, look):
    wanted = {here("В работе").pk: {"name": "Наш"}, here("В ожидании").pk: {"sort": 99}}
    reference.edit(wanted, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    delivered_unheard(portal)
    due_now()
    look()
    assert there.names == ["В обработке", "Наш", "В ожидании"]
    assert agreed()


def test_a_new_status_whose_answer_was_lost_is_made_once(there, portal, look):
    add("Чёрный список")
    portal.fails_with("reset", method="batch", after=1 if there.is_list else 0, times=1)  # a reference is not asked
    deliver_outbox()
    portal.heal()
    due_now()
    look()
    look()
    assert there.names == [*NAMES, "Чёрный список"]
    assert here("Чёрный список").in_portal
    assert Status.objects.count() == 4


def test_a_status_edited_again_while_nobody_knows_what_became_of_the_first_edit(there, portal, look):
    """The look shows our first edit, which is no edit of the portal's."""
    edit("В работе", name="Раз")
    delivered_unheard(portal)
    edit("Раз", name="Два")
    look()
    assert here("Два").edited_at
    due_now()
    for _ in range(3):
        look()
    assert there.names[-1] == here("Два").name == "Два"
    assert [line[0] for line in told("Два")] == ["admin", "admin"]


def test_what_the_portal_refuses_stands_as_the_portal_has_it_with_its_words(there, portal, look):
    portal.fails_with("not_admin")
    edit("В работе", name="Наш")
    add("Чёрный список")
    deliver_outbox()
    read_changes()
    if there.is_list:  # one call at a time: the second has not gone out
        deliver_outbox()
        read_changes()
    row = here("В работе")
    assert (row.edited_at, row.sent.state) == (None, "refused")
    assert "Access denied" in row.sent.error
    assert told("В работе")[-1] == ("portal", {"name": "Наш"}, {"name": "В работе"}, "refused")
    refused = here("Чёрный список")
    assert refused.retired_at
    portal.heal()
    reference.edit({refused.pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    assert there.names == [*NAMES, "Чёрный список"]
