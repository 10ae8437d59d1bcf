"""The statuses themselves, edited here and in the portal: one suite for both kinds of field."""

from __future__ import annotations

import copy

import pytest
from django.utils import timezone

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, History, Origin, Rule
from callguard.status import reference
from callguard.status.change import NoSuchStatus, NotAllowed, set_status
from callguard.status.reference import STEP, Unfit
from crm_mirror.models import Change, Company, OutboxCall, Status, StatusField
from crm_mirror.rounds import deliver_outbox, read_changes
from crm_mirror.sandbox import custom_fields, references
from crm_mirror.sandbox.data import status_field
from crm_mirror.sync import statuses
from crm_mirror.sync.reference import write_reference

pytestmark = pytest.mark.django_db
ROOT = Actor("root", Role.ADMINISTRATOR)
MARINA = Actor("Марина Кузнецова", Role.SUPERVISOR, 9)
NAMES = ["В ожидании", "В обработке", "В работе"]


class Values:
    """The portal's own page of the values, as an administrator uses it there."""

    def __init__(self, portal):
        self.portal = portal
        self.is_list = portal.status_field["USER_TYPE_ID"] == "enumeration"

    @property
    def rows(self):
        if self.is_list:
            return self.portal.status_field["LIST"]
        return [row for row in self.portal.store.statuses if row["ENTITY_ID"] == status_field.REFERENCE]

    @property
    def key(self):
        return "VALUE" if self.is_list else "NAME"

    @property
    def names(self):
        return [row[self.key] for row in sorted(self.rows, key=lambda row: int(row["SORT"]))]

    def row(self, name):
        return next(row for row in self.rows if row[self.key] == name)

    def id_of(self, name):
        return self.row(name)["ID" if self.is_list else "STATUS_ID"]

    def rename(self, old, new):
        self.row(old)[self.key] = new

    def move(self, name, sort):
        self.row(name)["SORT"] = str(sort)

    def answer(self):
        """What a look has in its hands."""
        field, at = copy.deepcopy(self.portal.status_field), timezone.now()
        if self.is_list:
            return statuses.list_in(field, seen_at=at)
        return statuses.reference_in(copy.deepcopy(self.rows), status_field.REFERENCE, field=field, seen_at=at)

    def add(self, name):
        if self.is_list:
            self.rows.append(custom_fields.new_item(self.portal.store, {"VALUE": name}, len(self.rows)))
        else:
            references.add_value(self.portal.store, status_field.REFERENCE, f"THEIRS_{name}"[:50], name)

    def delete(self, name):
        (self.rows if self.is_list else self.portal.store.statuses).remove(self.row(name))


@pytest.fixture
def there(office):
    """After the first sync, in one of the two kinds."""
    return Values(office.portal)


@pytest.fixture
def look(round_of_sync):
    """A round of cron: reads, takes over, delivers. Twice, as what a look finds is sent after it."""

    def run():
        round_of_sync()
        return round_of_sync()

    return run


def here(name):
    return Status.objects.get(name=name)


def edit(status, /, *, at=None, **wanted):
    return reference.edit({here(status).pk: wanted}, by=ROOT, origin=Origin.ADMIN, at=at or timezone.now())


def add(name, **facts):
    return reference.add(name, by=ROOT, origin=Origin.ADMIN, at=timezone.now(), **facts)


def told(name):
    """(origin, before, after, ground) of the status, oldest first."""
    lines = History.objects.filter(about=About.REFERENCE, object_id=here(name).pk).order_by("id")
    return [(line.origin, line.before, line.after, line.ground) for line in lines]


def agreed():
    """Nothing waits on either side."""
    return not Status.objects.filter(edited_at__isnull=False).exists()


# --- Here, to the portal ---------------------------------------------------------------------------------------------
def test_a_new_name_reaches_the_portal_under_the_same_value(there, look):
    value = there.id_of("В работе")
    edit("В работе", name="Наш клиент")
    assert OutboxCall.objects.get(purpose="reference").state == "waiting"
    look()
    assert there.id_of("Наш клиент") == here("Наш клиент").value == value
    assert there.names == ["В ожидании", "В обработке", "Наш клиент"]
    assert told("Наш клиент") == [("admin", {"name": "В работе"}, {"name": "Наш клиент"}, "")]
    assert agreed()


def test_an_order_reaches_the_portal(there, look):
    order = [here(name).pk for name in ("В работе", "В ожидании", "В обработке")]
    assert (
        reference.edit(
            {one: {"sort": place * STEP} for place, one in enumerate(order, 1)},
            by=ROOT,
            origin=Origin.ADMIN,
            at=timezone.now(),
        )
        == 3
    )
    look()
    assert there.names == ["В работе", "В ожидании", "В обработке"]
    assert agreed()


def test_a_new_status_is_offered_once_the_portal_has_it(office, there, look):
    made = add("Чёрный список")
    company = Company.objects.get(portal_id=office.romashka)
    with pytest.raises(NoSuchStatus):
        set_status(company, made.value, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    made.refresh_from_db()
    assert (made.in_portal, made.value) == (True, there.id_of("Чёрный список"))
    assert there.names == [*NAMES, "Чёрный список"]
    assert Status.objects.count() == 4
    set_status(company, made.value, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    assert office.shown == made.value


def test_every_value_goes_along_so_that_none_is_lost(there, look):
    there.add("Свой")
    look()
    ids = {row["ID"] for row in there.rows}
    edit("В работе", name="Наш клиент")
    look()
    assert {row["ID"] for row in there.rows} == ids
    if there.is_list:
        sent = OutboxCall.objects.get(purpose="reference").params["fields"]["LIST"]
        assert {item["ID"] for item in sent} == ids


def test_several_edits_at_once_are_one_call_of_a_list(there, portal, look):
    edit("В работе", name="Наш клиент")
    edit("В ожидании", name="Ждёт")  # while the first is on its way
    add("Чёрный список")
    for _ in range(3):
        look()
    assert there.names == ["Ждёт", "В обработке", "Наш клиент", "Чёрный список"]
    assert agreed()


def test_an_edit_taken_back_before_it_went_out_leaves_all_as_it_was(there, look):
    edit("В работе", name="Наш клиент")
    edit("Наш клиент", name="В работе")
    look()
    look()
    assert there.names == NAMES
    assert [row.name for row in Status.objects.all()] == NAMES
    assert agreed()


def test_a_status_edited_while_its_first_edit_is_under_way(there, look):
    edit("В работе", name="Раз")
    deliver_outbox()
    edit("Раз", name="Два")
    look()
    look()
    assert there.names[-1] == "Два"
    assert [line[0] for line in told("Два")] == ["admin", "admin"]


def test_our_own_edit_come_back_is_no_news(there, look):
    edit("В работе", name="Наш клиент")
    look()
    look()
    assert not Change.objects.filter(kind="status").exists()


def test_a_colour_is_ours_alone(there, portal, look):
    edit("В работе", colour="#c62828")
    assert not OutboxCall.objects.exists()
    look()
    assert here("В работе").colour == "#c62828"
    assert told("В работе") == [("admin", {"colour": ""}, {"colour": "#c62828"}, "")]


# --- Retired ---------------------------------------------------------------------------------------------------------
def test_a_retired_status_is_offered_no_more_and_stays_where_it_is(office, there, look):
    office.portal.update_company(office.romashka, status="В работе")
    look()
    rules = Rule.objects.filter(status=here("В работе")).count()
    reference.edit({here("В работе").pk: {"retired": True}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    row, company = here("В работе"), Company.objects.get(portal_id=office.romashka)
    assert row.retired_at
    assert there.names == NAMES  # the portal knows no retired value
    assert company.status == row
    assert Rule.objects.filter(status=row).count() == rules
    with pytest.raises(NoSuchStatus):
        set_status(company, row.value, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    assert told("В работе") == [("admin", {"retired": False}, {"retired": True}, "")]


def test_it_stays_retired_whatever_the_portal_does_to_it(there, look):
    edit("В работе", retired=True)
    there.rename("В работе", "Наш клиент")
    look()
    there.delete("Наш клиент")
    look()
    there.add("Наш клиент")
    look()
    assert here("Наш клиент").retired_at


def test_a_retired_status_is_brought_back(there, look):
    edit("В работе", retired=True)
    reference.edit({here("В работе").pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    assert here("В работе").retired_at is None
    assert not OutboxCall.objects.exists()
    assert agreed()


def test_a_value_deleted_in_the_portal_is_retired_and_keeps_its_companies(office, there, look):
    office.portal.update_company(office.romashka, status="В обработке")
    look()
    there.delete("В обработке")
    look()
    row = here("В обработке")
    assert row.retired_at
    assert not row.in_portal
    assert Company.objects.get(status=row).portal_id == office.romashka
    assert told("В обработке") == [("portal", {"in_portal": True}, {"in_portal": False}, "")]


def test_what_the_portal_deleted_is_made_there_anew_when_it_is_brought_back(there, look):
    row = here("В обработке")
    there.delete("В обработке")
    look()
    reference.edit({row.pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    row.refresh_from_db()
    assert (row.in_portal, row.retired_at, row.value) == (True, None, there.id_of("В обработке"))
    assert sorted(there.names) == sorted(NAMES)
    assert agreed()


# --- In the portal, to us --------------------------------------------------------------------------------------------
def test_the_portals_edits_are_taken_over_and_remembered(there, look):
    there.rename("В работе", "Наш клиент")
    there.move("Наш клиент", 5)
    there.add("Архив")
    look()
    assert [row.name for row in Status.objects.all()] == there.names
    assert told("Наш клиент") == [
        ("portal", {"name": "В работе", "sort": 30}, {"name": "Наш клиент", "sort": 5}, ""),
    ]
    (line,) = told("Архив")
    assert (line[0], line[1], line[2]["name"]) == ("portal", None, "Архив")


def test_the_portals_later_edit_wins_and_both_are_remembered(there, look):
    edit("В работе", name="Наш")
    there.rename("В работе", "Их")
    look()
    look()
    assert there.names[-1] == "Их"
    assert told("Их") == [
        ("admin", {"name": "В работе"}, {"name": "Наш"}, ""),
        ("portal", {"name": "Наш"}, {"name": "Их"}, ""),
    ]
    assert agreed()


def test_ours_wins_where_it_is_later_and_both_are_remembered(there, look):
    """Edited here after the portal was asked, and before its answer was written."""
    there.rename("В работе", "Их")
    answer = there.answer()
    edit("В работе", name="Наш")
    write_reference(answer, at=timezone.now(), source="delta")
    look()
    look()
    assert there.names[-1] == "Наш"
    assert told("Наш") == [
        ("admin", {"name": "В работе"}, {"name": "Наш"}, ""),
        ("portal", {"name": "В работе"}, {"name": "Их"}, "ours_is_later"),
    ]


def test_an_edit_of_ours_does_not_write_over_one_of_the_portals_that_nobody_has_seen(there, look):
    """It goes out before the next look: the portal is asked again first."""
    edit("В работе", name="Наш")
    there.rename("В обработке", "Обрабатывается")
    there.rename("В работе", "Их")
    deliver_outbox()
    assert there.names == ["В ожидании", "Обрабатывается", "Их"]
    assert OutboxCall.objects.get(purpose="reference").error.startswith("overtaken")
    look()
    assert [row.name for row in Status.objects.all()] == there.names == ["В ожидании", "Обрабатывается", "Их"]


def test_another_value_edited_in_the_portal_does_not_hold_ours_up(there, look):
    edit("В работе", name="Наш")
    there.rename("В обработке", "Обрабатывается")
    deliver_outbox()
    look()
    look()
    assert there.names == ["В ожидании", "Обрабатывается", "Наш"]
    assert agreed()


def test_a_name_here_and_an_order_there_do_not_quarrel(there, look):
    edit("В работе", name="Наш")
    there.move("В работе", 1)
    for _ in range(3):
        look()
    assert (there.names[0], here("Наш").sort) == ("Наш", 1)


def test_what_the_portal_changed_back_before_we_looked_is_its_word(there, look):
    edit("В работе", name="Наш")
    deliver_outbox()
    there.rename("Наш", "В работе")
    look()
    look()
    assert there.names == NAMES
    assert here("В работе").edited_at is None


def test_a_look_that_began_before_the_portal_took_our_edit_proves_nothing(there, look):
    answer = there.answer()
    edit("В работе", name="Наш")
    deliver_outbox()
    write_reference(answer, at=timezone.now(), source="reconcile")
    look()
    assert there.names[-1] == here("Наш").name
    assert len(told("Наш")) == 1


def test_an_older_look_does_not_undo_a_newer_one(there, look):
    answer = there.answer()
    there.rename("В работе", "Их")
    there.add("Архив")
    look()
    write_reference(answer, at=timezone.now(), source="reconcile")
    assert [row.name for row in Status.objects.filter(in_portal=True)] == there.names


def delivered_unheard(portal):
    """What waits is asked about, carried out, and the answer lost."""
    portal.fails_with("reset", method="batch", after=1, times=1)
    deliver_outbox()
    portal.heal()
    assert OutboxCall.objects.filter(state="sending").exists()


def due_now():
    OutboxCall.objects.update(next_attempt_at=timezone.now())


def test_an_answer_that_was_lost_does_no_harm(there, portal, look):
    wanted = {here("В работе").pk: {"name": "Наш"}, here("В ожидании").pk: {"sort": 99}}
    reference.edit(wanted, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    delivered_unheard(portal)
    due_now()
    look()
    assert there.names == ["В обработке", "Наш", "В ожидании"]
    assert agreed()


def test_a_new_status_whose_answer_was_lost_is_made_once(there, portal, look):
    add("Чёрный список")
    portal.fails_with("reset", method="batch", after=1 if there.is_list else 0, times=1)  # a reference is not asked
    deliver_outbox()
    portal.heal()
    due_now()
    look()
    look()
    assert there.names == [*NAMES, "Чёрный список"]
    assert here("Чёрный список").in_portal
    assert Status.objects.count() == 4


def test_a_status_edited_again_while_nobody_knows_what_became_of_the_first_edit(there, portal, look):
    """The look shows our first edit, which is no edit of the portal's."""
    edit("В работе", name="Раз")
    delivered_unheard(portal)
    edit("Раз", name="Два")
    look()
    assert here("Два").edited_at
    due_now()
    for _ in range(3):
        look()
    assert there.names[-1] == here("Два").name == "Два"
    assert [line[0] for line in told("Два")] == ["admin", "admin"]


def test_what_the_portal_refuses_stands_as_the_portal_has_it_with_its_words(there, portal, look):
    portal.fails_with("not_admin")
    edit("В работе", name="Наш")
    add("Чёрный список")
    deliver_outbox()
    read_changes()
    if there.is_list:  # one call at a time: the second has not gone out
        deliver_outbox()
        read_changes()
    row = here("В работе")
    assert (row.edited_at, row.sent.state) == (None, "refused")
    assert "Access denied" in row.sent.error
    assert told("В работе")[-1] == ("portal", {"name": "Наш"}, {"name": "В работе"}, "refused")
    refused = here("Чёрный список")
    assert refused.retired_at
    portal.heal()
    reference.edit({refused.pk: {"retired": False}}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    look()
    assert there.names == [*NAMES, "Чёрный список"]


# --- What cannot be --------------------------------------------------------------------------------------------------
def test_only_administrators_edit_them(there):
    for attempt in (
        lambda: reference.edit({here("В работе").pk: {"name": "Моё"}}, by=MARINA, origin=Origin.ADMIN, at=NOW),
        lambda: reference.add("Моё", by=MARINA, origin=Origin.ADMIN, at=NOW),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert [row.name for row in Status.objects.all()] == NAMES
    assert not History.objects.filter(about=About.REFERENCE).exists()


NOW = timezone.now()


@pytest.mark.parametrize("name", ["", "   ", "в  ОЖИДАНИИ"])
def test_a_name_must_be_there_and_be_nobody_elses(there, name):
    with pytest.raises(Unfit):
        edit("В работе", name=name)
    with pytest.raises(Unfit):
        add(name)
    assert Status.objects.count() == 3


def test_before_the_first_look_nobody_knows_where_an_edit_would_go(db):
    assert not StatusField.objects.exists()
    with pytest.raises(Unfit):
        edit("В работе", name="Наш клиент")
    with pytest.raises(Unfit):
        add("Чёрный список")
    assert edit("В работе", retired=True) == 1
