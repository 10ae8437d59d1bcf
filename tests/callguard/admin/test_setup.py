"""Connecting a portal by the pages: each step in each state, against the sandbox portal."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
CODES = ["connection", "checks", "provisioning", "sync", "administrators", "card"]


@pytest.mark.parametrize("code", CODES)
def test_each_step_opens_without_any_portal_in_both_languages(pages, settings, code):
    settings.BITRIX_WEBHOOK_URL = settings.PORTAL_ORIGIN = ""
    for language in ("ru", "en"):
        answer = pages.get(reverse("setup:step", args=[code]), headers={"accept-language": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
