"""The pages of the rules workshop."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard.models import AccessLog, Account, Palette, Rule, RuleSetVersion
from callguard.workshop import drafts
from crm_mirror.models import Status
from tests.callguard.workshop.conftest import RED, YELLOW, clients, drafted, root, rung  # noqa: F401 -- fixtures
from tests.cast import BORIS, IVAN, MARINA, OLGA

pytestmark = pytest.mark.django_db
RULES, TRIAL = reverse("dashboard:rules"), reverse("dashboard:rules-trial")


def browser_of(account: Account) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    return client


@pytest.fixture
def browser(root, clients) -> Client:  # noqa: F811
    return browser_of(root)


@pytest.fixture
def supervisor(browser) -> Client:
    return browser_of(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))


def table(browser, **edited):
    """The table as the page would send it back: table(browser, company_В_работе="yellow")."""
    form = browser.get(RULES).context["form"]
    sent = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    for place in form.places:
        if (name := f"{place.tier.value}_{place.title.replace(' ', '_')}") in edited:
            sent[f"outcome-{place.name}"] = edited.pop(name)
    assert not edited
    return sent


def saved(browser, **edited):
    return browser.post(reverse("dashboard:rules-draft"), {**table(browser, **edited), "act": "save"}, follow=True)


def published(browser, **more):
    sent = {"revision": drafts.current().revision, "note": "Мягче", **more}
    return browser.post(reverse("dashboard:rules-publish"), sent, follow=True)


def changed(browser, number, act, **more):
    url = reverse("dashboard:rules-version-change", args=[number])
    return browser.post(url, {"act": act, **more}, follow=True)


def test_a_draft_is_saved_tried_published_and_rolled_back(browser):
    call = rung("1", RED)
    answer = saved(browser, company_В_работе="yellow")
    assert "The draft is saved" in answer.text
    assert "company: В работе: red → yellow" in answer.text
    trial = browser.get(TRIAL)
    assert "1 call would change colour." in trial.text
    assert [row.call for row in trial.context["rows"]] == [call]
    assert "Version 2 is in force." in published(browser).text
    assert rung("2", RED).colour == "yellow"
    answer = changed(browser, 1, "roll_back", note="", errors_of=["2"])
    assert "Version 3 is in force." in answer.text
    assert rung("3", RED).colour == "red"
    notes = RuleSetVersion.objects.order_by("version").values_list("note", "withdrawn_at")
    assert [note for note, _at in notes][1:] == ["Мягче", "Back to version 1"]
    assert notes[1][1] is not None


def test_the_table_as_it_is_shown_is_the_rules_in_force(browser):
    saved(browser)
    assert "It says the same as the rules in force." in browser.get(RULES).text
    assert "say the same already" in published(browser).text


def test_a_place_may_lose_its_rule_and_another_get_one(browser):
    saved(browser, company_no_status="red", lead_any_status="")
    published(browser)
    assert Rule.objects.get(tier="company", match="none").palette.code == "red"
    assert not Rule.objects.filter(tier="lead").exists()


def test_gaps_are_shown_under_the_draft(browser):
    Status.objects.create(value="77", name="Отложен")
    assert "Statuses without a rule" in browser.get(RULES).text
    saved(browser, company_Отложен="no colour", company_contact_Отложен="no colour")
    assert not browser.get(RULES).context["gaps"]


def test_a_draft_thrown_away_leaves_the_rules_in_force(browser):
    saved(browser, company_В_работе="yellow")
    browser.post(reverse("dashboard:rules-draft"), {**table(browser), "act": "discard"})
    assert drafts.current() is None
    assert RuleSetVersion.objects.count() == 1


def test_who_edits_an_overtaken_draft_is_told_and_nothing_is_lost(browser, root):  # noqa: F811
    sent = table(browser)
    drafted(root, lead_any="red")
    answer = browser.post(reverse("dashboard:rules-draft"), {**sent, "act": "save"}, follow=True)
    assert "Somebody else has changed the draft meanwhile" in answer.text
    assert drafts.current().revision == 1


def test_a_palette_that_is_gone_when_the_table_is_sent_is_refused(browser):
    sent = table(browser, company_В_работе="spare-one")
    answer = browser.post(reverse("dashboard:rules-draft"), {**sent, "act": "save"}, follow=True)
    assert "A palette or status has changed meanwhile" in answer.text


def test_what_cannot_come_back_is_said_before_rolling_back(browser):
    Rule.objects.filter(tier="lead").delete()
    Palette.objects.get(code="blue").delete()
    answer = browser.get(reverse("dashboard:rules-version", args=[1]))
    assert "These rules cannot come back" in answer.text
    assert answer.context["lost"] == ["lead: any status → blue, own clients too"]


def test_a_version_becomes_the_draft_to_be_tried_first(browser):
    saved(browser, company_В_работе="yellow")
    published(browser)
    changed(browser, 1, "draft")
    assert drafts.current().based_on == 2
    assert "company: В работе: yellow → red" in browser.get(RULES).text
    assert "There is a draft already" in changed(browser, 1, "draft").text


def test_a_version_is_called_an_error_and_cleared_of_it(browser):
    assert "its conflicts will be excused" in changed(browser, 1, "withdraw").text
    assert RuleSetVersion.objects.get(version=1).withdrawn_at
    assert "no error any more" in changed(browser, 1, "reinstate").text
    assert RuleSetVersion.objects.get(version=1).withdrawn_at is None


def test_the_calls_behind_one_change_are_listed_alone(browser, root):  # noqa: F811
    rung("r", RED), rung("y", YELLOW)
    drafted(root, company_В_работе="yellow", company_В_обработке="red")
    assert len(browser.get(TRIAL).context["rows"]) == 2
    answer = browser.get(TRIAL, {"change": "yellow,red"})
    assert [row.call.call_id for row in answer.context["rows"]] == ["y"]
    assert len(browser.get(TRIAL, {"change": "nonsense"}).context["rows"]) == 2


def test_only_calls_of_the_period_are_tried(browser):
    rung("1", RED)
    today = timezone.localdate().isoformat()
    assert browser.get(TRIAL, {"first": today, "last": today}).context["trial"].looked_at == 1
    answer = browser.get(TRIAL, {"first": "2020-01-01", "last": "2020-02-01"})
    assert "No calls in this period" in answer.text
    assert browser.get(TRIAL, {"first": "nonsense", "against": "x"}).context["trial"].looked_at == 1


def test_a_supervisor_reads_the_rules_and_tries_them_on_calls_of_his_people(browser, supervisor, root):  # noqa: F811
    rung("his", RED, caller=IVAN.id)
    rung("others", RED, caller=BORIS.id)
    drafted(root, company_В_работе="yellow")
    answer = supervisor.get(RULES)
    assert "Administrators edit the rules." in answer.text
    assert "Save the draft" not in answer.text
    trial = supervisor.get(TRIAL)
    assert [row.call.call_id for row in trial.context["rows"]] == ["his"]
    assert "Publish the draft" not in trial.text


def test_looking_through_calls_of_a_trial_is_in_the_access_log(browser, supervisor, root):  # noqa: F811
    rung("1", RED)
    supervisor.get(TRIAL)
    assert not AccessLog.objects.exists()  # nothing changed, so no call was shown
    drafted(root, company_В_работе="yellow")
    supervisor.get(TRIAL)
    assert AccessLog.objects.get().about_id == IVAN.id


def test_a_supervisor_changes_nothing(supervisor, root):  # noqa: F811
    drafted(root, lead_any="red")
    for name, args in (("rules-draft", []), ("rules-publish", []), ("rules-version-change", [1])):
        assert supervisor.post(reverse(f"dashboard:{name}", args=args), {"act": "withdraw"}).status_code == 403


def test_employees_do_not_open_the_workshop(browser):
    client = browser_of(Account.objects.create(username="olga", is_staff=True, employee_id=OLGA.id))
    for url in (RULES, TRIAL, reverse("dashboard:rules-version", args=[1])):
        assert client.get(url).status_code == 403
