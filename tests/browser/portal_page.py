"""A page of the portal with the card script on it: another origin than ours, under a strict content security policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.card import token_of
from tests.cast import IVAN

ORIGIN = "http://portal.test"
STATIC = Path(__file__).parent.parent.parent / "callguard" / "static" / "callguard"
STATES = Path(__file__).parent / "portal"
CARD = "#im-phone-call-view"
BADGE = f"{CARD} .callguard-badge"
STRIPES = (".im-phone-call-wrapper", ".crm-card-show-main", ".im-phone-call-buttons-container")
CLIENT = {"type": "COMPANY", "id": 1, "name": "ООО «Ромашка»", "post": "", "responsible": {"name": "Ольга Петрова"}}
GENERATIONS = ("im", "messenger", "private", "desktop", "none")  # how the open card can be reached: bitrix-card.js
SECOND = ("messenger", "private")  # voximplant's own card, 2023 and later
HTML = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Портал</title>
<link rel="stylesheet" href="/assets/bitrix-card.css"><link rel="stylesheet" href="/states/states.css">
<script src="/assets/bitrix-card.js"></script><script src="/states/states.js"></script>{script}
</head><body><main><h1>Портал</h1></main></body></html>"""
# The colours of everything in the card, the card itself first.
COLOURS = """() => [...document.querySelectorAll("#im-phone-call-view, #im-phone-call-view *")].map((element) => {
  const style = getComputedStyle(element);
  return [element.className, style.backgroundColor, style.color, style.borderTopColor, style.padding].join(" ");
})"""


class PortalPage:
    """Drives the stand-in portal. `said` is what the card script wrote to the console, `asked` what it asked."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.said: list[str] = []
        self.asked: list[tuple[str, str, Any]] = []
        page.on("console", lambda message: "callguard" in message.text and self.said.append(message.text))
        page.on("request", self._note)
        page.route(f"{ORIGIN}/**", self._serve)

    def _note(self, request: Any) -> None:
        if "/api/v1/" in request.url and request.method != "OPTIONS":
            body = json.loads(request.post_data) if request.post_data else None
            self.asked.append((request.method, request.url.split("/api/v1/")[1], body))

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        if path.startswith("/states/"):
            route.fulfill(path=STATES / path.removeprefix("/states/"))
        elif path.startswith("/assets/"):
            route.fulfill(path=STATIC / path.removeprefix("/assets/"))
        elif path == "/":
            policy = f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' {self.site}"
            headers = {"Content-Security-Policy": f"{policy}; connect-src 'self' {self.site}"}
            route.fulfill(
                body=HTML.format(script=self.script), headers=headers, content_type="text/html; charset=utf-8"
            )
        else:
            route.fulfill(status=404)

    def open(
        self, *, token: str | None = None, token_url: str = "", generation: str = "im", script: str = "card.js"
    ) -> None:
        """The page, with Ivan at the phone unless told otherwise; without our script if that is ""."""
        told = f'data-token-url="{token_url}"' if token_url else f'data-token="{token or token_of(IVAN)}"'
        source = f"{self.site}/static/callguard/{script}"
        self.script = f'<script src="{source}" data-api="{self.site}" {told} defer></script>' if script else ""
        self.page.goto(ORIGIN + "/")
        self.do(f"portalStandIn.generation = {generation!r}; portalStandIn.reach(null)")
        if generation in SECOND:
            self.do("document.documentElement.className = 'g2'")

    def add_script(self) -> None:
        """The card script comes late, to a page that is open already."""
        self.page.evaluate(
            """([src, token]) => {
              const script = Object.assign(document.createElement("script"), { src });
              script.dataset.token = token;
              document.head.append(script);
            }""",
            [f"{self.site}/static/callguard/card.js", token_of(IVAN)],
        )

    def do(self, code: str) -> Any:
        return self.page.evaluate(f"() => {{ {code} }}")

    def dial(self, number: str, *, crm: dict[str, Any] | None = CLIENT, **params: Any) -> None:
        self.page.evaluate("([number, more]) => portalStandIn.dial(number, more)", [number, {"crm": crm, **params}])

    def ring(self, number: str, *, crm: dict[str, Any] | None = CLIENT, **params: Any) -> None:
        self.page.evaluate("([number, more]) => portalStandIn.ring(number, more)", [number, {"crm": crm, **params}])

    def expect_asked(self, count: int) -> None:
        """Until the script has asked so often: a card looks repainted before the next request is on its way."""
        for _turn in range(100):
            if len(self.asked) >= count:
                break
            self.page.wait_for_timeout(50)
        assert len(self.asked) == count

    def close(self) -> None:
        self.do("portalStandIn.open.close()")

    def expect_colour(self, colour: str) -> None:
        expect(self.page.locator(CARD)).to_have_attribute("data-callguard", colour)

    def expect_crm_layout(self) -> None:
        expect(self.page.locator(f"{CARD} .crm-card-show-main")).to_be_visible()

    def expect_background(self, selector: str, colour: str) -> None:
        expect(self.page.locator(f"{CARD} {selector}").first).to_have_css("background-color", rgb(colour))

    def colours(self) -> list[str]:
        return self.page.evaluate(COLOURS)

    def verdict_of(self, act: Any) -> dict[str, Any]:
        """The detail of the `callguard:verdict` event that follows the act."""
        self.do("window.heard = []; document.addEventListener('callguard:verdict', (e) => heard.push(e.detail))")
        act()
        self.page.wait_for_function("() => heard.length")
        return self.page.evaluate("() => heard[0]")


def rgb(colour: str) -> str:
    """`#c62828` → `rgb(198, 40, 40)`, as browsers compute it."""
    return "rgb({}, {}, {})".format(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)))
