"""The drill in short: a few simulated hours, twenty kills, faults on and off; `make drill` is the whole of it."""

from __future__ import annotations

import os
import subprocess
import sys

from django.db import connection

from tests.drill.plan import plan
from tests.process import ROOT, database_url

SEED = "7"


def test_a_short_drill_ends_clean_and_prints_its_seed_first() -> None:
    command = [sys.executable, "-m", "tests.drill", "--seed", SEED, "--hours", "4", "--minutes", "0.4"]
    command += ["--kills", "20", "--rows", "500", *(["--sqlite"] if connection.vendor == "sqlite" else [])]
    kept = {name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE"}}
    ran = subprocess.run(
        command, cwd=ROOT, env=kept | {"DATABASE_URL": database_url()}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert ran.stdout.splitlines()[0] == f"seed {SEED}"


def test_the_same_seed_makes_the_same_plan() -> None:
    week = {"hours": 168.0, "kills": 210, "speed": 1680.0}
    assert plan(5, **week) == plan(5, **week)
    assert plan(5, **week) != plan(6, **week)


def test_everything_that_is_broken_is_mended_before_the_end() -> None:
    week = plan(5, hours=168.0, kills=210, speed=1680.0)
    assert sum(one.what == "kill" for one in week) == 210
    for begins, ends in (("fault", "heal"), ("outage", "over")):
        assert [one.what for one in week if one.what in (begins, ends)][-1] == ends
    assert sum(float(one.about) for one in week if one.what == "jump") == 0
