"""The page of a conflict and the list of disputes in a real browser: each role, both languages, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from callguard.access.actors import employee_actor
from callguard.decisions import comment, decide
from callguard.disputes import dispute
from callguard.models import Account, Call, Decision, Takeover
from crm_mirror.models import Deal
from tests.browser.clients import RED
from tests.browser.signing_in import let_in
from tests.browser.test_admin_pages import said_by_axe
from tests.callguard.fairness.court import hung_up, judged, rung
from tests.cast import IVAN, MARINA, OLGA

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
DESKTOP, PHONE = {"width": 1500, "height": 1000}, {"width": 375, "height": 800}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def conflict(site: str) -> Call:
    """With everything a page can tell: taken over, a deal won, disputed, decided, disputed again, commented on."""
    call = rung(phone=RED)
    hung_up(call)
    call, at = judged(call), timezone.now()
    Takeover.objects.create(call=call, moved_at=at, from_id=OLGA.id, to_id=IVAN.id, moved_by_id=IVAN.id)
    Deal.objects.create(
        portal_id=1, title="Поставка", semantic="S", company_id=call.entity_id, responsible_id=IVAN.id, amount=120_000,
        currency="RUB", modified_at=at,
    )  # fmt: skip
    dispute(call.call_id, caller_id=IVAN.id, comment="Веду его с мая", reason="stood_in", at=at - timedelta(days=20))
    decide(call, excuses=True, says="Замещение не внесли", seen=0, by=employee_actor(MARINA.id), at=at)
    dispute(call.call_id, caller_id=IVAN.id, comment="И ещё письмо", reason="number", at=at - timedelta(days=20))
    comment(call, text="Надо поговорить", by=employee_actor(MARINA.id), at=at)
    return call


def account_of(person: object) -> Account | None:
    """None: a superuser's."""
    if person is None:
        return None
    return Account.objects.get_or_create(
        username=f"p{person.id}",
        defaults={"is_staff": True, "employee_id": person.id},
    )[0]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "person", [None, MARINA, IVAN, OLGA], ids=["administrator", "supervisor", "caller", "responsible"]
)
def test_axe_has_nothing_to_say_and_nothing_is_wider_than_the_screen(page: Page, site, conflict, person, language):
    let_in(page.context, site, account_of(person), language=language)
    for name, args in (("conflict", [conflict.pk]), ("disputes", [])):
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            page.goto(site + reverse(f"dashboard:{name}", args=args))
            assert said_by_axe(page) == [], (name, size)
            assert page.evaluate(WIDER) <= 0, (name, size)


def test_the_supervisor_decides_by_keyboard(page: Page, site, conflict):
    let_in(page.context, site, account_of(MARINA), language="en")
    page.goto(site + reverse("dashboard:conflict", args=[conflict.pk]))
    page.locator("#decision-words").focus()
    page.keyboard.type("It was a mistake")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_contain_text("Decided anew: not excused")
    assert Decision.objects.get().words == "It was a mistake"


def test_the_card_stands_in_the_colours_of_that_day(page: Page, site, conflict):
    let_in(page.context, site, account_of(IVAN), language="en")
    page.goto(site + reverse("dashboard:conflict", args=[conflict.pk]))
    expect(page.locator("[data-callguard-card] .callguard-card-base")).to_have_css(
        "background-color", "rgb(198, 40, 40)"
    )
