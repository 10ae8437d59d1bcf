"""Where no story is told: beside real calls, and beside a mirror of another portal."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from callguard.calls import Ring, record_call
from callguard.models import Call
from tests.cast import IVAN, mirrored_people

pytestmark = pytest.mark.django_db


def test_outside_a_demonstration_nothing_is_made_up(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO is off"):
        call_command("demo_story")


def test_another_portals_mirror_is_left_alone(settings):
    settings.DEMO = True
    mirrored_people()
    with pytest.raises(CommandError, match="--size story"):
        call_command("demo_story")
    assert not Call.objects.exists()


def test_calls_that_are_there_are_left_alone(settings):
    settings.DEMO = True
    mirrored_people()
    record_call(Ring("1", "+79161234567", "outgoing"), caller_id=IVAN.id, at=timezone.now())
    with pytest.raises(CommandError, match="calls already"):
        call_command("demo_story")
