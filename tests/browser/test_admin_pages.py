"""The admin in a real browser: the palette's preview, people to choose from, and nothing for axe to say."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from callguard.models import Call, Palette
from crm_mirror.models import Company
from tests import living
from tests.browser.clients import RED
from tests.browser.signing_in import let_in
from tests.callguard.admin.conftest import rung
from tests.cast import IVAN

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CARD = "[data-callguard-card]"
PAGES = (
    *("index", "callguard_call_probe", "callguard_call_changelist", "callguard_conflict_changelist"),
    *("callguard_rule_changelist", "callguard_rule_add", "callguard_palette_changelist", "callguard_palette_add"),
    *("callguard_substitution_add", "crm_mirror_status_changelist", "crm_mirror_company_changelist"),
    *("crm_mirror_unreadablephone_changelist", "crm_mirror_syncrun_changelist", "callguard_account_changelist"),
    *("crm_mirror_outboxcall_changelist", "callguard_dispute_changelist"),
    *("crm_mirror_change_changelist", "crm_mirror_inboxevent_changelist", "crm_mirror_drift_changelist"),
    "crm_mirror_repair_changelist",
)


@pytest.fixture
def admin(page: Page, site: str) -> Page:
    """The page, with a superuser signed in and one call on record."""
    let_in(page.context, site)
    rung("red", RED, caller=IVAN.id)
    living.changed()
    living.told("failed")
    living.compared(left=1)
    page.goto(site + reverse("admin:index"))
    return page


def go(page: Page, site: str, name: str, *args: object) -> None:
    page.goto(site + reverse(f"admin:{name}", args=args))


def test_the_card_is_repainted_while_colours_are_picked(admin, site):
    go(admin, site, "callguard_palette_change", Palette.objects.get(code="red").pk)
    base = admin.locator(f"{CARD} .callguard-card-base")
    expect(base).to_have_css("background-color", "rgb(198, 40, 40)")
    admin.locator("#id_base").fill("#004d40")
    expect(base).to_have_css("background-color", "rgb(0, 77, 64)")
    admin.locator("#id_label_ru").fill("Не ваш клиент")
    expect(base).to_contain_text("Не ваш клиент")


def test_a_refused_palette_comes_back_in_the_colours_that_were_picked(admin, site):
    go(admin, site, "callguard_palette_change", Palette.objects.get(code="red").pk)
    admin.locator("#id_text").fill("#e57373")
    admin.locator("[name=_save]").click()
    expect(admin.locator("#content")).to_contain_text("#e57373")
    expect(admin.locator(CARD)).to_have_css("color", "rgb(229, 115, 115)")
    assert Palette.objects.get(code="red").version == 1


def test_a_number_is_tried_with_a_caller_chosen_by_name(admin, site):
    go(admin, site, "callguard_call_probe")
    admin.locator("#id_phone").fill(RED)
    admin.locator(".select2-selection").click()
    admin.locator(".select2-search__field").fill("иван")
    admin.locator(".select2-results__option", has_text="Иван Сидоров").click()
    admin.locator("#content form [type=submit]").click()
    expect(admin.locator(f"{CARD} .callguard-card-base")).to_have_css("background-color", "rgb(198, 40, 40)")
    expect(admin.locator("#content")).to_contain_text("ООО «Ромашка»")


def test_axe_finds_nothing_to_say_about_lists_and_forms(admin, site):
    said = {}
    for name in PAGES:
        go(admin, site, name)
        said[name] = said_by_axe(admin)
    assert {name: found for name, found in said.items() if found} == {}


def test_axe_finds_nothing_to_say_about_a_call_and_a_company(admin, site):
    for model, row in (("callguard_call", Call.objects.get()), ("crm_mirror_company", Company.objects.all()[0])):
        go(admin, site, f"{model}_change", row.pk)
        assert said_by_axe(admin) == []


def test_axe_finds_nothing_to_say_about_signing_in(page, site):
    go(page, site, "login")
    assert said_by_axe(page) == []


def said_by_axe(page: Page) -> list[str]:
    page.wait_for_load_state("load")
    expect(page.locator("[role=main]")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]
