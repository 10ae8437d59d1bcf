"""The card in a real browser with the real API at 1 M phones: card in the page → painted, and what it costs."""

from __future__ import annotations

import os
import random
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import CDPSession, sync_playwright

from callguard.access.tokens import CardToken, issued
from tests.bench.database import fill, migrated, number
from tests.bench.verdicts import serving
from tests.browser.chromium import ARGUMENTS, program
from tests.browser.portal_page import PortalPage

PHONES = 1_000_000
CALLS = int(os.environ.get("BENCH_CALLS", "150"))
SCRIPT = "card.min.js"
SIZE = Path(__file__).parent.parent.parent / "callguard" / "static" / "callguard" / SCRIPT
WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")  # of Chromium's main thread, in seconds
# Calls one after the other, each through the life of a card. Times in ms from the card's appearance to the frame that
# shows its colour, of those that get one.
LIVES = """async ([numbers, painted, way]) => {
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  const crm = { type: "COMPANY", id: 1, name: "ООО «Ромашка»", responsible: { name: "Ольга Петрова" } };
  const times = [];
  let named = 0;
  BX.addCustomEvent("onPullEvent-voximplant", () => { named = performance.now(); });
  for (const number of numbers) {
    const heard = new Promise((go, fail) => {
      document.addEventListener("callguard:verdict", (event) => go(event.detail), { once: true });
      if (painted) setTimeout(() => fail(new Error("no verdict")), 5000);
    });
    portalStandIn[way](number, { crm });
    const shown = performance.now();
    if (painted) {
      const verdict = await heard; // "none" has one as well
      await frame();
      if (verdict.colour !== "none") times.push(performance.now() - (way === "dial" ? named : shown));
    }
    await pause(400);
    portalStandIn.connect();
    await pause(20);
    portalStandIn.open.fold();
    await pause(20);
    portalStandIn.open.unfold();
    portalStandIn.hangup();
    await pause(20);
    portalStandIn.open.close();
    await pause(300); // the end of this call is told before the next one rings
  }
  return times;
}"""


def numbers(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [number(chance.randrange(PHONES), PHONES) for _call in range(CALLS)]


def work_of(session: CDPSession) -> float:
    """Seconds of main-thread work so far."""
    metrics = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    return sum(metrics[name] for name in WORK)


def lives(portal: PortalPage, token: str, *, script: str, seed: int, way: str = "ring") -> tuple[list[float], float]:
    """Times to the colour, and ms of main-thread work per call, ours and the portal's."""
    portal.open(token=token, script=script)
    session = portal.page.context.new_cdp_session(portal.page)
    session.send("Performance.enable")
    portal.page.wait_for_timeout(1000)
    before = work_of(session)
    times: list[float] = portal.page.evaluate(LIVES, [numbers(seed), bool(script), way])
    return times, (work_of(session) - before) * 1000 / CALLS


def measured(site: str) -> dict[str, Any]:
    in_an_hour, now = timedelta(hours=1), datetime.now(tz=UTC)
    token = issued(CardToken(77), secret=settings.CARD_TOKEN_SECRET, ttl=in_an_hour, at=now)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(0)
        portal = PortalPage(page, site)
        lives(portal, token, script=SCRIPT, seed=0)  # warms up the server and the browser
        incoming, with_us = lives(portal, token, script=SCRIPT, seed=1)
        _none, without_us = lives(portal, token, script="", seed=1)
        dialled, _work = lives(portal, token, script=SCRIPT, seed=2, way="dial")
        browser.close()
    if portal.said:
        raise SystemExit(f"The card script complains: {portal.said[:3]}")
    return {"incoming": incoming, "dialled": dialled, "work": with_us - without_us, "portal": without_us}


def run() -> dict[str, Any]:
    """Print the figures and return them."""
    name = "callguard_bench_card"
    with migrated(name) as url:
        fill(name, PHONES)
        with serving(url) as port:
            found = measured(f"http://127.0.0.1:{port}")
    print(f"\nThe card on PostgreSQL, {PHONES:,} phones, {CALLS} calls each, in ms")  # noqa: T201
    for way, since in (("incoming", "card in the page"), ("dialled", "the portal's push with its ID")):
        times = found[way]
        p95 = statistics.quantiles(times, n=20)[18]
        print(f"  {way:9} {since} → painted: p50 {statistics.median(times):.0f}, p95 {p95:.0f} (wanted ≤ 150)")  # noqa: T201
    print(f"  main thread per call: {found['work']:.1f} (wanted ≤ 5) beside the portal's own {found['portal']:.1f}")  # noqa: T201
    print(f"  {SCRIPT}: {SIZE.stat().st_size:,} bytes (wanted ≤ 12,288)")  # noqa: T201
    return found
