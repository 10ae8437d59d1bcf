import json

import pytest
import requests

from crm_mirror.sandbox.faults import NAMES, Fault, parse_spec, seconds_in
from crm_mirror.sandbox.server import running


@pytest.fixture
def companies(server):
    add = server.portal.call
    return [int(add("crm.company.add", {"fields": {"TITLE": f"№ {number}"}})) for number in range(60)]


def listed(ask, start=-1):
    rows = ask("crm.company.list", {"order": {"ID": "ASC"}, "start": start, "select": ["ID"]}).json()["result"]
    return [int(row["ID"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("503", 503, "QUERY_LIMIT_EXCEEDED"),
        ("overload", 503, "OVERLOAD_LIMIT"),
        ("500", 500, "INTERNAL_SERVER_ERROR"),
        ("unexpected", 500, "ERROR_UNEXPECTED_ANSWER"),
        ("error", 500, "INTERNAL_SERVER_ERROR"),
        ("429", 429, "OPERATION_TIME_LIMIT"),
        ("plan_ended", 403, "ACCESS_DENIED"),
        ("deleted", 500, "PORTAL_DELETED"),
        ("revoked", 401, "NO_AUTH_FOUND"),
        ("dismissed", 403, "INVALID_CREDENTIALS"),
        ("scope", 403, "insufficient_scope"),
    ],
)
def test_a_refusal_has_the_status_and_code_of_the_catalogue(server, ask, name, status, code):
    server.fails_with(name, times=1)
    answer = ask("user.admin")
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert ask("user.admin").json()["result"] is True


@pytest.mark.parametrize(("name", "status"), [("502", 502), ("504", 504), ("413", 413), ("html", 200)])
def test_a_proxy_answers_with_a_page(server, ask, name, status):
    server.fails_with(name)
    answer = ask("user.admin")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert b"<html>" in answer.content


def test_an_answer_may_be_empty(server, ask):
    server.fails_with("empty")
    assert (ask("user.admin").status_code, ask("user.admin").content) == (200, b"")


@pytest.mark.parametrize(("name", "start"), [("bom", b"\xef\xbb\xbf{"), ("warning", b"<br />\n<b>Warning</b>")])
def test_php_may_write_before_the_brace(server, ask, name, start):
    server.fails_with(name)
    content = ask("user.admin").content
    assert content.startswith(start)
    assert json.loads(content[content.index(b"{") :])["result"] is True


@pytest.mark.parametrize(
    ("name", "error"), [("reset", requests.ConnectionError), ("cut", requests.exceptions.ChunkedEncodingError)]
)
def test_a_connection_may_break(server, ask, name, error):
    server.fails_with(name, times=1)
    with pytest.raises(error):
        ask("user.admin")
    assert ask("user.admin").ok


def test_half_of_the_json_may_come_as_if_it_were_all(server, ask):
    server.fails_with("half")
    answer = ask("user.admin")
    assert answer.ok
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_answer_may_never_come(server):
    server.fails_with("stall")
    with pytest.raises(requests.ReadTimeout):
        requests.get(server.webhook + "user.admin", timeout=0.2)


def test_a_stalled_connection_is_dropped_in_the_end(server, ask):
    server.fails_with("stall", amount="50ms", times=1)
    with pytest.raises(requests.ConnectionError):
        ask("user.admin")


def test_a_slow_answer_is_a_right_one(server, ask):
    server.fails_with("slow", amount="50ms")
    answer = ask("user.admin")
    assert answer.json()["result"] is True
    assert answer.elapsed.total_seconds() >= 0.05


def test_a_renamed_portal_sends_elsewhere_with_the_path_kept(server, ask):
    server.fails_with("renamed", amount="new.bitrix24.example")
    answer = ask("user.admin")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://new.bitrix24.example/rest/1/sandbox0admin0token/user.admin"


def test_an_expired_token_is_told_from_a_revoked_one(server, ask, app_token):
    server.fails_with("expired", times=1)
    assert ask("profile", token=app_token).json()["error"] == "expired_token"
    server.fails_with("revoked", times=1)
    assert ask("profile", token=app_token).json()["error"] == "NO_AUTH_FOUND"
    assert ask("profile", token=app_token).ok


def test_rights_may_shrink_midway(server, ask):
    server.fails_with("not_admin", after=1)
    assert [ask("user.admin").json()["result"] for _ in range(3)] == [True, False, False]
    server.heal()
    assert ask("user.admin").json()["result"] is True


def test_a_token_may_come_to_see_its_own_rows_only(server, ask, companies):
    foreign = server.portal.call("crm.company.add", {"fields": {"TITLE": "Чужая", "ASSIGNED_BY_ID": 2}})
    query = {"filter": {"ID": foreign}}
    assert ask("crm.company.list", query).json()["total"] == 1
    server.fails_with("own_rows")
    assert ask("crm.company.list", query).json()["total"] == 0
    assert not server.portal.visible_only_to(1)  # outside of a request there are no faults


def test_the_clock_may_be_wrong_for_a_while(server, ask):
    right = ask("server.time").json()["time"]["start"]
    server.fails_with("clock", amount="-1h", times=1)
    assert ask("server.time").json()["time"]["start"] == pytest.approx(right - 3600, abs=60)
    assert ask("server.time").json()["time"]["start"] == pytest.approx(right, abs=60)


def test_a_row_may_come_twice(server, ask, companies):
    server.fails_with("duplicate", times=1, method="crm.company.list")
    page = listed(ask)
    assert len(page) == 51
    assert sorted(set(page)) == companies[:50]


def test_a_row_may_be_lost_from_a_page_that_looks_full(server, ask, companies):
    server.fails_with("lose", times=1)
    page = listed(ask)
    assert len(page) == 50
    assert len(set(companies[:50]) - set(page)) == 1


def test_a_page_may_be_empty_though_there_are_rows(server, ask, companies):
    server.fails_with("empty_page", times=1)
    assert listed(ask) == []
    assert listed(ask) == companies[:50]


def test_a_fault_of_a_method_strikes_its_commands_in_a_batch_only(server, ask):
    server.fails_with("429", method="user.admin")
    answer = ask("batch", {"cmd": {"a": "user.admin", "b": "profile"}}).json()["result"]
    assert set(answer["result_error"]) == {"a"}
    assert ask("profile").ok


def test_a_fault_lets_some_pass_and_heals_by_itself(server, ask):
    server.fails_with("503", after=2, times=3)
    assert [ask("user.admin").status_code for _ in range(7)] == [200, 200, 503, 503, 503, 200, 200]


def test_one_fault_may_be_healed_and_the_others_stay(server, ask):
    server.fails_with("503", method="profile")
    server.fails_with("502", method="user.admin")
    server.heal("503")
    assert (ask("profile").status_code, ask("user.admin").status_code) == (200, 502)


def test_the_same_seed_strikes_the_same_requests():
    def storm(seed):
        with running("empty", seed=seed, limits_on=False) as server:
            server.fails_with("503", probability=0.5)
            return [requests.get(server.webhook + "user.admin", timeout=5).status_code for _ in range(20)]

    first = storm(7)
    assert set(first) == {200, 503}
    assert storm(7) == first
    assert storm(8) != first


def test_the_log_names_the_fault(server, ask):
    server.fails_with("html", times=1)
    ask("user.admin")
    ask("user.admin")
    assert [entry.fault for entry in server.log] == ["html", ""]


def test_a_specification_is_read():
    assert parse_spec("503=0.1, slow=0.5:300ms,429*3+20@crm.company.list,renamed:new.example:8080") == [
        Fault("503", 0.1),
        Fault("slow", 0.5, "300ms"),
        Fault("429", times=3, after=20, method="crm.company.list"),
        Fault("renamed", amount="new.example:8080"),
    ]
    assert parse_spec("") == []


@pytest.mark.parametrize("spec", ["nonsense", "503=2", "slow:soon", "503=", "=1"])
def test_a_wrong_specification_is_said_to_be_wrong(spec):
    with pytest.raises(ValueError, match=r"fault|probability|time|float"):
        parse_spec(spec)


@pytest.mark.parametrize(("text", "seconds"), [("300ms", 0.3), ("2s", 2), ("-5m", -300), ("1h", 3600), ("4", 4)])
def test_times_are_read(text, seconds):
    assert seconds_in(text) == pytest.approx(seconds)


def test_the_docstring_names_every_fault():
    from crm_mirror.sandbox import faults

    assert not [name for name in NAMES if name not in (faults.__doc__ or "")]
