"""The statuses' pages in a real browser: put in order by keyboard, on a phone too, nothing for axe to say."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm_mirror.models import OutboxCall, Status, StatusField
from tests.browser.signing_in import let_in
from tests.cast import mirrored_company

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1500, "height": 1000}
LIST = "admin:crm_mirror_status_changelist"


@pytest.fixture(params=["ru", "en"])
def admin(page: Page, site: str, request: pytest.FixtureRequest) -> Page:
    """The page, with a superuser signed in who reads either language, after the statuses were met."""
    let_in(page.context, site, language=request.param)
    Status.objects.update(in_portal=True, portal_name=F("name"), portal_sort=F("sort"))
    items = [{"ID": row.value, "VALUE": row.name, "SORT": str(row.sort)} for row in Status.objects.all()]
    StatusField.objects.create(kind="enumeration", field_id="57", items=items, seen_at=timezone.now())
    return page


def everything_at_once() -> None:
    """One on its way, one refused, one lost with a company, one retired."""
    now = timezone.now()
    refused = OutboxCall.objects.create(
        created_at=now, next_attempt_at=now, entity="statuses", purpose="reference", state="refused", error="No."
    )
    Status.objects.filter(value="IN_WORK").update(edited_at=now, colour="#b7950b")
    Status.objects.filter(value="PROCESSING").update(sent=refused, colour="#1e6fd9")
    Status.objects.filter(value="WAITING").update(retired_at=now, retired_here=True)
    Status.objects.create(value="77", name="Отказ", portal_name="Отказ", retired_at=now)
    mirrored_company("Осталась", status="Отказ")


def said_by_axe(page: Page) -> list[str]:
    page.wait_for_load_state("load")
    expect(page.locator("[role=main]")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


def test_statuses_are_put_in_order_by_keyboard_alone(admin, site):
    admin.goto(site + reverse(LIST))
    last = admin.locator("#id_form-2-sort")
    last.focus()
    admin.keyboard.press("Control+A")
    admin.keyboard.type("1")
    admin.keyboard.press("Enter")
    expect(admin.locator("#result_list tbody tr").first).to_contain_text("В работе")
    assert list(Status.objects.values_list("name", flat=True)) == ["В работе", "В ожидании", "В обработке"]
    assert OutboxCall.objects.count() == 1


def test_a_status_is_named_coloured_and_retired_on_its_page(admin, site):
    status = Status.objects.get(value="IN_WORK")
    admin.goto(site + reverse("admin:crm_mirror_status_change", args=[status.pk]))
    admin.locator("#id_name").fill("Наш клиент")
    admin.locator("#id_colour").select_option("#2e7d32")
    admin.locator("#id_retired").focus()
    admin.keyboard.press("Space")
    admin.locator("[name=_save]").click()
    expect(admin.locator("#result_list")).to_contain_text("Наш клиент")
    status.refresh_from_db()
    assert (status.name, status.colour, status.retired_here) == ("Наш клиент", "#2e7d32", True)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_to_say_and_nothing_sticks_out(admin, site, size):
    everything_at_once()
    admin.set_viewport_size(size)
    row = Status.objects.get(value="PROCESSING")
    for name, args in ((LIST, []), ("admin:crm_mirror_status_change", [row.pk]), ("admin:crm_mirror_status_add", [])):
        admin.goto(site + reverse(name, args=args))
        assert said_by_axe(admin) == [], name
        assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
