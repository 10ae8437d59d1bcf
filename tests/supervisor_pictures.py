"""`python -m tests.supervisor_pictures http://127.0.0.1:8000`: the pictures of docs/supervisor.md and of the README.

Taken of a running `make demo`, in both languages, into docs/img; the pages are found as a reader finds them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, program

FOLDER = Path(__file__).parent.parent / "docs" / "img"
DESK, PHONE = {"width": 1440, "height": 1180}, {"width": 390, "height": 844}
LOCALES = {"": "ru-RU", ".en": "en-GB"}  # by what stands in the file's name
POACHER, HONEST, HEAD_OF_HIS = "Роман Щукин", "Вера Голубева", "Степан Ершов"
AS_HEAD, AS_EMPLOYEE, AS_ADMINISTRATOR = "marina", "vera", "demo"


def overview(page: Page) -> None:
    page.goto("/dashboard/")


def matrix(page: Page) -> None:
    page.goto("/dashboard/")
    below_the_bar(page, ".dash-matrix")


def poachers_conflict(page: Page) -> None:
    """The newest call but one after which the client went to him: with that client he has won a deal since."""
    page.goto("/dashboard/?period=90")
    person = page.get_by_role("link", name=POACHER).first.get_attribute("href") or ""
    page.goto(person)
    number = person.rstrip("/").split("/")[-1].split("?")[0]
    page.goto(f"/dashboard/calls/?period=90&figure=takeovers&person={number}")
    page.locator("a[href*='/dashboard/calls/'], a[href*='/dashboard/conflicts/']").filter(has_text=":").nth(1).click()


def own_record(page: Page) -> None:
    page.goto("/dashboard/me/")


def excused(page: Page) -> None:
    page.goto("/dashboard/me/")
    page.locator("tr", has_text=HEAD_OF_HIS).first.get_by_role("link").first.click()


def disputes(page: Page) -> None:
    page.goto("/dashboard/disputes/")


def kpi(page: Page) -> None:
    page.goto("/dashboard/kpi/?period=90")
    page.locator("tr", has_text=POACHER).first.scroll_into_view_if_needed()


def cleaning(page: Page) -> None:
    page.goto("/dashboard/cleaning/")


def workshop(page: Page) -> None:
    page.goto("/dashboard/rules/")


def below_the_bar(page: Page, selector: str) -> None:
    page.locator(selector).first.evaluate("one => { one.scrollIntoView(); scrollBy(0, -140) }")


Shot = tuple[str, str, dict[str, int], Callable[[Page], None]]
SHOTS: tuple[Shot, ...] = (
    ("overview", AS_HEAD, DESK, overview),
    ("matrix", AS_HEAD, DESK, matrix),
    ("phone", AS_HEAD, PHONE, overview),
    ("poacher", AS_HEAD, DESK, poachers_conflict),
    ("own", AS_EMPLOYEE, DESK, own_record),
    ("excused", AS_EMPLOYEE, DESK, excused),
    ("disputes", AS_HEAD, {"width": 1440, "height": 640}, disputes),
    ("kpi", AS_HEAD, {"width": 1440, "height": 800}, kpi),
    ("cleaning", AS_HEAD, {"width": 1440, "height": 900}, cleaning),
    ("workshop", AS_ADMINISTRATOR, {"width": 1440, "height": 860}, workshop),
)


def main(site: str, only: list[str]) -> None:
    with sync_playwright() as playwright:
        for ending, locale in LOCALES.items():
            language = {"LANGUAGE": locale.replace("-", "_")}  # in which the browser itself writes its fields of dates
            browser = playwright.chromium.launch(
                executable_path=program(), args=ARGUMENTS, env={**os.environ, **language}
            )
            for name, account, size, go in SHOTS:
                if not only or name in only:
                    with signed_in(browser, site, account, locale, size) as page:
                        go(page)
                        page.wait_for_load_state("networkidle")
                        page.wait_for_timeout(900)  # charts grow into their shape
                        page.screenshot(path=FOLDER / f"supervisor-{name}{ending}.png")
                    sys.stdout.write(f"supervisor-{name}{ending}.png\n")
            browser.close()


@contextmanager
def signed_in(browser: Browser, site: str, account: str, locale: str, size: dict[str, int]):
    context = browser.new_context(base_url=site, locale=locale, viewport=size, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/admin/login/?next=/dashboard/me/")
    page.fill("[name=username]", account)
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/dashboard/me/**")
    yield page
    context.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
