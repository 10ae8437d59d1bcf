"""Data that migrations carry over."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.utils import timezone

from crm_mirror.models import SyncCursor

true_at = importlib.import_module("crm_mirror.migrations.0004_true_as_of_the_last_pass")


@pytest.mark.django_db
def test_a_mirror_that_was_read_through_before_is_true_as_of_its_last_pass() -> None:
    now = timezone.now()
    for kind, finished_at in (("company", now), ("deal", None)):
        SyncCursor.objects.update_or_create(kind=kind, defaults={"finished_at": finished_at, "true_at": None})
    for _ in range(2):
        true_at.begin(apps, None)
        assert dict(SyncCursor.objects.values_list("kind", "true_at")) == {"company": now, "deal": None}
