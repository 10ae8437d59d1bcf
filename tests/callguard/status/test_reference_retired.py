"""A retired status is offered no more, here or where the portal deleted it, and is kept by who has it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.models import Origin, Rule
from callguard.status import reference
from callguard.status.change import NoSuchStatus, set_status
from crm_mirror.models import Company, OutboxCall
from tests.callguard.status.reference import NAMES, ROOT, agreed, edit, here, told

pytestmark = pytest.mark.django_db


def test_a_retired_status_is_offered_no_more_and_stays_where_it_is(office, there, look):
    office.portal.update_company(office.romashka, status="В работе")
    look()
    rules = Rule.objects.filter(status=here("В работе")).count()
    reference.edit({here("В работе").pk: {"retired": True}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    row, company = here("В работе"), Company.objects.get(portal_id=office.romashka)
    assert row.retired_at
    assert there.names == NAMES  # the portal knows no retired value
    assert company.status == row
    assert Rule.objects.filter(status=row).count() == rules
    with pytest.raises(NoSuchStatus):
        set_status(company, row.value, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    assert told("В работе") == [("admin", {"retired": False}, {"retired": True}, "")]


def test_it_stays_retired_whatever_the_portal_does_to_it(there, look):
    edit("В работе", retired=True)
    there.rename("В работе", "Наш клиент")
    look()
    there.delete("Наш клиент")
    look()
    there.add("Наш клиент")
    look()
    assert here("Наш клиент").retired_at


def test_a_retired_status_is_brought_back(there, look):
    edit("В работе", retired=True)
    reference.edit({here("В работе").pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    assert here("В работе").retired_at is None
    assert not OutboxCall.objects.exists()
    assert agreed()


def test_a_value_deleted_in_the_portal_is_retired_and_keeps_its_companies(office, there, look):
    office.portal.update_company(office.romashka, status="В обработке")
    look()
    there.delete("В обработке")
    look()
    row = here("В обработке")
    assert row.retired_at
    assert not row.in_portal
    assert Company.objects.get(status=row).portal_id == office.romashka
    assert told("В обработке") == [("portal", {"in_portal": True}, {"in_portal": False}, "")]


def test_what_the_portal_deleted_is_made_there_anew_when_it_is_brought_back(there, look):
    row = here("В обработке")
    there.delete("В обработке")
    look()
    reference.edit({row.pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    row.refresh_from_db()
    assert (row.in_portal, row.retired_at, row.value) == (True, None, there.id_of("В обработке"))
    assert sorted(there.names) == sorted(NAMES)
    assert agreed()
