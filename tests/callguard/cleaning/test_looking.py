"""The nightly look: what it finds is kept with how often it rang, what was put right goes, and each day is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from callguard.access.actors import employee_actor
from callguard.access.scopes import visible
from callguard.cleaning.looking import GIVEN_UP, AlreadyLooking, look
from callguard.models import CleaningDay, CleaningItem, CleaningLook, CleaningPart, Flaw
from callguard.tallies.days import day_of
from callguard.tasks import look_for_flaws
from crm_mirror.models import Company, UnreadablePhone
from tests.callguard.kpi.world import called
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
)

NOW = timezone.now()
DAY = timedelta(days=1)
PHONE = "+79161234567"


@pytest.fixture(autouse=True)
def people(db):
    mirrored_people()


@pytest.fixture
def twins():
    return [mirrored_company("Ромашка", phone=PHONE, responsible=person, status="В работе") for person in (OLGA, IVAN)]


def items(flaw):
    return CleaningItem.objects.filter(flaw=flaw)


def test_what_is_found_is_kept_with_whom_it_is_about_and_whose_they_are(twins):
    assert look(at=NOW)[Flaw.SHARED] == 1
    item = items(Flaw.SHARED).get()
    assert (item.number, item.first_seen_at, item.gone_at) == (PHONE, NOW, None)
    parts = [(one.entity_id, one.responsible_id) for one in item.parts.all()]
    assert parts == [(twins[0].portal_id, OLGA.id), (twins[1].portal_id, IVAN.id)]


def test_a_second_look_changes_nothing_but_the_time(twins):
    look(at=NOW)
    parts = list(CleaningPart.objects.values())
    look(at=NOW + DAY)
    item = items(Flaw.SHARED).get()
    assert (item.first_seen_at, item.seen_at) == (NOW, NOW + DAY)
    assert list(CleaningPart.objects.values()) == parts


def test_what_was_put_right_goes_and_is_counted_and_comes_back_when_it_is_spoilt_again(twins):
    look(at=NOW - 2 * DAY)
    Company.objects.filter(pk=twins[1].pk).update(responsible_id=OLGA.id)
    look(at=NOW - DAY)
    assert items(Flaw.SHARED).get().gone_at == NOW - DAY
    Company.objects.filter(pk=twins[1].pk).update(responsible_id=IVAN.id)
    look(at=NOW)
    assert items(Flaw.SHARED).get().gone_at is None
    days = CleaningDay.objects.filter(flaw=Flaw.SHARED).values_list("day", "open", "fixed")
    assert list(days) == [(day_of(NOW - 2 * DAY), 1, 0), (day_of(NOW - DAY), 0, 1), (day_of(NOW), 1, 0)]


def test_several_looks_of_one_day_are_one_day(twins):
    look(at=NOW)
    Company.objects.filter(pk=twins[1].pk).update(responsible_id=OLGA.id)
    look(at=NOW + timedelta(microseconds=1))
    look(at=NOW + timedelta(microseconds=2))
    assert CleaningDay.objects.filter(flaw=Flaw.SHARED).values_list("open", "fixed").get() == (0, 1)


def test_whose_it_is_follows_the_portal(twins):
    look(at=NOW)
    Company.objects.filter(pk=twins[1].pk).update(responsible_id=BORIS.id)
    look(at=NOW + DAY)
    assert [one.responsible_id for one in items(Flaw.SHARED).get().parts.all()] == [OLGA.id, BORIS.id]


def test_the_calls_of_the_last_ninety_days_are_counted_by_number_or_by_whom_it_is_about(twins):
    bare = mirrored_company("Без статуса", phone="+79160000001")
    contact = mirrored_contact("Вера", phone="+79160000002", responsible=IVAN, companies=[bare])
    UnreadablePhone.objects.create(
        entity_type="contact", entity_id=contact.portal_id, value="+7 916", kind="unreadable"
    )
    for _call in range(3):
        called(IVAN, NOW - 89 * DAY, number=PHONE)
    called(IVAN, NOW - 91 * DAY, number=PHONE)
    for _call in range(2):
        called(IVAN, NOW - DAY, number="+79160000002", entity_type="company", entity_id=bare.portal_id)
    look(at=NOW)
    rings = {flaw: items(flaw).get().rings for flaw in (Flaw.SHARED, Flaw.APART, Flaw.UNREADABLE, Flaw.NO_STATUS)}
    assert rings == {Flaw.SHARED: 3, Flaw.APART: 2, Flaw.UNREADABLE: 2, Flaw.NO_STATUS: 2}


def test_everybody_sees_what_is_about_a_client_of_his_own_people(twins):
    mirrored_company("Чужая", responsible=BORIS)
    look(at=NOW)

    def seen(person):
        rows = visible(CleaningItem.objects.filter(gone_at=None), to=employee_actor(person.id))
        return sorted(rows.values_list("flaw", flat=True))

    assert seen(OLGA) == seen(IVAN) == seen(MARINA) == [Flaw.SHARED]
    assert seen(BORIS) == [Flaw.NO_STATUS]


def test_two_looks_at_once_are_one(twins):
    CleaningLook.objects.create(pk=1, begun_at=NOW)
    with pytest.raises(AlreadyLooking):
        look(at=NOW + timedelta(minutes=1))
    assert look_for_flaws() == 0
    assert look(at=NOW + GIVEN_UP + timedelta(seconds=1))[Flaw.SHARED] == 1


def test_the_command_says_how_much_there_is(twins, capsys):
    call_command("look_for_flaws")
    assert '"shared": 1' in capsys.readouterr().out


def test_a_look_takes_the_same_number_of_queries_however_much_there_is(django_assert_max_num_queries):
    for number in range(40):
        mirrored_company("А", phone=f"+7916{number:07}")
        mirrored_lead("Л", phone=f"+7916{number:07}")
    with django_assert_max_num_queries(110):
        assert sum(look(at=NOW).values()) == 80
