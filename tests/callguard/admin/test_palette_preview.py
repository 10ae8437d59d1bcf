"""The frames of the palette's page: for editors, framed by our own pages alone, with nothing to ask of the server."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from callguard.models import Palette
from callguard.palettes import LOOK, values_of
from tests.permissions import world as worlds

pytestmark = pytest.mark.django_db
PREVIEW = reverse("admin:callguard_palette_preview")


def told(page):
    return json.loads(re.search(r'id="told" type="application/json">(.+?)</script>', page.text)[1])


def test_our_own_pages_may_frame_it_and_nobody_else(pages):
    answer = pages.get(PREVIEW)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy
    assert not re.search("unsafe|connect-src", policy)


def test_the_page_around_it_may_frame_only_our_own(pages):
    page = pages.get(reverse("admin:callguard_palette_add"))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert page.text.count(f'data-src="{PREVIEW}?layout=') == 2


@pytest.mark.parametrize(("asked", "shown"), [("simple", "simple"), ("crm", "crm"), ("", "simple"), ("<b>", "simple")])
def test_each_layout_has_its_page(pages, asked, shown):
    assert f'data-layout="{shown}"' in pages.get(PREVIEW, {"layout": asked}).text


def test_every_part_of_a_look_has_its_place_in_the_palette_of_the_verdict(pages):
    """Else an edited colour would not be seen: `severity` alone is not, and the label of the other language."""
    places = json.dumps(told(pages.get(PREVIEW))["verdict"]["palette"])
    assert {name for name in LOOK if f'"{name}"' in places} == set(LOOK) - {"severity", "label_en"}
    assert set(values_of(Palette.objects.get(code="red"))) == set(LOOK)


def test_it_speaks_the_language_of_the_reader(pages):
    english = told(pages.get(PREVIEW, headers={"accept-language": "en"}))["verdict"]
    assert english["palette"]["label"] == "label_en"
    assert english["message"] == "A colleague's client: “Romashka Ltd”, “In work”, responsible: Olga Petrova."
    assert "«В работе»" in told(pages.get(PREVIEW))["verdict"]["message"]


def test_it_is_read_and_not_written_to(pages):
    assert pages.post(PREVIEW).status_code == 405


def test_supervisors_see_it_and_employees_do_not(db):
    world = worlds.made()
    seen = {}
    for role in ("supervisor", "employee"):
        client = Client()
        client.force_login(world.accounts[role])
        seen[role] = client.get(PREVIEW).status_code
    assert seen == {"supervisor": 200, "employee": 403}
    assert Client().get(PREVIEW).status_code == 302
