"""Every colour × generation × layout as the small script paints it, put together on one sheet for the eye.

`PICTURES=docs/img pytest <this file>` renews docs/img/card-contact-sheet.png.
"""

import base64
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.clients import BLUE, RED, YELLOW
from tests.browser.portal_page import CARD, CLIENT, PortalPage

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
NUMBERS = {"red": RED, "yellow": YELLOW, "blue": BLUE}
GENERATIONS = {"im": "G1 · 2017–2023", "private": "G2 · 2023–2024", "messenger": "G2+ · 2024–2026"}
LAYOUTS = ("simple layout", "CRM layout", "detailed client", "with sidebar", "folded")
PLACE = "portalStandIn.place = (card) => { card.style.left = '20px'; card.style.top = '20px'; }"
SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Call cards</title><style>
body{margin:24px;font:16px "DejaVu Sans",sans-serif;background:#f4f5f7;color:#222}
table{border-spacing:14px} th{font-weight:normal;text-align:left;vertical-align:bottom} td{vertical-align:top}
img{display:block;height:260px;box-shadow:0 1px 4px #0004} .folded img{height:auto;width:150px}</style>
<h1>The card in every colour, generation and layout</h1><table>"""


def pictures_of_one_call(portal: PortalPage, number: str, generation: str) -> list[bytes]:
    """One call through all layouts, in the order of LAYOUTS."""
    portal.open(generation=generation, script="card.min.js")
    portal.do(PLACE)
    portal.ring(number, crm=None)
    expect(portal.page.locator(f"{CARD} .callguard-badge")).to_be_visible()
    portal.page.wait_for_timeout(350)  # the card fades in
    taken = [shot(portal, CARD)]
    portal.page.evaluate("(crm) => { portalStandIn.open.crmData = crm; portalStandIn.open.onCrmAnswer() }", CLIENT)
    portal.do("portalStandIn.connect()")
    for step in ("", "portalStandIn.showDetailedCard()", "portalStandIn.openSidebar()"):
        portal.do(step)
        portal.page.wait_for_timeout(350)  # buttons fade into their colours
        taken.append(shot(portal, CARD))
    portal.do("portalStandIn.open.fold()")
    expect(portal.page.locator(".im-phone-call-panel-mini .callguard-badge")).to_be_visible()
    size = portal.page.viewport_size
    box = {"x": 0, "y": size["height"] - 150, "width": 360, "height": 150}
    return [*taken, portal.page.screenshot(clip=box)]


def shot(portal: PortalPage, selector: str) -> bytes:
    return portal.page.locator(selector).screenshot()


def cell(picture: bytes, layout: str) -> str:
    data = base64.b64encode(picture).decode()
    return f'<td class="{layout.split()[0]}"><img alt="{layout}" src="data:image/png;base64,{data}"></td>'


def test_a_sheet_of_every_colour_generation_and_layout(portal, tmp_path):
    rows = ["<tr><th></th>" + "".join(f"<th>{layout}</th>" for layout in LAYOUTS) + "</tr>"]
    for colour, number in NUMBERS.items():
        for generation, name in GENERATIONS.items():
            taken = pictures_of_one_call(portal, number, generation)
            assert len(taken) == len(LAYOUTS) == len(set(taken))  # each layout looks different
            cells = "".join(cell(picture, layout) for picture, layout in zip(taken, LAYOUTS, strict=True))
            rows.append(f"<tr><th>{colour}<br>{name}</th>{cells}</tr>")
    assert portal.said == []
    sheet = portal.page.context.new_page()
    sheet.set_viewport_size({"width": 1800, "height": 900})
    sheet.set_content(SHEET + "".join(rows) + "</table>")
    file = Path(os.environ.get("PICTURES") or tmp_path) / "card-contact-sheet.png"
    sheet.screenshot(path=file, full_page=True)
    assert file.stat().st_size > 100_000
