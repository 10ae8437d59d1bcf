"""The ground everything stands on: seeds and settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callguard.models import Palette, Rule, RuleSetVersion
from crm_mirror.models import Status

ROOT = Path(__file__).parent.parent


@pytest.mark.django_db
def test_a_fresh_installation_has_the_articles_statuses_palettes_and_rules() -> None:
    assert list(Status.objects.values_list("name", flat=True)) == ["В ожидании", "В обработке", "В работе"]
    assert list(Palette.objects.values_list("code", flat=True)) == ["red", "yellow", "blue"]
    assert Rule.objects.count() == 10
    assert RuleSetVersion.objects.get().version == 1


def test_a_production_start_without_a_secret_key_says_what_to_do() -> None:
    environment = {"PATH": os.environ["PATH"], "CALLGUARD_ENV_FILE": ""}
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("SECRET_KEY is not set")
    assert len(ran.stderr.splitlines()) == 1
