"""The rule set in force, its versions and its gaps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard import palettes, rules
from callguard.answer import verdict_for
from callguard.models import About, History, Palette, Rule, RuleSetVersion, StatusMatch, Tier
from crm_mirror.models import Status
from tests.cast import IVAN, mirror_synced, mirrored_company, mirrored_contact, mirrored_people

PHONE = "+79161234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mirror():
    mirrored_people()
    mirror_synced()


def said():
    verdict = verdict_for(PHONE, caller_id=IVAN.id, at=timezone.now()).verdict
    return verdict.colour, verdict.rules_version


def test_a_fresh_installation_has_the_published_rules_as_version_1():
    mirrored_company("Ромашка", phone=PHONE, status="В обработке")
    assert said() == ("yellow", 1)


def test_an_edit_holds_from_its_publication_on_under_the_next_version():
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    assert said() == ("red", 1)
    Rule.objects.filter(status__name="В работе").update(palette=Palette.objects.get(code="yellow"))
    version = rules.publish(by=None, at=timezone.now(), note="Мягче")
    assert (version.version, version.note) == (2, "Мягче")
    assert said() == ("yellow", 2)


def test_publishing_is_in_the_history_and_publishing_the_same_again_is_not():
    Rule.objects.filter(status__name="В работе").update(palette=Palette.objects.get(code="yellow"))
    rules.publish(by=None, at=timezone.now())
    rules.publish(by=None, at=timezone.now())
    line = History.objects.get(about=About.RULE)
    versions = RuleSetVersion.objects.order_by("version")
    assert (line.object_id, line.before, line.after) == ("2", versions[0].rules, versions[1].rules)


def test_a_version_keeps_the_rules_in_words():
    version = rules.publish(by=None, at=timezone.now())
    first = RuleSetVersion.objects.get(version=1)
    values = {None: None} | dict(Status.objects.values_list("name", "value"))
    assert version.rules == [{**row, "status_value": values[row["status"]]} for row in first.rules]
    assert {
        "tier": "contact",
        "match": "any",
        "status": None,
        "palette": "yellow",
        "applies_to_own": True,
    } in first.rules


def test_a_palettes_new_severity_counts_from_its_publication_on():
    mirrored_company("А", phone=PHONE, status="В работе")
    mirrored_company("Б", phone=PHONE, status="В обработке")
    assert said() == ("red", 1)
    yellow = Palette.objects.get(code="yellow")
    yellow.severity = 99
    palettes.publish(yellow, by=None, at=timezone.now() + timedelta(seconds=1))
    assert said() == ("yellow", 1)


def test_the_switch_for_own_clients_counts():
    mirrored_contact("Пётр", phone=PHONE, responsible=IVAN)
    assert said() == ("yellow", 1)
    Rule.objects.filter(tier=Tier.CONTACT).update(applies_to_own=False)
    rules.publish(by=None, at=timezone.now())
    assert said() == ("none", 2)


def test_a_status_without_a_rule_is_a_gap_in_each_company_tier():
    assert rules.gaps() == []
    new = Status.objects.create(value="77", name="Отложен")
    assert rules.gaps() == [(Tier.COMPANY, new), (Tier.COMPANY_CONTACT, new)]
    Rule.objects.create(tier=Tier.COMPANY, match=StatusMatch.ANY)
    assert rules.gaps() == [(Tier.COMPANY_CONTACT, new)]
    Status.objects.filter(pk=new.pk).update(retired_at=timezone.now())
    assert rules.gaps() == []
