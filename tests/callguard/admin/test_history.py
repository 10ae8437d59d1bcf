"""History in the admin: read, exported, never changed."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard import history
from callguard.models import About, History, Origin

pytestmark = pytest.mark.usefixtures("mirror")
LIST = reverse("admin:callguard_history_changelist")


@pytest.fixture
def line(db):
    facts = {"before": None, "after": {"name": "Новый"}, "by": None, "origin": Origin.PORTAL, "at": timezone.now()}
    history.note(About.STATUS, 5, title="=cmd()", **facts)
    return History.objects.get()


def test_the_list_and_the_page_show_a_line_and_offer_no_change(pages, line):
    assert "=cmd()" in pages.get(LIST).text
    page = pages.get(reverse("admin:callguard_history_change", args=[line.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    for address in ("add", "delete"):
        where = reverse(f"admin:callguard_history_{address}", args=[line.pk] if address == "delete" else [])
        assert pages.get(where).status_code == 403


def test_the_export_is_a_table_without_formulas(pages, line):
    answer = pages.post(LIST, {"action": "export", "_selected_action": [line.pk]})
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffat,about,object_id")
    assert "'=cmd()" in text
    assert "Новый" in text
