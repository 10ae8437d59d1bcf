"""Setting a status here: who may, what goes out, what is remembered."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, CompanyStatus, Origin
from callguard.status.change import NoSuchStatus, NotAllowed, set_status
from crm_mirror.models import OutboxCall, Status
from tests.cast import OLGA, mirrored_company, value_of

pytestmark = pytest.mark.django_db
MARINA = Actor("Марина Кузнецова", Role.SUPERVISOR, 9, manages=frozenset({OLGA.id}))
BORIS = Actor("Борис Орлов", Role.SUPERVISOR, 10, manages=frozenset({99}))


@pytest.fixture
def romashka(db):
    Status.objects.update(in_portal=True)
    return mirrored_company("Ромашка", responsible=OLGA, status="В ожидании")


def put(company, name, *, by=MARINA):
    return set_status(company, value_of(name), by=by, origin=Origin.ADMIN, at=timezone.now())


def test_it_goes_out_with_its_history(romashka):
    standing = put(romashka, "В работе")
    assert standing.sent == OutboxCall.objects.get()
    assert standing.accepted == value_of("В работе")
    assert history.of(About.STATUS, romashka.portal_id).get().actor_name == "Марина Кузнецова"


def test_setting_it_twice_sends_it_twice_at_most(romashka):
    """The portal does not show the first one yet, and a second call harms nobody; its history is one line."""
    put(romashka, "В работе")
    put(romashka, "В работе")
    assert OutboxCall.objects.count() == 2
    assert history.of(About.STATUS, romashka.portal_id).count() == 1


def test_setting_what_it_has_settles_a_doubt_and_sends_nothing(romashka):
    CompanyStatus.objects.create(
        company_id=romashka.portal_id,
        accepted=romashka.status_id,
        accepted_at=timezone.now(),
        flagged_at=timezone.now(),
    )
    assert put(romashka, "В ожидании").flagged_at is None
    assert not OutboxCall.objects.exists()


def test_who_may_not_changes_nothing(romashka):
    with pytest.raises(NotAllowed):
        put(romashka, "В работе", by=BORIS)
    assert not CompanyStatus.objects.exists()
    assert not OutboxCall.objects.exists()


@pytest.mark.parametrize("column", [{"in_portal": False}, {"retired_at": timezone.now()}])
def test_a_status_that_is_not_offered_is_refused(romashka, column):
    Status.objects.filter(name="В работе").update(**column)
    with pytest.raises(NoSuchStatus):
        put(romashka, "В работе")
    assert not OutboxCall.objects.exists()
