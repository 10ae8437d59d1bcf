"""`manage.py verdict` in all forms of contract.md."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from callguard.models import Call
from tests.cast import IVAN, OLGA, PAVEL, mirror_synced, mirrored_company, mirrored_contact, mirrored_people

PHONE = "8 (916) 123-45-67"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mirror():
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone=PHONE, status="В работе", id=5)


def told(*arguments, lines=None, monkeypatch=None):
    out = io.StringIO()
    if lines is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    call_command("verdict", *arguments, stdout=out)
    return out.getvalue()


def test_the_text_is_the_colour_its_label_and_the_sentence():
    assert told(PHONE, "--caller", "8").splitlines() == [
        "red · Чужой клиент",
        "Чужой клиент: «Ромашка», «В работе», ответственный — Ольга Петрова.",
    ]
    assert told("101", "--caller", "8", "--lang", "en").splitlines() == [
        "none · no colour",
        "An internal number: a colleague, not a client.",
    ]


def test_json_is_one_object_with_the_fields_of_a_verdict():
    (line,) = told(PHONE, "--caller", str(IVAN.id), "--json").splitlines()
    answer = json.loads(line)
    assert (answer["colour"], answer["entity"]["id"], answer["responsible"]["name"]) == ("red", 5, OLGA.name)
    assert "steps" not in answer


def test_json_explained_adds_the_steps():
    answer = json.loads(told(PHONE, "--caller", "8", "--json", "--explain"))
    assert [(step["tier"], len(step["found"])) for step in answer["steps"]] == [("company", 1)]


def test_the_explanation_names_steps_rules_and_why_the_search_stopped():
    mirrored_contact("Пётр", phone="+7 495 123-45-67")
    said = told("+7 495 123-45-67", "--caller", "8", "--explain", "--lang", "en")
    assert "1. Companies with this number: nothing found" in said
    assert "3. Contacts with this number and no company: found: 1" in said
    assert "responsible: Ольга Петрова; status: none; rule: “any status” → yellow, own clients too" in said
    assert "not looked at" in said
    assert "Leads" not in said
    assert "rules: version 1" in said


def test_it_leaves_no_call_record():
    told(PHONE, "--caller", "8")
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([PHONE], "--caller"),
        ([PHONE, "--caller", "Иван"], "Иван"),
        ([PHONE, "--caller", "-8"], "-8"),
        ([PHONE, "--caller", "404"], "manage.py sync"),
        ([PHONE, "--caller", str(PAVEL.id)], str(PAVEL.id)),
        ([PHONE, "--caller", "8", "--direction", "sideways"], "sideways"),
        ([PHONE, "--caller", "8", "--lang", "fr"], "fr"),
    ],
)
def test_a_bad_argument_is_one_line_that_names_it_and_exit_code_2(arguments, names):
    with pytest.raises(CommandError) as error:
        told(*arguments)
    assert error.value.returncode == 2
    assert names in str(error.value)
    assert "\n" not in str(error.value)


def test_lines_are_answered_in_order_one_object_each(monkeypatch):
    lines = f"{PHONE}\t8\toutgoing\nanonymous\t7\n{PHONE}\t7\tincoming\r\n"
    answers = [json.loads(line) for line in told("-", "--json", lines=lines, monkeypatch=monkeypatch).splitlines()]
    assert [answer["reason"] for answer in answers] == ["foreign_client", "hidden_number", "own_client"]


def test_a_bad_line_is_answered_with_its_error_and_the_rest_go_on(monkeypatch):
    out = io.StringIO()
    asked = ["P\t8", "", "P\tИван", "P\t404", "P\t8\tsideways", "\t8", "P\t8\toutgoing\tmore", "P\t7"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(asked).replace("P", PHONE)))
    with pytest.raises(CommandError) as error:
        call_command("verdict", "-", "--json", stdout=out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert error.value.returncode == 2
    assert [answer.get("reason") for answer in answers] == [
        "foreign_client",
        *[None] * 4,
        "hidden_number",
        None,
        "own_client",
    ]
    assert all(answer.get("error") for answer in answers if "reason" not in answer)


def test_each_line_is_answered_before_the_next_is_read(monkeypatch):
    out, seen = io.StringIO(), []

    def lines():
        for caller in (8, 7):
            seen.append(out.getvalue().count("\n"))
            yield f"{PHONE}\t{caller}\n"

    monkeypatch.setattr("sys.stdin", lines())
    call_command("verdict", "-", "--json", stdout=out)
    assert seen == [0, 1]
