"""A number tried on another day, and under rules that are not in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard import rules
from callguard.models import Account, Palette, Rule, RuleSetVersion
from callguard.workshop import drafts
from tests.callguard.admin.conftest import ROMASHKA
from tests.cast import IVAN, OLGA, substitution

pytestmark = pytest.mark.usefixtures("mirror")
PROBE = reverse("admin:callguard_call_probe")


def asked(pages, **more):
    sent = {"phone": ROMASHKA, "caller": IVAN.id, "direction": "outgoing", **more}
    return pages.post(PROBE, sent, headers={"accept-language": "en"})


def colour_on(pages, day):
    return asked(pages, day=timezone.localdate(day).isoformat()).context["verdict"]["colour"]


@pytest.fixture
def softer(superuser):
    """A draft under which no card is red."""
    rows = [{**row, "palette": "yellow" if row["palette"] == "red" else row["palette"]} for row in rules.in_force()]
    drafts.save(rows, revision=None, by=superuser, at=timezone.now())


def test_substitutions_of_the_day_count(pages):
    now = timezone.now()
    substitution(IVAN, of=OLGA, first=now + timedelta(days=3))
    assert (colour_on(pages, now), colour_on(pages, now + timedelta(days=3))) == ("red", "none")


def test_the_rules_of_the_day_count(pages):
    now = timezone.now()
    RuleSetVersion.objects.update(published_at=now - timedelta(days=9))
    Rule.objects.filter(palette__code="red").update(palette=Palette.objects.get(code="yellow"))
    rules.publish(by=None, at=now - timedelta(days=2))
    colours = [colour_on(pages, now - timedelta(days=ago)) for ago in (99, 9, 3, 2, 0)]
    assert colours == ["red", "red", "red", "yellow", "yellow"]


def test_the_draft_is_tried_and_the_answer_says_so(pages, softer):
    assert asked(pages).context["verdict"]["colour"] == "red"
    answer = asked(pages, by_draft="on")
    assert answer.context["verdict"]["colour"] == "yellow"
    assert dict(answer.context["facts"])["version of the rules"] == "draft"


def test_without_a_draft_there_is_nothing_to_tick(pages):
    assert "by_draft" not in pages.get(PROBE).context["form"].fields
    assert asked(pages, by_draft="on").context["verdict"]["colour"] == "red"


def test_an_employee_tries_no_draft(softer):
    client = Client()
    client.force_login(Account.objects.create(username="ivan", is_staff=True, employee_id=IVAN.id))
    assert "by_draft" not in client.get(PROBE).context["form"].fields
    assert asked(client, by_draft="on").context["verdict"]["colour"] == "red"


def test_rules_of_that_day_that_cannot_be_followed_any_more_are_named(pages):
    Rule.objects.filter(tier="lead").delete()
    Palette.objects.get(code="blue").delete()
    today = timezone.localdate().isoformat()
    assert "Rules left out" in asked(pages, day=today).text
    assert "Rules left out" not in asked(pages).text
