"""The admin's pages, signed in and not, as in tests/callguard/admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.callguard.admin.conftest import pages, superuser

__all__ = ["pages", "superuser"]

PAGE, PROGRESS, BEGIN = (f"admin:crm_mirror_syncrun_{name}" for name in ("page", "progress", "begin"))


@pytest.fixture
def shown(pages: Client) -> Callable[..., str]:
    """The sync page in English; `shown(order="sync", …)` as its address says."""

    def page(**query: object) -> str:
        answer = pages.get(reverse(PAGE), query, headers={"accept-language": "en"})
        assert answer.status_code == 200
        return answer.text

    return page
