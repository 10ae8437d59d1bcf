"""The files of docs/deploy/ start what there is: commands, modules, settings and paths that exist in this checkout."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
EXAMPLE = (ROOT / ".env.example").read_text()


def commands_of(unit: Path) -> list[list[str]]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # systemd's names are as they are written
    parser.read(unit)
    return [shlex.split(value) for name, value in parser["Service"].items() if name.startswith("ExecStart")]


def check_command(command: list[str]) -> None:
    program = Path(command[0]).name
    assert program in {"python", "granian", "celery"}
    if program == "python":
        assert command[1] == "manage.py"
        assert command[2] in get_commands()
    elif program == "granian":
        assert command[-1] == "config.wsgi:application"
    else:
        assert command[1:4] == ["-A", "config", command[3]]
        assert command[3] in {"worker", "beat"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_what_there_is(unit: Path) -> None:
    commands = commands_of(unit)
    assert commands
    for command in commands:
        check_command(command)


def test_the_compose_file_starts_web_worker_and_one_beat_on_postgres_and_redis() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    for name in ("migrate", "worker", "beat"):
        check_command(services[name]["command"])
    for service in services.values():
        for variable in service.get("environment", {}):
            assert variable.startswith("POSTGRES_") or variable in EXAMPLE, variable


def test_the_image_holds_all_that_runs() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    check_command(yaml.safe_load(re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)[1]))
