"""The page of notices in a real browser, by role and language, on a desktop and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from callguard.models import Account, DigestChoice, Letter
from tests.browser.clients import RED
from tests.browser.signing_in import let_in
from tests.browser.test_admin_pages import said_by_axe
from tests.callguard.admin.conftest import rung
from tests.callguard.notices.conftest import NOON
from tests.cast import IVAN, MARINA

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PAGE = reverse("dashboard:notices")


def marina(**columns):
    return Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id, **columns)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("role", ["administrator", "supervisor"])
def test_axe_finds_nothing_to_say_and_nothing_is_wider_than_a_phone(page, site, role, language):
    let_in(page.context, site, marina(is_superuser=role == "administrator"), language=language)
    rung("red", RED, caller=IVAN.id)
    Letter.objects.create(key="d", to="m@example.com", created_at=NOON, next_attempt_at=NOON, state="dead")
    page.goto(site + PAGE)
    expect(page.locator("[name=own-rhythm]")).to_be_visible()
    expect(page.locator("[name=all-quiet_from]")).to_have_count(1 if role == "administrator" else 0)
    assert said_by_axe(page) == []
    picture(page, f"notices-{role}-{language}")
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said_by_axe(page) == []
    picture(page, f"notices-{role}-{language}-phone")


def test_a_digest_is_chosen_by_keyboard_alone(page, site):
    let_in(page.context, site, marina())
    page.goto(site + PAGE)
    page.locator("[name=own-rhythm]").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#content, [role=main]").first).to_contain_text("Сохранено.")
    assert DigestChoice.objects.get().by_email is False


def picture(page, name):
    if folder := os.environ.get("PICTURES_OF_NOTICES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
