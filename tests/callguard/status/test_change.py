"""Setting a status here: who may, what goes out, what is remembered."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, CompanyStatus, Origin
from callguard.status.change import ROWS_AT_ONCE, NoSuchStatus, NotAllowed, set_status, set_statuses
from crm_mirror.models import OutboxCall, Status
from tests.cast import IVAN, OLGA, mirrored_company, value_of

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


# --- Many at once ----------------------------------------------------------------------------------------------------
def put_all(companies, name, *, by=MARINA):
    ids = [one.portal_id for one in companies]
    return set_statuses(ids, value_of(name), by=by, origin=Origin.ADMIN, at=timezone.now())


def test_of_many_those_are_changed_that_may_and_need_be(romashka):
    same = mirrored_company("Уже", responsible=OLGA, status="В работе")
    foreign = mirrored_company("Чужая", responsible=IVAN, status="В ожидании")
    gone = mirrored_company("Бывшая", responsible=OLGA, deleted=True)
    done = put_all([romashka, same, foreign, gone], "В работе")
    assert (done.changes, done.same, done.forbidden, done.gone) == ([romashka], [same], [foreign], 1)
    assert OutboxCall.objects.get().entity == f"company:{romashka.portal_id}"
    assert CompanyStatus.objects.get().sent == OutboxCall.objects.get()


def test_what_is_passed_over_stays_a_newcomer(romashka):
    """A row of CompanyStatus would say that the company has been looked at: it would never get its first status."""
    put_all([mirrored_company("Чужая", responsible=IVAN)], "В работе")
    assert not CompanyStatus.objects.exists()


@pytest.mark.parametrize("doubt", ["flagged_at", "refused"])
def test_a_doubt_or_a_refusal_is_settled_by_the_bulk_too(romashka, doubt):
    refused = OutboxCall.objects.create(created_at=timezone.now(), next_attempt_at=timezone.now(), state="refused")
    settled = {"company_id": romashka.portal_id, "accepted": romashka.status_id, "accepted_at": timezone.now()}
    CompanyStatus.objects.create(**settled, **{doubt: refused if doubt == "refused" else timezone.now()})
    assert put_all([romashka], "В ожидании").changes == [romashka]
    standing = CompanyStatus.objects.get()
    assert (standing.flagged_at, standing.refused, standing.sent) == (None, None, None)


def test_more_than_one_batch_keeps_their_order(romashka):
    companies = [mirrored_company(str(number), responsible=OLGA) for number in range(ROWS_AT_ONCE + 2)]
    assert len(put_all(companies, "В работе").changes) == ROWS_AT_ONCE + 2
    sent = OutboxCall.objects.order_by("id").values_list("entity", flat=True)
    assert list(sent) == [f"company:{one.portal_id}" for one in companies]


def test_nothing_is_changed_for_a_status_that_is_not_offered(romashka):
    Status.objects.filter(name="В работе").update(retired_at=timezone.now())
    with pytest.raises(NoSuchStatus):
        put_all([romashka], "В работе")
    assert not CompanyStatus.objects.exists()
