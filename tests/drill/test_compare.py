"""The drill's judge, judged: it finds nothing after a full sync, and everything that is spoilt."""

from __future__ import annotations

import pytest

from crm_mirror.models import Company, ContactCompany, Employee, PhoneNumber, Status
from crm_mirror.sandbox import references
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.data import generated, status_field
from crm_mirror.sandbox.life.life import Life
from crm_mirror.sandbox.server import running
from crm_mirror.sandbox.store import Store
from crm_mirror.sync.run import sync
from tests.drill.compare import differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(settings):
    """A portal after much life."""
    store = Store()
    references.seed(store)
    generated.fill(store, status_field.provision(store, "enumeration"), entities=800, seed=3)
    store.index()
    with running(store=store, limits_on=False, apps={"pbx": App("secret")}) as server:
        settings.BITRIX_WEBHOOK_URL, settings.BITRIX_RATE_PER_SECOND = server.webhook, 0
        life = Life(server.portal, seed=3)
        for _ in range(1000):
            life.step()
        server.portal.memory["statistics"].clear()  # a full sync brings no calls
        yield server.portal


@pytest.fixture
def found(lived):
    """found(spoil) → what the comparison says of a mirror that `spoil` was let at."""

    def compare(spoil):
        sync()
        spoil()
        return {(one.kind, one.what) for one in differences(lived)}

    return compare


def first_phone():
    return PhoneNumber.objects.filter(entity_type="company").order_by("id").first()


def link():
    return ContactCompany.objects.order_by("id").first()


SPOILT = {
    ("company", "lost"): lambda: Company.objects.order_by("id")[:1].get().delete(),
    ("company", "wiped"): lambda: Company.objects.filter(portal_id=one_company()).update(
        deleted_at="2026-01-01T00:00Z"
    ),
    ("company", "surplus"): lambda: Company.objects.create(portal_id=10**9, title="Никто"),
    ("company", "different"): lambda: Company.objects.filter(portal_id=one_company()).update(title="Другая"),
    ("employee", "different"): lambda: Employee.objects.filter(portal_id=1).update(active=False),
    ("status", "lost"): lambda: Status.objects.filter(in_portal=True).first().delete(),
    ("link", "lost"): lambda: link().delete(),
    ("phone", "lost"): lambda: first_phone().delete(),
    ("phone", "surplus"): lambda: PhoneNumber.objects.filter(pk=first_phone().pk).update(e164="+70000000000"),
}


def one_company():
    """Without phones and links, so that nothing else differs with it."""
    busy = [*PhoneNumber.objects.filter(entity_type="company").values_list("entity_id", flat=True)]
    busy += ContactCompany.objects.values_list("company_id", flat=True)
    return Company.objects.exclude(portal_id__in=busy).order_by("id").values_list("portal_id", flat=True)[0]


def test_a_synced_mirror_is_the_portal(lived):
    sync()
    assert differences(lived) == []


@pytest.mark.parametrize("verdict", SPOILT, ids=" ".join)
def test_what_is_spoilt_is_found(found, verdict):
    assert verdict in found(SPOILT[verdict])
