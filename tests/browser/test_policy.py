"""The content security policy in a real browser: no page of ours breaks it, and none of it says 'unsafe-inline'."""

from __future__ import annotations

import pytest
from django.contrib.admin import site as site_of_admin
from django.test import Client
from playwright.sync_api import Page, expect

from callguard.models import Call, Palette
from crm_mirror.models import Company
from tests.browser.test_admin_pages import PAGES, admin, go

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
__all__ = ["admin"]
LISTEN = """
document.addEventListener("securitypolicyviolation", (e) => {
  (window.violations ||= []).push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`);
});
"""


def broken_by(page: Page) -> list[str]:
    """What the browser refused on this page since it began to load."""
    page.wait_for_load_state("networkidle")
    found: list[str] = page.evaluate("window.violations || []")
    return sorted(set(found))


@pytest.fixture
def watched(page: Page) -> Page:
    page.add_init_script(LISTEN)
    return page


def test_no_page_of_the_admin_breaks_it(watched, admin, site):
    said = {}
    lists = (f"{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site_of_admin._registry)
    adding = ("callguard_account_add", "django_celery_beat_crontabschedule_add")
    for name in sorted({*PAGES, *lists, *adding, "crm_mirror_syncrun_page", "password_change"}):
        go(admin, site, name)
        said[name] = broken_by(admin)
    rows = {
        "callguard_palette_change": Palette.objects.get(code="red").pk,
        "callguard_call_change": Call.objects.get().pk,
        "crm_mirror_company_change": Company.objects.all()[0].pk,
    }
    for name, pk in rows.items():
        go(admin, site, name, pk)
        said[name] = broken_by(admin)
    assert {name: found for name, found in said.items() if found} == {}


@pytest.mark.parametrize("path", ["/admin/login/", "/signin/return/?state=x", "/demo/", "/api/docs/", "/nothing/here"])
def test_no_page_for_strangers_breaks_it(watched, site, path):
    watched.goto(site + path)
    assert broken_by(watched) == []


def test_nor_does_what_people_do_there(watched, admin, site):
    """Choosing somebody by name, picking a day, ticking a row, searching: libraries write into the page as they go."""
    go(admin, site, "callguard_substitution_add")
    admin.locator(".select2-selection").first.click()
    admin.locator(".select2-search__field").fill("иван")
    admin.locator(".select2-results__option", has_text="Иван Сидоров").click()
    admin.locator("a[id^=calendarlink]").first.click()
    admin.locator(".calendarbox a", has_text="15").first.click()
    assert broken_by(admin) == []
    go(admin, site, "crm_mirror_inboxevent_changelist")
    admin.locator("input.action-select").first.check()
    expect(admin.locator("#changelist-actions")).to_be_visible()
    admin.locator("body").press("Control+k")
    admin.keyboard.type("Правила")
    expect(admin.locator("#command-results, [id*=command]").first).to_be_attached()
    assert broken_by(admin) == []


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/admin/login/", "/signin/", "/demo/", "/api/docs/", "/api/v1/verdict/", "/x"]
)
def test_every_answer_has_one_and_none_allows_inline_code(client, site, path):
    policy = Client().get(path)["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy


def test_code_is_evaluated_in_the_admin_alone(site):
    assert [path for path in ("/admin/login/", "/demo/", "/api/docs/", "/x") if is_loose(path)] == ["/admin/login/"]


def is_loose(path: str) -> bool:
    return "unsafe-eval" in Client().get(path)["Content-Security-Policy"]


def test_the_bar_of_actions_is_as_wide_as_its_list(watched, admin, site):
    """unfold gives its width as a text, which the policy forbids and our script puts right."""
    go(admin, site, "crm_mirror_inboxevent_changelist")
    assert admin.locator("#changelist-actions").evaluate("bar => bar.style.width").endswith("px")
