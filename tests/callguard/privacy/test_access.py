"""The access log."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import privacy
from callguard.access.actors import Actor, employee_actor
from callguard.access.roles import Role
from callguard.models import AccessLog, Opened
from callguard.privacy.access import looks_at
from tests.cast import IVAN, MARINA, OLGA, mirrored_people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    mirrored_people()


def opened(reader, about, page=Opened.PERSON, **more):
    privacy.note_access(employee_actor(reader.id), about=about, page=page, at=timezone.now(), **more)


def test_opening_a_persons_record_is_on_record_with_name_and_time():
    opened(MARINA, OLGA.id)
    line = AccessLog.objects.get()
    assert (line.reader_id, line.reader_name, line.about_id, line.page) == (MARINA.id, MARINA.name, OLGA.id, "person")


def test_an_export_of_several_people_is_a_line_for_each():
    opened(MARINA, [OLGA.id, IVAN.id, OLGA.id], Opened.EXPORT, detail="x" * 999)
    assert set(AccessLog.objects.values_list("about_id", "page")) == {(OLGA.id, "export"), (IVAN.id, "export")}


def test_looking_at_ones_own_record_leaves_no_line():
    opened(OLGA, OLGA.id)
    opened(MARINA, [MARINA.id])
    assert not AccessLog.objects.exists()


def test_a_list_of_everybody_is_about_those_whom_the_reader_sees():
    opened(MARINA, None, Opened.CALLS)
    assert set(AccessLog.objects.values_list("about_id", flat=True)) == {OLGA.id, IVAN.id}


def test_a_person_reads_who_looked_at_him_and_who_looked_at_the_whole_company():
    opened(MARINA, OLGA.id)
    opened(MARINA, IVAN.id)
    administrator = Actor("admin", Role.ADMINISTRATOR)
    privacy.note_access(administrator, about=None, page=Opened.EXPORT, at=timezone.now())
    assert list(looks_at(OLGA.id).values_list("page", flat=True)) == ["export", "person"]
