"""Drafts of rules: published, overtaken, rolled back, called errors."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import rules
from callguard.models import About, History, Palette, Rule, RuleDraft, RuleSetVersion
from callguard.workshop import drafts, errors
from callguard.workshop.sets import Reference
from crm_mirror.models import Status
from tests.callguard.workshop.conftest import RED, drafted, edited, rung

pytestmark = pytest.mark.django_db


def published(root, **colours):
    return drafts.publish(revision=drafted(root, **colours), by=root, at=timezone.now(), note="Мягче")


def test_a_draft_paints_nothing_until_it_is_published(root, clients):
    revision = drafted(root, company_В_работе="yellow")
    assert rung("1", RED).colour == "red"
    version = drafts.publish(revision=revision, by=root, at=timezone.now(), note="Мягче")
    assert (version.version, version.note, version.published_by) == (2, "Мягче", root)
    assert rung("2", RED).colour == "yellow"
    assert drafts.current() is None


def test_publishing_a_draft_is_in_the_history_with_what_was_and_who(root):
    version = published(root, company_В_работе="yellow")
    line = History.objects.get(about=About.RULE)
    assert (line.object_id, line.actor_name, line.after) == ("2", "root", version.rules)


def test_rules_that_the_draft_lacks_go_and_new_ones_come(root):
    rows = [row for row in edited() if row["tier"] != "lead"]
    rows.append({**rows[0], "tier": "company", "match": "any", "status": None, "status_value": None, "palette": "blue"})
    drafts.save(rows, revision=None, by=root, at=timezone.now())
    drafts.publish(revision=1, by=root, at=timezone.now())
    assert not Rule.objects.filter(tier="lead").exists()
    assert Rule.objects.get(tier="company", match="any").palette.code == "blue"
    assert drafts.same(rules.in_force(), rows, Reference.now())


def test_a_draft_that_says_nothing_new_is_not_published(root):
    with pytest.raises(drafts.NothingNew):
        published(root)
    assert RuleSetVersion.objects.count() == 1
    assert RuleDraft.objects.exists()


def test_of_two_people_at_one_draft_the_second_is_told(root):
    revision = drafted(root)
    drafts.save(edited(lead_any="red"), revision=revision, by=root, at=timezone.now())
    with pytest.raises(drafts.DraftMoved):
        drafts.save(edited(lead_any="yellow"), revision=revision, by=root, at=timezone.now())
    with pytest.raises(drafts.DraftMoved):
        drafts.save(edited(), revision=None, by=root, at=timezone.now())
    with pytest.raises(drafts.DraftMoved):
        drafts.discard(revision=revision)
    with pytest.raises(drafts.DraftMoved):
        drafts.publish(revision=revision, by=root, at=timezone.now())


def test_rules_published_meanwhile_are_told_once_before_the_draft_overrules_them(root):
    revision = drafted(root, lead_any="red")
    rules.publish(by=None, at=timezone.now())
    with pytest.raises(drafts.RulesMoved) as told:
        drafts.publish(revision=revision, by=root, at=timezone.now())
    assert told.value.version == 2
    assert drafts.publish(revision=revision, by=root, at=timezone.now()).version == 3


def test_an_earlier_version_comes_back_as_the_next_one(root, clients):
    published(root, company_В_работе="yellow")
    first = RuleSetVersion.objects.get(version=1)
    version = drafts.roll_back(first, by=root, at=timezone.now(), note="Назад")
    assert (version.version, version.note) == (3, "Назад")
    assert rung("1", RED).colour == "red"


def test_rolling_back_leaves_out_rules_whose_palette_or_status_is_gone(root):
    spare = Status.objects.create(value="77", name="Отказ")
    palette = Palette.objects.get(code="blue")
    Rule.objects.create(tier="company", match="one", status=spare, palette=palette)
    old = rules.publish(by=None, at=timezone.now())
    spare.delete()
    Rule.objects.filter(tier="lead").delete()
    palette.delete()
    rules.publish(by=None, at=timezone.now())
    reference = Reference.now()
    assert [(row["tier"], row["status"]) for row in reference.lost(old.rules)] == [("lead", None), ("company", "Отказ")]
    with pytest.raises(drafts.NothingNew):
        drafts.roll_back(old, by=root, at=timezone.now())


def test_a_status_renamed_since_is_still_the_status_of_the_rule(root):
    old = rules.publish(by=None, at=timezone.now())
    Status.objects.filter(name="В работе").update(name="Наш клиент")
    assert Reference.now().lost(old.rules) == []


def test_a_status_whose_seeded_value_the_portal_has_replaced_is_found_by_name(root):
    old = rules.publish(by=None, at=timezone.now())
    Status.objects.filter(name="В работе").update(value="4711")
    assert Reference.now().lost(old.rules) == []


def test_a_version_called_an_error_says_since_when_and_may_be_cleared_of_it(root):
    published(root, company_В_работе="yellow")
    at = timezone.now()
    first = RuleSetVersion.objects.get(version=1)
    drafts.roll_back(first, by=root, at=at, errors=[2])
    assert dict(RuleSetVersion.objects.values_list("version", "withdrawn_at")) == {1: None, 2: at, 3: None}
    assert errors.withdraw([2], by=root, at=at) == []
    assert errors.reinstate([2], by=root, at=at) == [2]
    said = History.objects.filter(about=About.RULE, object_id="2").order_by("-id").values_list("after", flat=True)
    assert [one for one in said if "withdrawn" in one] == [{"withdrawn": False}, {"withdrawn": True}]


def test_gaps_of_a_draft_are_statuses_in_use_without_a_rule():
    new = Status.objects.create(value="77", name="Отложен")
    rows, reference = edited(), Reference.now()
    assert reference.gaps(rows) == rules.gaps() == [("company", new), ("company_contact", new)]
    general = {"tier": "company", "match": "any", "status": None, "palette": None, "applies_to_own": False}
    assert reference.gaps([*rows, general]) == [("company_contact", new)]
