"""A round of what changed, as cron asks for it; in test_delta_doubts.py no time passes before one."""

from __future__ import annotations

import pytest
import requests

from crm_mirror.models import Company
from tests.portal import PortalDriver


@pytest.fixture
def delta(portal: PortalDriver, sync):
    """A delta round; the first call reads everything before it. Time passes in the portal in between."""

    def run(**how):
        portal.portal.clock.advance(60)
        return sync(full=False, **how)

    return run


def titles() -> list[str]:
    return list(Company.objects.live().values_list("title", flat=True))


def renamed(portal: PortalDriver, company: int, title: str) -> None:
    """By HTTP, so that the portal's wrong clock stamps the change as well."""
    change = {"id": company, "fields": {"TITLE": title}}
    assert requests.post(f"{portal.webhook}crm.company.update", json=change, timeout=5).ok
