"""Rules in the admin: one version per save, who and when, gaps on top, and what changed between versions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import Palette, Rule, RuleSetVersion
from crm_mirror.models import Status

pytestmark = pytest.mark.django_db
LIST = reverse("admin:callguard_rule_changelist")


def versions() -> list[int]:
    return list(RuleSetVersion.objects.order_by("version").values_list("version", flat=True))


def table(pages, **edited):
    """The table as the page would send it back, with some cells edited: `palette_0="2"` is the first row's."""
    formset = pages.get(LIST, headers={"accept-language": "en"}).context["cl"].formset
    data = {f"form-{name}_FORMS": str(len(formset.forms)) for name in ("TOTAL", "INITIAL")} | {"_save": "Save"}
    for number, form in enumerate(formset.forms):
        data[f"form-{number}-id"] = str(form.instance.pk)
        data[f"form-{number}-palette"] = str(form.instance.palette_id or "")
        if form.instance.applies_to_own:
            data[f"form-{number}-applies_to_own"] = "on"
    for name, value in edited.items():
        field, number = name.rsplit("_", 1)
        data[f"form-{number}-{field}"] = value
    return data


def test_several_rows_saved_at_once_make_one_version(pages, superuser):
    blue = str(Palette.objects.get(code="blue").pk)
    answer = pages.post(LIST, table(pages, palette_0=blue, palette_1=blue, applies_to_own_2="on"))
    assert answer.status_code == 302
    assert versions() == [1, 2]
    made = RuleSetVersion.objects.get(version=2)
    assert made.published_by == superuser
    assert [row["palette"] for row in made.rules].count("blue") == 3


def test_a_table_saved_as_it_was_makes_no_version(pages):
    assert pages.post(LIST, table(pages)).status_code == 302
    assert versions() == [1]


def test_rows_are_sorted_by_step(pages):
    tiers = [form.instance.tier for form in pages.get(LIST).context["cl"].formset.forms]
    assert list(dict.fromkeys(tiers)) == ["company", "company_contact", "contact", "lead"]


def test_a_new_rule_makes_a_version(pages):
    status = Status.objects.create(value="77", name="Отказ", in_portal=True)
    sent = {"tier": "company", "match": "one", "status": status.pk, "palette": ""}
    assert pages.post(reverse("admin:callguard_rule_add"), sent).status_code == 302
    assert versions() == [1, 2]
    made = [row for row in RuleSetVersion.objects.get(version=2).rules if row["status"] == "Отказ"]
    assert [(row["tier"], row["status_value"], row["palette"]) for row in made] == [("company", "77", None)]


def test_a_removed_rule_makes_a_version(pages):
    rule = Rule.objects.get(tier="lead")
    assert pages.post(reverse("admin:callguard_rule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 302
    assert versions() == [1, 2]
    assert not [row for row in RuleSetVersion.objects.get(version=2).rules if row["tier"] == "lead"]


def test_several_rules_removed_at_once_make_one_version(pages):
    chosen = [str(pk) for pk in Rule.objects.filter(tier="company").values_list("pk", flat=True)]
    action = {"action": "delete_selected", "_selected_action": chosen}
    assert pages.post(LIST, action).status_code == 200  # "are you sure?" edits nothing
    assert versions() == [1]
    assert pages.post(LIST, action | {"post": "yes"}).status_code == 302
    assert versions() == [1, 2]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"tier": "company", "match": "one", "status": ""}, "Choose a status, or say"),
        ({"tier": "lead", "match": "any", "status": ""}, "This step has such a rule already"),
        ({"tier": "company", "match": "one", "status": "В работе"}, "already exists"),
        ({"tier": "company", "match": "any", "status": "В работе"}, "Choose a status, or say"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(pages, sent, said):
    sent["status"] = Status.objects.get(name=sent["status"]).pk if sent["status"] else ""
    page = pages.post(reverse("admin:callguard_rule_add"), sent, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert said in page.text
    assert versions() == [1]


def test_statuses_without_a_rule_are_named_above_the_table(pages):
    assert "Statuses without a rule" not in pages.get(LIST, headers={"accept-language": "en"}).text
    status = Status.objects.create(value="77", name="Отказ", in_portal=True)
    text = pages.get(LIST, headers={"accept-language": "en"}).text
    assert "Statuses without a rule" in text
    assert f"?tier=company&amp;match=one&amp;status={status.pk}" in text


def test_the_link_of_a_gap_opens_a_form_filled_in(pages):
    status = Status.objects.create(value="77", name="Отказ", in_portal=True)
    form = pages.get(reverse("admin:callguard_rule_add"), {"tier": "company", "match": "one", "status": status.pk})
    assert form.context["adminform"].form.initial["status"] == str(status.pk)


def test_the_list_of_versions_says_what_changed(pages):
    rule = Rule.objects.get(tier="lead")
    sent = {"tier": "lead", "match": "any", "status": "", "palette": Palette.objects.get(code="red").pk}
    pages.post(reverse("admin:callguard_rule_change", args=[rule.pk]), sent)
    text = pages.get(reverse("admin:callguard_rulesetversion_changelist"), headers={"accept-language": "en"}).text
    assert "lead: any status: blue, own clients too → red" in text
