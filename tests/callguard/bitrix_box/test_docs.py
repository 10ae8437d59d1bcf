"""docs/install-box.md, followed to the letter on a portal of stubs, in both languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests
from django.core.management import call_command

from callguard.bitrix_box.package import line

DOCS = Path(__file__).parents[3] / "docs"
ADDRESS = "https://callguard.example"
both = pytest.mark.parametrize("name", ["install-box.md", "install-box.en.md"])


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)


@pytest.fixture
def unzip():
    if not shutil.which("unzip"):
        said = "No unzip: apt-get install unzip."
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)


@both
def test_the_line_is_the_packages_own(name):
    assert blocks(name, "php") == [line() + "\n"]


@both
def test_its_steps_lead_to_a_portal_with_the_card_script(box, unzip, settings, tmp_path, name):
    settings.PUBLIC_URL = ADDRESS
    of_settings, of_command, of_folder, *_checks = blocks(name, "sh")
    assert f"PUBLIC_URL={ADDRESS}" in of_settings
    command = of_command.split()
    assert command[:3] == [".venv/bin/python", "manage.py", "bitrix_box"]
    parcel = tmp_path / "callguard-box.zip"
    call_command(*command[2:-1], str(parcel))

    script = re.sub(r"/\S*/(?=callguard-box\.zip)", f"{tmp_path}/", of_folder).replace(
        "/home/bitrix/www", str(box.root)
    )
    mine = f"{os.getuid()}:{os.getgid()}"  # this machine has no user bitrix
    done = subprocess.run(["sh", "-e", "-c", script.replace("bitrix:bitrix", mine)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert not parcel.exists()

    box.write_init(blocks(name, "php")[0])
    (head,) = box.page()
    assert f'src="{ADDRESS}/static/callguard/card.min.js"' in head


@both
def test_what_it_says_of_the_checks_is_so(installed, name):
    expected = re.findall(r"curl .*?https://portal\.example(\S+).*?# (\d+)", (DOCS / name).read_text())
    assert len(expected) == 2
    with installed.served() as url:
        (token, status), (config, size) = expected
        anonymous = {"Cookie": 'facts={"user":null}'}
        assert requests.get(url + token, headers=anonymous, timeout=10).status_code == int(status)
        assert len(requests.get(url + config, timeout=10).content) == int(size)


def test_the_two_languages_tell_the_same():
    russian, english = ((DOCS / name).read_text() for name in ("install-box.md", "install-box.en.md"))
    assert re.findall(r"^#+", russian, re.MULTILINE) == re.findall(r"^#+", english, re.MULTILINE)
    shape = re.compile(r"^(?:\||\d\.|-|```)", re.MULTILINE)
    assert shape.findall(russian) == shape.findall(english)
    terms = re.compile(r"`[A-Za-z_/.:=-]+`")
    assert sorted(set(terms.findall(russian))) == sorted(set(terms.findall(english)))
