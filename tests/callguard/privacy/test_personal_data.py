"""What is kept about one person: handed out, and erased."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from callguard.models import About, AccessLog, Account, Call, Comment, Dispute, History
from crm_mirror.models import Employee
from tests.callguard.privacy.conftest import CONTACT, LEAD, RED, SPELLING, all_that_is_kept, rung, talked_about
from tests.cast import IVAN, MARINA, OLGA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clients")]


@pytest.fixture
def calls():
    talked_about(rung("ivans", RED))
    rung("by-contact", CONTACT)
    rung("lead", LEAD)
    rung("olgas", RED, caller=OLGA)
    return Call.objects.all()


def run(*arguments):
    out = io.StringIO()
    call_command("personal_data", *arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def handed_out(tmp_path, *who):
    file = tmp_path / "out.zip"
    run("export", *who, "--to", str(file))
    with ZipFile(file) as archive:
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}


def left(person):
    Employee.objects.filter(portal_id=person.id).update(active=False)


# --- Handing out -----------------------------------------------------------------------------------------------------
def test_an_employee_gets_his_calls_and_what_was_said_about_them(calls, tmp_path):
    Account.objects.create(username="ivan", employee_id=IVAN.id, password="secret-hash")
    files = handed_out(tmp_path, "--employee", str(IVAN.id))
    assert {row["call_id"] for row in files["calls"]} == {"ivans", "by-contact", "lead"}
    assert [len(files[name]) for name in ("excuses", "disputes", "comments", "decisions")] == [1, 1, 1, 1]
    assert files["person"][0]["name"] == IVAN.name
    assert files["accounts"][0]["username"] == "ivan"
    assert "secret-hash" not in str(files)
    assert files["takeovers"] == []


def test_a_subscriber_gets_the_calls_with_his_number_in_any_spelling(calls, tmp_path):
    files = handed_out(tmp_path, "--number", SPELLING)
    assert {row["call_id"] for row in files["calls"]} == {"ivans", "olgas"}
    assert files["carriers"][0]["e164"] == RED


def test_handing_out_is_on_record_without_what_was_handed_out(calls, tmp_path):
    handed_out(tmp_path, "--employee", str(IVAN.id))
    handed_out(tmp_path, "--number", RED)
    lines = History.objects.filter(about=About.PERSON).order_by("id").values_list("object_id", "after")
    assert list(lines) == [(str(IVAN.id), {"data": "handed out"}), ("+7916*****67", {"data": "handed out"})]
    assert AccessLog.objects.get().about_id == IVAN.id


@pytest.mark.parametrize("who", [("--employee", "4711"), ("--number", "+79990000000")])
def test_of_whom_nothing_is_kept_it_is_said_and_no_file_is_left(who, tmp_path):
    with pytest.raises(CommandError, match=r"(?i)ничего|nothing"):
        handed_out(tmp_path, *who)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_number_is_refused():
    with pytest.raises(CommandError, match="79161234567"):
        run("export", "--number", "101")


# --- Erasing a subscriber ---------------------------------------------------------------------------------------------
def test_an_erased_number_is_nowhere_in_calls_and_what_hangs_on_them(calls):
    assert run("erase", "--number", SPELLING, "--yes") == {"erased": RED, "calls": 2}
    told = all_that_is_kept(Call.objects.filter(call_id__in=["ivans", "olgas"]))
    assert not any(spelling in told for spelling in (RED, SPELLING, RED[1:], RED[2:]))
    assert Call.objects.get(call_id="lead").number == LEAD


@pytest.mark.parametrize(("number", "name"), [(CONTACT, "Вера Одинцова"), (LEAD, "Звонок с")])
def test_the_name_of_a_private_person_behind_it_goes_and_the_company_stays(calls, number, name):
    run("erase", "--number", number, "--yes")
    told = all_that_is_kept(Call.objects.filter(number__contains="*"))
    assert name not in told
    assert ("Ромашка" in told) == (number == CONTACT)


def test_erasing_leaves_figures_as_they_are(calls):
    columns = ("call_id", "colour", "conflict", "caller_id", "responsible_id", "answered", "rung_at", "untallied")
    before = list(calls.order_by("pk").values_list(*columns))
    run("erase", "--number", RED, "--yes")
    assert list(calls.order_by("pk").values_list(*columns)) == before


# --- Erasing an employee ----------------------------------------------------------------------------------------------
def test_who_works_here_is_not_erased(calls):
    with pytest.raises(CommandError):
        run("erase", "--employee", str(OLGA.id), "--yes")
    assert not History.objects.filter(about=About.PERSON).exists()


def test_the_name_of_an_employee_who_left_becomes_his_id(calls):
    left(OLGA)
    assert run("erase", "--employee", str(OLGA.id), "--yes") == {"erased": OLGA.id, "calls": 1}
    told = all_that_is_kept(Call.objects.all())
    assert OLGA.name not in told
    assert f"ID {OLGA.id}" in told
    assert IVAN.name in told
    assert calls.get(call_id="ivans").responsible_id == OLGA.id


def test_his_words_and_his_account_go(calls):
    Account.objects.create(username="ivan", employee_id=IVAN.id)
    AccessLog.objects.create(
        at=timezone.now(), reader_id=IVAN.id, reader_name=IVAN.name, about_id=OLGA.id, page="person"
    )
    left(IVAN)
    run("erase", "--employee", str(IVAN.id), "--yes")
    assert not Account.objects.filter(username="ivan").exists()
    assert SPELLING not in Dispute.objects.get().comment + Dispute.objects.get().evidence
    assert (Comment.objects.get().text, Comment.objects.get().by_name) == ("***", f"ID {IVAN.id}")
    assert AccessLog.objects.get().reader_name == f"ID {IVAN.id}"


def test_a_judge_who_left_goes_by_his_id_and_his_decision_stands(calls):
    left(MARINA)
    run("erase", "--employee", str(MARINA.id), "--yes")
    decision = calls.get(call_id="ivans").decision
    assert (decision.by_name, decision.excuses) == (f"ID {MARINA.id}", True)
    assert Dispute.objects.get().told == [{"id": MARINA.id, "name": f"ID {MARINA.id}"}]


def test_erasing_again_changes_nothing(calls):
    left(OLGA)
    run("erase", "--employee", str(OLGA.id), "--yes")
    before = all_that_is_kept(Call.objects.all())
    run("erase", "--employee", str(OLGA.id), "--yes")
    assert all_that_is_kept(Call.objects.all()) == before


def test_it_asks_before_it_erases(calls, monkeypatch):
    answers = iter(["no", RED])
    monkeypatch.setattr("builtins.input", lambda: next(answers))
    with pytest.raises(CommandError):
        run("erase", "--number", RED)
    assert calls.filter(number=RED).exists()
    run("erase", "--number", RED)
    assert not calls.filter(number=RED).exists()


def test_calls_of_long_ago_are_found_too(tmp_path):
    rung("old", RED, at=timezone.now() - timedelta(days=900))
    assert len(handed_out(tmp_path, "--number", RED)["calls"]) == 1
