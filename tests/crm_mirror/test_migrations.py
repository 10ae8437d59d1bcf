"""Data that migrations carry over."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.utils import timezone

from crm_mirror.models import Status, SyncCursor

true_at = importlib.import_module("crm_mirror.migrations.0004_true_as_of_the_last_pass")


@pytest.mark.django_db
def test_a_mirror_that_was_read_through_before_is_true_as_of_its_last_pass() -> None:
    now = timezone.now()
    for kind, finished_at in (("company", now), ("deal", None)):
        SyncCursor.objects.update_or_create(kind=kind, defaults={"finished_at": finished_at, "true_at": None})
    for _ in range(2):
        true_at.begin(apps, None)
        assert dict(SyncCursor.objects.values_list("kind", "true_at")) == {"company": now, "deal": None}


as_the_portal = importlib.import_module("crm_mirror.migrations.0006_statuses_as_the_portal_has_them")


@pytest.mark.django_db
def test_statuses_known_to_the_portal_are_what_it_had_last_and_placeholders_are_not() -> None:
    Status.objects.filter(name="В работе").update(in_portal=True)
    for _ in range(2):
        as_the_portal.begin(apps, None)
        known = Status.objects.exclude(portal_sort=None).values_list("name", "portal_name", "portal_sort")
        assert list(known) == [("В работе", "В работе", 30)]


@pytest.mark.django_db
def test_what_was_exchanged_since_is_left_alone() -> None:
    Status.objects.filter(name="В работе").update(in_portal=True, portal_name="Наш клиент", portal_sort=5)
    as_the_portal.begin(apps, None)
    assert Status.objects.get(name="В работе").portal_name == "Наш клиент"
