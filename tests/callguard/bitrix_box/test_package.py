"""The ZIP and the command that makes it."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import subprocess
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from callguard.bitrix_box.package import CONFIG, Facts, facts, packed

TOLD = Facts("https://callguard.example", "s" * 40, "UF_CRM_CALLGUARD_STATUS", "CALLGUARD_STATUS")
LINE = "require_once $_SERVER['DOCUMENT_ROOT'] . '/local/callguard/include.php';"


@pytest.fixture(autouse=True)
def address(settings):
    settings.PUBLIC_URL = "https://callguard.example"
    with translation.override("en"):
        yield


def archive_of(content):
    return ZipFile(io.BytesIO(content))


# --- The ZIP ---------------------------------------------------------------------------------------------------------
def test_it_holds_the_folder_for_local_and_nothing_else():
    names = archive_of(packed(TOLD)).namelist()
    assert {name.split("/")[0] for name in names} == {"callguard"}
    assert {"callguard/include.php", "callguard/token.php", "callguard/README.txt", CONFIG} <= set(names)
    assert len(names) == len(set(names))


def test_it_can_overwrite_nothing_of_the_customers():
    assert not [name for name in archive_of(packed(TOLD)).namelist() if "php_interface" in name or "init.php" in name]


def test_the_same_settings_make_the_same_bytes():
    assert packed(TOLD) == packed(TOLD)
    assert packed(TOLD) != packed(Facts(TOLD.address, "t" * 40, TOLD.status_field, TOLD.reference))


def test_only_the_configuration_is_not_for_everybody():
    modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in archive_of(packed(TOLD)).infolist()}
    assert {name for name, mode in modes.items() if mode == 0o640} == {CONFIG}
    assert set(modes.values()) == {0o640, 0o644}


def test_the_secret_stands_in_the_configuration_only():
    archive = archive_of(packed(TOLD))
    assert [name for name in archive.namelist() if TOLD.secret.encode() in archive.read(name)] == [CONFIG]


def test_the_readme_gives_the_line_in_both_languages():
    text = archive_of(packed(TOLD)).read("callguard/README.txt").decode()
    assert LINE in text
    assert "Add one line" in text
    assert "Добавьте одну строку" in text


@pytest.mark.parametrize("secret", ['it\'s \\ a "secret" $HOME', "\\'", "'];system('id');['", "ключ\\\\", "a\nb"])
def test_php_reads_back_what_was_written_whatever_the_secret_is(php, tmp_path, secret):
    told = Facts("https://callguard.example", secret, "UF_CRM_X", "REF")
    archive_of(packed(told)).extractall(tmp_path)
    read = subprocess.run(
        [php, "-r", "echo json_encode(include $argv[1]);", str(tmp_path / CONFIG)], capture_output=True, text=True
    )
    values = {"address": told.address, "secret": secret, "status_field": "UF_CRM_X", "reference": "REF"}
    assert json.loads(read.stdout) == values


def test_what_it_is_told_comes_from_the_settings(settings):
    settings.BITRIX_STATUS_FIELD = "UF_CRM_STATE"
    assert facts() == Facts(settings.PUBLIC_URL, settings.CARD_TOKEN_SECRET, "UF_CRM_STATE", "CALLGUARD_STATUS")
    settings.BITRIX_STATUS_REFERENCE = "THEIRS"
    assert facts().reference == "THEIRS"


# --- The command -----------------------------------------------------------------------------------------------------
def made(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("bitrix_box", *arguments, stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


def test_the_command_writes_the_package_for_its_owners_eyes_and_says_so(tmp_path):
    file = tmp_path / "box.zip"
    report, said = made("--output", str(file))
    content = file.read_bytes()
    assert content == packed(facts())
    assert report == {
        "file": str(file),
        "address": "https://callguard.example",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "holds a secret" in said


def test_an_old_package_that_everybody_could_read_is_replaced(tmp_path):
    file = tmp_path / "box.zip"
    file.write_text("old")
    file.chmod(0o644)
    made("--output", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("PUBLIC_URL", "", "PUBLIC_URL is not set"),
        ("PUBLIC_URL", "callguard.example", "PUBLIC_URL is no address"),
        ("PUBLIC_URL", "https://callguard.example/?a=b", "PUBLIC_URL is no address"),
        ("CARD_TOKEN_SECRET", "", "CARD_TOKEN_SECRET is not set"),
    ],
)
def test_wrong_settings_are_named_with_the_cure_and_nothing_is_written(settings, tmp_path, setting, value, named):
    setattr(settings, setting, value)
    with pytest.raises(CommandError, match=named) as refused:
        made("--output", str(tmp_path / "box.zip"))
    assert refused.value.returncode == 2
    assert str(refused.value).count(". ") >= 1
    assert not (tmp_path / "box.zip").exists()


@pytest.mark.parametrize("place", ["no/such/folder/box.zip", "."])
def test_a_place_that_cannot_be_written_is_a_one(tmp_path, place):
    with pytest.raises(CommandError, match="--output") as refused:
        made("--output", str(tmp_path / place))
    assert refused.value.returncode == 1
