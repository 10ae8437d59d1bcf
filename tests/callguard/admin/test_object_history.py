"""The history of each object on its own page: in words, for who may read it, from every door that changes it."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.admin.history import AT_ONCE
from callguard.admin.history_words import GROUNDS, Names, changes_of
from callguard.models import About, Account, History, Origin, Palette, Rule, RuleSetVersion, Substitution
from callguard.palettes import LOOK, values_of
from callguard.status import outcomes, reference
from callguard.status.guard import Ground
from crm_mirror.models import Employee, Status
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirrored_company, mirrored_people, substitution, value_of

pytestmark = pytest.mark.django_db
ENGLISH, RUSSIAN = {"accept-language": "en"}, {"accept-language": "ru"}
MARINAS = Actor(MARINA.name, Role.SUPERVISOR, MARINA.id)
NO_INLINES = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}


@pytest.fixture
def people(db):
    mirrored_people()


@pytest.fixture
def root(people):
    browser = Client(headers=ENGLISH)
    browser.force_login(Account.objects.create(username="root", is_staff=True, is_superuser=True))
    return browser


@pytest.fixture
def signed_in(people):
    def enter(person):
        browser = Client(headers=ENGLISH)
        browser.force_login(Account.objects.create(username=person.name, is_staff=True, employee_id=person.id))
        return browser

    return enter


def at(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def line(about, object_id, before, after, *, by=MARINAS, origin=Origin.ADMIN, ground="", title=""):
    facts = {"by": by, "origin": origin, "ground": ground, "title": title, "at": timezone.now()}
    return history.note(about, object_id, before=before, after=after, **facts)


def told(page):
    """Each entry of the page: who, what changed."""
    return [(entry.who, *entry.changes) for entry in page.context["history_entries"]]


# --- A company -------------------------------------------------------------------------------------------------------
@pytest.fixture
def romashka(people):
    row = mirrored_company("Ромашка", responsible=OLGA, status="В работе")
    line(About.STATUS, row.portal_id, None, value_of("В ожидании"), by=None, origin=Origin.NEWCOMERS)
    line(About.RESPONSIBLE, row.portal_id, 404, OLGA.id, origin=Origin.PORTAL)
    unknown = {"by": None, "origin": Origin.PORTAL, "ground": Ground.UNKNOWN_AUTHOR}
    line(About.STATUS, row.portal_id, value_of("В ожидании"), "gone", **unknown)
    mirrored_company("Чужая", responsible=BORIS)
    line(About.STATUS, 99_999, None, value_of("В работе"))
    return row


@pytest.mark.parametrize("page", ["change", "history"])
def test_a_company_tells_who_changed_its_status_and_its_responsible_newest_first(root, romashka, page):
    assert told(root.get(at(type(romashka), page, romashka.pk))) == [
        ("nobody knows who", "В ожидании → gone"),
        (MARINA.name, f"ID 404 → {OLGA.name}"),
        ("Call Guard", "no status → В ожидании"),
    ]


def test_it_is_told_in_the_readers_language(root, romashka):
    text = root.get(at(type(romashka), "change", romashka.pk), headers=RUSSIAN).text
    for words in ("без статуса → В ожидании", "неизвестно кто", "Неизвестно, кто изменил: под сомнением", "в портале"):
        assert words.casefold() in text.casefold()


def test_the_history_button_leads_to_ours_page_by_page(root, romashka):
    for number in range(AT_ONCE):
        line(About.STATUS, romashka.portal_id, str(number), str(number + 1))
    address = at(type(romashka), "history", romashka.pk)
    page = root.get(at(type(romashka), "change", romashka.pk))
    assert page.text.count(address) == 2  # the button, and "older changes"
    assert len(told(page)) == AT_ONCE
    assert len(told(root.get(address))) == AT_ONCE
    assert told(root.get(address, {"p": 2}))[-1] == ("Call Guard", "no status → В ожидании")


def test_from_there_the_whole_list_opens_narrowed_to_the_object(root, romashka):
    page = root.get(root.get(at(type(romashka), "change", romashka.pk)).context["history_url"])
    assert {row.object_id for row in page.context["cl"].result_list} == {str(romashka.portal_id)}
    assert len(page.context["cl"].result_list) == 3


def test_whoever_sees_the_company_reads_it_and_only_supervisors_the_list_of_everything(signed_in, romashka):
    address = at(type(romashka), "history", romashka.pk)
    marina, olga, boris = (signed_in(person) for person in (MARINA, OLGA, BORIS))
    assert [len(told(browser.get(address))) for browser in (marina, olga)] == [3, 3]
    assert [bool(browser.get(address).context["history_url"]) for browser in (marina, olga)] == [True, False]
    assert olga.get(at(History, "changelist")).status_code == 403
    assert boris.get(address).status_code == 302  # no such company


def test_an_object_without_history_says_so(root, people):
    row = mirrored_company("Тихая")
    for page in ("change", "history"):
        assert "Nothing was changed since" in root.get(at(type(row), page, row.pk)).text


# --- The list and its export -----------------------------------------------------------------------------------------
def exported(browser, **sent):
    answer = browser.post(at(History, "changelist"), {"action": "export", "select_across": "1", "index": "0", **sent})
    return list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


def test_the_export_holds_what_its_reader_sees_whatever_he_ticks(signed_in, root, romashka):
    everything = list(History.objects.values_list("pk", flat=True))
    assert len(exported(root, _selected_action=everything)) == 4
    for person, count in ((MARINA, 3), (BORIS, 0)):
        browser = signed_in(person)
        assert len(exported(browser, _selected_action=everything)) == count
        ticked = {"action": "export", "_selected_action": everything}
        answer = browser.post(at(History, "changelist"), ticked)
        assert len(b"".join(answer.streaming_content).decode().splitlines()) == count + 1


def test_the_list_reads_the_names_of_a_page_at_once(root, romashka, django_assert_max_num_queries):
    for number in range(40):
        line(About.RESPONSIBLE, romashka.portal_id, number, OLGA.id)
    root.get(at(History, "changelist"))
    with django_assert_max_num_queries(12):
        assert root.get(at(History, "changelist")).text.count(OLGA.name) >= 40


# --- The doors: every one writes a line ------------------------------------------------------------------------------
def sent(palette, **edited):
    return {name: str(value) for name, value in values_of(palette).items()} | NO_INLINES | edited


def test_a_palettes_life_is_told_from_the_first_version_to_its_removal(root):
    red = Palette.objects.get(code="red")
    root.post(at(Palette, "add"), sent(red, code="violet", severity="40"))
    violet = Palette.objects.get(code="violet")
    root.post(at(Palette, "change", violet.pk), sent(violet, base="#b71c1c", label_en="Violet"))
    page = root.get(at(Palette, "change", violet.pk))
    assert told(page)[0] == ("root", f"label in English: {red.label_en} → Violet", "base: #c62828 → #b71c1c")
    assert told(page)[1][1] == "added"
    root.post(at(Palette, "delete", violet.pk), {"post": "yes"})
    removal = history.of(About.PALETTE, "violet")[0]
    assert (set(removal.before), removal.after, removal.actor_name) == (set(LOOK), None, "root")
    assert removal.before["base"] == "#b71c1c"


def test_palettes_removed_together_leave_a_line_each(root):
    red = Palette.objects.get(code="red")
    spare = [
        Palette.objects.create(code=code, **(values_of(red) | {"severity": 90 + len(code)})) for code in ("a", "bb")
    ]
    ticked = [str(one.pk) for one in spare]
    root.post(at(Palette, "changelist"), {"action": "delete_selected", "_selected_action": ticked, "post": "yes"})
    assert {row.object_id for row in History.objects.filter(about=About.PALETTE, after__isnull=True)} == {"a", "bb"}


def rule_sent(rule, **edited):
    facts = {"tier": rule.tier, "match": rule.match, "status": rule.status_id or "", "palette": rule.palette_id or ""}
    return facts | ({"applies_to_own": "on"} if rule.applies_to_own else {}) | edited


def test_every_door_of_the_rules_tells_what_the_set_said_before_and_after(root):
    Status.objects.update(in_portal=True)
    rule = Rule.objects.get(tier="company", status__name="В работе")
    blue = Palette.objects.get(code="blue")
    root.post(at(Rule, "change", rule.pk), rule_sent(rule, palette=blue.pk))
    root.post(at(Rule, "add"), {"tier": "contact", "match": "none", "status": "", "palette": blue.pk})
    added = Rule.objects.get(tier="contact", match="none")
    root.post(at(Rule, "delete", added.pk), {"post": "yes"})
    ticked = {"action": "delete_selected", "_selected_action": [rule.pk], "post": "yes"}
    root.post(at(Rule, "changelist"), ticked)
    page = root.get(at(Rule, "change", Rule.objects.first().pk))
    assert told(page) == [
        ("root", "− company: В работе → blue"),
        ("root", "− contact: no status → blue"),
        ("root", "+ contact: no status → blue"),
        ("root", "company: В работе: red → blue"),
    ]
    newest = RuleSetVersion.objects.first()
    assert told(root.get(at(RuleSetVersion, "change", newest.pk))) == [told(page)[0]]
    lines = History.objects.filter(about=About.RULE).order_by("id")
    assert [row.before for row in lines][1:] == [row.after for row in lines][:-1]


def test_every_door_of_the_substitutions_tells_who_whom_and_when(root):
    days = {"first_day": "2026-03-02", "last_day": "2026-03-08"}
    root.post(at(Substitution, "add"), {"substitute": IVAN.id, "substituted": OLGA.id, **days})
    entry = Substitution.objects.get()
    changed = {"substitute": BORIS.id, "substituted": OLGA.id, **days, "last_day": "2026-03-09"}
    root.post(at(Substitution, "change", entry.pk), changed)
    page = root.get(at(Substitution, "change", entry.pk))
    assert told(page)[0] == (
        "root",
        f"substitute: {IVAN.name} → {BORIS.name}",
        "last day: March 8, 2026 → March 9, 2026",
    )
    assert told(page)[1][1:3] == ("added", f"substitute: {IVAN.name}")
    assert "8 марта 2026" in root.get(at(Substitution, "change", entry.pk), headers=RUSSIAN).text
    other = substitution(IVAN, of=MARINA)
    root.post(at(Substitution, "delete", entry.pk), {"post": "yes"})
    ticked = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    root.post(at(Substitution, "changelist"), ticked)
    removed = history.of(About.SUBSTITUTION, entry.pk)[0], history.of(About.SUBSTITUTION, other.pk)[0]
    assert [(row.before["substitute_id"], row.after) for row in removed] == [(BORIS.id, None), (IVAN.id, None)]
    assert date.fromisoformat(removed[0].before["last_day"]) == date(2026, 3, 9)


# --- Nobody changes it -----------------------------------------------------------------------------------------------
def test_the_admin_offers_no_way_to_change_or_remove_a_line(root, romashka):
    row = History.objects.first()
    for page, sent_there in (("delete", {"post": "yes"}), ("change", {"title": "X", "actor_name": "X"})):
        assert root.post(at(History, page, row.pk), sent_there).status_code == 403
    assert root.get(at(History, "add")).status_code == 403
    offered = [
        name for name, _title in root.get(at(History, "changelist")).context["action_form"].fields["action"].choices
    ]
    assert offered == ["", "export"]
    root.post(at(History, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert History.objects.count() == 4
    assert not LogEntry.objects.exists()


# --- Words -----------------------------------------------------------------------------------------------------------
def words(about, before, after):
    row = History(about=about, before=before, after=after)
    return changes_of(row, Names.of([row]))


@pytest.mark.parametrize(
    ("about", "before", "after", "said"),
    [
        (About.ROLE, "employee", "supervisor", ["employee → supervisor"]),
        (About.ROLE, None, "administrator", ["– → administrator"]),
        (
            About.REFERENCE,
            {"name": "Новый", "retired": False},
            {"name": "Новый", "retired": True},
            ["retired: no → yes"],
        ),
        (About.REFERENCE, {}, {"name": "Новый"}, ["added", "name: Новый"]),
        (About.REFERENCE, {"sort": 10}, {"sort": 20}, ["order: 10 → 20"]),
        (About.REFERENCE, {"of the future": 1}, {"of the future": 2}, ["of the future: 1 → 2"]),
        (About.RESPONSIBLE, OLGA.id, None, [f"{OLGA.name} → nobody"]),
        (About.STATUS, None, "from another portal", ["no status → from another portal"]),
        (About.RULE, None, [], ["the same rules, published again"]),
        (About.RULE, "kept", "otherwise", ["kept → otherwise"]),
    ],
)
def test_whatever_was_kept_reads_as_a_sentence(people, about, before, after, said):
    with translation.override("en"):
        assert words(about, before, after) == said


def test_each_ground_that_reaches_the_history_has_words():
    quiet = {Ground.OWN_WRITE, Ground.UNCHANGED}
    assert {*Ground, reference.REFUSED, reference.OURS_IS_LATER, outcomes.REFUSED} - quiet <= set(GROUNDS)


def test_an_employees_page_tells_his_roles(root, people):
    line(About.ROLE, IVAN.id, "employee", "supervisor", by=None, origin=Origin.PORTAL)
    row = Employee.objects.get(portal_id=IVAN.id)
    assert told(root.get(at(Employee, "change", row.pk))) == [("nobody knows who", "employee → supervisor")]
