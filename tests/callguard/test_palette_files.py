"""A palette goes out as a file and comes in as a draft, or not at all."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError

from callguard.models import Palette
from callguard.palette_files import LARGEST, exported, imported
from callguard.palettes import values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def red():
    return Palette.objects.get(code="red")


def file_of(palette, **changed):
    return json.dumps(json.loads(exported(palette)) | changed).encode()


def test_what_goes_out_comes_in_unchanged(red):
    back = imported(exported(red).encode())
    assert (back.pk, values_of(back)) == (red.pk, values_of(red))


def test_an_unknown_code_is_a_new_palette(red):
    assert imported(file_of(red, code="violet", severity=77)).pk is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[]", "Call Guard"),
        (b'{"callguard_palette": 2}', "Call Guard"),
        (b'{"callguard_palette": 1, "code": "x"}', "severity"),
        (b" " * (LARGEST + 1), "велик|too large"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(text, says):
    with pytest.raises(ValidationError, match=says):
        imported(text)


@pytest.mark.parametrize("changed", [{"text": "#c62829"}, {"base": "red"}, {"severity": "high"}, {"severity": 20}])
def test_a_palette_that_could_not_be_published_does_not_come_in(red, changed):
    with pytest.raises(ValidationError):
        imported(file_of(red, **changed))
    red.refresh_from_db()
    assert (red.text, red.severity) == ("#ffffff", 30)
