"""The statuses themselves, edited here and brought to the portal: one suite for both kinds of field."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.models import About, History, Origin
from callguard.status import reference
from callguard.status.change import NoSuchStatus, NotAllowed, set_status
from callguard.status.reference import STEP, Unfit
from crm_mirror.models import Change, Company, OutboxCall, Status, StatusField
from crm_mirror.rounds import deliver_outbox
from tests.callguard.status.reference import MARINA, NAMES, ROOT, add, agreed, edit, here, told

pytestmark = pytest.mark.django_db


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
