"""Disputes of before there was one open of a call: the migration joins them."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from callguard.models import Dispute, DisputeState
from tests.callguard.fairness.court import rung
from tests.cast import BORIS, MARINA, mirror_synced, mirrored_people

one_open = importlib.import_module("callguard.migrations.0027_one_open_dispute")


@pytest.mark.django_db
def test_several_open_ones_of_a_call_become_the_first_and_decided_ones_stay() -> None:
    mirrored_people()
    mirror_synced()
    call, at = rung(), timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX dispute_one_open_of_call")

    def said(comment, later, **facts):
        facts = {"told": [{"id": MARINA.id, "name": ""}]} | facts
        return Dispute.objects.create(
            call=call, by_id=call.caller_id, comment=comment, at=at + timedelta(hours=later), **facts
        )

    said("Второе", 2, evidence="Письмо", link="https://portal.example/1", told=[{"id": BORIS.id, "name": ""}])
    first = said("Первое", 1)
    said("Длинное" * 71, 3)
    old = said("Решённое", 0, state=DisputeState.REJECTED)
    one_open.merge(apps, None)
    assert set(Dispute.objects.all()) == {first, old}
    first.refresh_from_db()
    assert first.comment.startswith("Первое\nВторое\nДлинное")
    assert len(first.comment) == 500
    assert (first.evidence, first.link) == ("Письмо", "https://portal.example/1")
    assert [person["id"] for person in first.told] == [MARINA.id, BORIS.id]
