"""A version called an error excuses its conflicts, old ones too, and blames again when it is cleared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.fairness.judge import judge_due
from callguard.models import Call, Excuse, Ground
from callguard.workshop import drafts, errors
from tests.callguard.workshop.conftest import CONTACT, RED, drafted, rung
from tests.cast import mirror_synced

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[timedelta(hours=5), timedelta(days=60)], ids=["of today", "of long ago"])
def blamed(clients, request):
    """Two conflicts of version 1, judged and blamed."""
    rung("1", RED), rung("2", CONTACT)
    Call.objects.update(rung_at=timezone.now() - timedelta(hours=5))
    mirror_synced()
    judge_due(at=timezone.now())
    Call.objects.update(rung_at=timezone.now() - request.param)
    assert blames() == {"1", "2"}


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def blames():
    return set(
        Call.objects.filter(conflict=True, judged_at__isnull=False, excused=False).values_list("call_id", flat=True)
    )


def test_conflicts_of_an_error_blame_nobody_and_say_why(blamed, root, committed):
    Call.objects.update(untallied=False)
    with committed(execute=True):
        errors.withdraw([1], by=root, at=timezone.now())
    assert blames() == set()
    assert Call.objects.filter(excused=True, untallied=True).count() == 2
    proofs = Excuse.objects.filter(ground=Ground.OWN_ERROR).values_list("proof__why", "proof__version")
    assert list(proofs) == [("rules", 1)] * 2


def test_they_blame_again_when_it_was_no_error(blamed, root, committed):
    with committed(execute=True):
        errors.withdraw([1], by=root, at=timezone.now())
    with committed(execute=True):
        errors.reinstate([1], by=root, at=timezone.now())
    assert blames() == {"1", "2"}
    assert not Excuse.objects.exists()


def test_conflicts_of_other_versions_stay_as_they_are(blamed, root, committed):
    Call.objects.filter(call_id="2").update(rules_version=2)
    with committed(execute=True):
        errors.withdraw([1], by=root, at=timezone.now())
    assert blames() == {"2"}


def test_publishing_judges_only_when_it_is_done(blamed, root, committed):
    revision = drafted(root, company_В_работе="yellow")
    with committed() as callbacks:
        drafts.publish(revision=revision, by=root, at=timezone.now(), errors=[1])
        assert not Call.objects.filter(judged_at__isnull=False).exists()
        assert not Excuse.objects.exists()
    for callback in callbacks:
        callback()
    assert Call.objects.filter(excused=True).count() == 2
