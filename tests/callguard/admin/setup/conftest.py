"""A server that no portal is connected to and one that is, and the steps of connecting as the pages show them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.callguard.admin.conftest import ROMASHKA
from tests.cast import OLGA, mirror_synced, mirrored_company, mirrored_people

CODES = ["connection", "checks", "provisioning", "sync", "administrators", "card"]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def nowhere(settings):
    """As a fresh checkout is: no portal, no secret."""
    settings.BITRIX_WEBHOOK_URL = settings.PORTAL_ORIGIN = settings.CARD_TOKEN_SECRET = ""
    settings.CARD_ORIGINS = []


@pytest.fixture
def connected(portal, settings):
    """The settings name a portal that knows nothing of us."""
    settings.CARD_ORIGINS = [portal.url]
    return portal


@pytest.fixture
def steps(pages):
    """The steps as the page tells them: code → state."""

    def told() -> dict[str, str]:
        return {step.code: str(step.state) for step in pages.get(reverse("setup:page")).context["steps"]}

    return told


@pytest.fixture
def shown(pages):
    """A step's page in English; `post` presses the button of that name on its way."""

    def page(code: str, button: str = "", **form: str) -> str:
        if button:
            assert pages.post(reverse(f"setup:{button}"), form, headers=ENGLISH).status_code == 302
        answer = pages.get(reverse("setup:step", args=[code]), headers=ENGLISH)
        assert answer.status_code == 200
        return answer.text

    return page


@pytest.fixture
def clients(connected):
    mirrored_people()
    mirrored_company("ООО «Ромашка»", phone=ROMASHKA, responsible=OLGA, status="В работе")
    mirror_synced()
