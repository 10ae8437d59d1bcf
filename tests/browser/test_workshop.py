"""The workshop and the pages of personal data in a real browser, on a phone too: nothing for axe to say."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from callguard.calls import Ring, record_call
from callguard.models import AccessLog, Account, RuleSetVersion
from callguard.workshop import drafts
from tests.browser.clients import RED, YELLOW
from tests.browser.signing_in import let_in
from tests.callguard.workshop.conftest import edited
from tests.cast import IVAN, MARINA

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1500, "height": 1000}


def rung() -> None:
    for call_id, phone in (("1", RED), ("2", YELLOW)):
        record_call(Ring(call_id, phone, "outgoing"), caller_id=IVAN.id, at=timezone.now(), language="ru")


def drafted(by: Account) -> None:
    drafts.save(edited(company_В_работе="yellow", lead_any=None), revision=None, by=by, at=timezone.now())


def said_by_axe(page: Page) -> list[str]:
    page.wait_for_load_state("load")
    expect(page.locator("[role=main]")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


def test_a_draft_is_made_tried_and_published(page: Page, site: str) -> None:
    let_in(page.context, site, language="en")
    rung()
    page.goto(site + reverse("dashboard:rules"))
    page.get_by_label("company: В работе", exact=True).select_option("yellow")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Try the draft on past calls").click()
    expect(page.locator(".workshop-sum")).to_have_text("1 call would change colour.")
    page.get_by_role("link", name="1 call", exact=True).click()
    expect(page.get_by_role("region", name="These calls").locator("tbody tr")).to_have_count(1)
    page.locator("#id_note").fill("Мягче")
    page.get_by_role("button", name="Publish the draft").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    assert RuleSetVersion.objects.get(version=2).note == "Мягче"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(("language", "role"), [("ru", "administrator"), ("en", "administrator"), ("ru", "supervisor")])
def test_axe_finds_nothing_to_say_and_nothing_sticks_out(
    page: Page, site: str, size: dict[str, int], language: str, role: str
) -> None:
    root = Account.objects.create(username="root", is_staff=True, is_superuser=True, employee_id=IVAN.id)
    marina = Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id)
    let_in(page.context, site, root if role == "administrator" else marina, language=language)
    rung()
    drafted(root)
    RuleSetVersion.objects.create(version=2, published_at=timezone.now(), note="Мягче", rules=edited(lead_any="red"))
    for about in (IVAN.id, MARINA.id):
        AccessLog.objects.create(at=timezone.now(), reader_name="Ольга Петрова", about_id=about, page="person")
    names = [("rules", []), ("rules-trial", []), ("rules-version", [1]), ("privacy", [])]
    names += [("personal-data", [])] if role == "administrator" else []
    page.set_viewport_size(size)
    for name, args in names:
        page.goto(site + reverse(f"dashboard:{name}", args=args))
        assert said_by_axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
