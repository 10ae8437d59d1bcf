"""The portal's side of a placement: the page that frames ours and speaks the vendor's postMessage protocol.

Written after what the vendor's rest module does (rest/applayout.js): "command:params:callback:sid" comes,
"callback:json" goes back; a subscription is not acknowledged, its callback is called at each event; who has another
sid is not heard.
The SDK in the frame is the vendor's own, unmodified.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from playwright.sync_api import FrameLocator, Page

from crm_mirror.sandbox import installation
from tests.crm_mirror.conftest import APP_ID
from tests.portal import PortalDriver

SID = "9c33468728e1d2c8c97562475edfd96f"
HTML = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Портал</title></head><body>
<form id="open" method="post" target="{name}" action="{action}">{fields}</form>
<iframe name="{name}" title="Call Guard" width="600" height="500"></iframe>
<script>
const given = {given};
const heard = window.heard = [];
const handlers = window.handlers = {{}};
const frame = document.querySelector("iframe");
function cut(text) {{
  const pieces = text.split(":");
  const [callback, sid] = pieces.slice(-2);
  return [pieces[0], pieces.slice(1, -2).join(":"), callback, sid];
}}
window.addEventListener("message", (event) => {{
  if (event.origin !== given.app || typeof event.data !== "string") return;
  const [command, params, callback, sid] = cut(event.data);
  if (sid !== given.sid) return;
  const facts = params ? JSON.parse(params) : [];
  heard.push([command, facts]);
  const answer = (result) =>
    frame.contentWindow.postMessage(callback + ":" + (result === undefined ? "" : JSON.stringify(result)), given.app);
  if (command === "getInitData") answer(given.init);
  else if (command === "refreshAuth") answer(given.fresh);
  else if (command === "placementBindEvent") (handlers[facts.event] ||= []).push(answer);
  else if (command in given.answers) answer(given.answers[command]);
}});
window.fire = (event, facts) => (handlers[event] || []).forEach((tell) => tell(facts));
document.getElementById("open").submit();
</script></body></html>"""


class PlacementHost:
    """Opens a place of ours for somebody, in a page of the sandbox portal's own origin."""

    def __init__(self, page: Page, site: str, portal: PortalDriver, origin: str) -> None:
        self.page, self.site, self.portal, self.origin = page, site, portal, origin
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))

    def open(
        self, place: str, placement: str, options: dict[str, Any], *, by: int, answers: dict[str, Any] | None = None
    ) -> FrameLocator:
        address, form = installation.opening(self.portal.portal, APP_ID, by)
        _again, fresh = installation.opening(self.portal.portal, APP_ID, by)
        form |= {"PLACEMENT": placement, "PLACEMENT_OPTIONS": json.dumps(options)}
        host = self.origin.split("://")[1]
        init = {
            "LANG": "ru",
            "DOMAIN": host,
            "PROTOCOL": 0,
            "PATH": "/rest",
            "AUTH_ID": form["AUTH_ID"],
            "AUTH_EXPIRES": 3600,
            "REFRESH_ID": form["REFRESH_ID"],
            "MEMBER_ID": form["member_id"],
            "FIRST_RUN": False,
            "IS_ADMIN": False,
            "INSTALL": True,
            "USER_OPTIONS": "",
            "APP_OPTIONS": "",
            "PLACEMENT": placement,
            "PLACEMENT_OPTIONS": options,
        }
        given = {
            "app": self.site,
            "sid": SID,
            "init": init,
            "fresh": {"AUTH_ID": fresh["AUTH_ID"], "AUTH_EXPIRES": 3600, "REFRESH_ID": fresh["REFRESH_ID"]},
            "answers": answers or {},
        }
        fields = "".join(f'<input type="hidden" name="{one}" value="{escape(value)}">' for one, value in form.items())
        body = HTML.format(
            name=f"{host}|0|{SID}",
            action=f"{self.site}/bitrix/cloud/{place}/?{address.partition('?')[2]}",
            fields=fields,
            given=json.dumps(given),
        )
        self.page.route(
            f"{self.origin}/host", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8")
        )
        self.page.goto(f"{self.origin}/host")
        return self.page.frame_locator("iframe")

    def fire(self, event: str, facts: dict[str, Any]) -> None:
        self.page.wait_for_function("event => (window.handlers[event] || []).length > 0", arg=event)
        self.page.evaluate("([event, facts]) => window.fire(event, facts)", [event, facts])

    def heard(self, command: str) -> list[Any]:
        """What the frame asked the portal's page for, by the command's name."""
        return [facts for name, facts in self.page.evaluate("window.heard") if name == command]
