from urllib.parse import quote, urlencode

import pytest
import requests


@pytest.fixture
def batch(ask):
    def run(commands, halt=0):
        return ask("batch", {"halt": halt, "cmd": commands}).json()["result"]

    return run


def test_each_command_has_its_own_result(batch):
    answer = batch({"a": "user.admin", "b": "method.get?name=profile"})
    assert answer["result"] == {"a": True, "b": {"isExisting": True, "isAvailable": True}}
    assert set(answer["result_time"]) == {"a", "b"}


def test_an_empty_map_comes_as_a_list(batch):
    answer = batch({"a": "user.admin"})
    assert (answer["result_error"], answer["result_total"], answer["result_next"]) == ([], [], [])


def test_commands_given_as_a_list_are_answered_by_a_list(batch):
    assert batch(["user.admin", "user.admin"])["result"] == [True, True]


def test_commands_numbered_from_zero_are_answered_by_a_list(batch):
    assert batch({"0": "user.admin", "1": "user.admin"})["result"] == [True, True]


def test_a_failed_command_leaves_the_others_alone(batch):
    answer = batch({"a": "nonsense", "b": "user.admin"})
    assert answer["result"] == {"b": True}
    assert answer["result_error"]["a"]["error"] == "ERROR_METHOD_NOT_FOUND"


def test_halt_stops_at_the_first_error(batch):
    answer = batch({"a": "user.admin", "b": "nonsense", "c": "user.admin"}, halt=1)
    assert answer["result"] == {"a": True}
    assert set(answer["result_error"]) == {"b"}


def test_a_command_may_use_the_answer_of_an_earlier_one(batch, ask):
    answer = batch({"me": "profile", "note": "im.notify.personal.add?USER_ID=$result[me][ID]&MESSAGE=hi"})
    assert isinstance(answer["result"]["note"], int)


def test_a_reference_may_be_encoded_and_may_stand_inside_a_text(batch, server):
    message = quote("Сотрудник $result[me][NAME]!")
    batch({"me": "profile", "note": f"im.notify.personal.add?USER_ID=1&MESSAGE={message}"})
    assert server.portal.memory["notifications"][0]["message"] == "Сотрудник Анна!"


def test_a_reference_into_a_list_takes_its_row(batch, server):
    for title in ("А", "Б"):
        server.portal.call("crm.company.add", {"fields": {"TITLE": title}})
    list_ = "crm.company.list?order[ID]=ASC&select[]=ID&select[]=TITLE"
    answer = batch({"all": list_, "second": f"{list_}&filter[ID]=$result[all][1][ID]"})
    assert [row["TITLE"] for row in answer["result"]["second"]] == ["Б"]


def test_a_reference_to_nothing_is_an_empty_string(batch, server):
    commands = {"me": "profile", "note": "im.notify.personal.add?USER_ID=$result[me][NOPE]&MESSAGE=hi"}
    assert batch(commands)["result_error"]["note"]["error"] == "USER_ID_EMPTY"


def test_a_short_page_makes_the_next_command_start_over(batch, server):
    """Keyset chains must notice this by themselves: an empty >ID selects from the start again."""
    server.portal.call("crm.company.add", {"fields": {"TITLE": "А"}})
    page = "crm.company.list?order[ID]=ASC&start=-1"
    answer = batch({"p0": page, "p1": f"{page}&filter[>ID]=$result[p0][49][ID]"})
    assert answer["result"]["p1"] == answer["result"]["p0"]


def test_totals_and_next_pages_are_kept_by_command(batch, server):
    for number in range(51):
        server.portal.call("crm.company.add", {"fields": {"TITLE": str(number)}})
    answer = batch({"counted": "crm.company.list", "quick": "crm.company.list?start=-1"})
    assert answer["result_next"] == {"counted": 50}
    assert answer["result_total"]["counted"] == 51


def test_commands_beyond_fifty_are_refused_one_by_one(batch):
    answer = batch({f"c{number}": "user.admin" for number in range(52)})
    assert len(answer["result"]) == 50
    assert {key: error["error"] for key, error in answer["result_error"].items()} == {
        "c50": "ERROR_BATCH_LENGTH_EXCEEDED",
        "c51": "ERROR_BATCH_LENGTH_EXCEEDED",
    }


def test_a_batch_inside_a_batch_is_refused(batch):
    answer = batch({"a": "batch?cmd[x]=user.admin"})
    assert answer["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_a_form_encodes_commands_twice(server):
    command = "im.notify.personal.add?" + urlencode({"USER_ID": 1, "MESSAGE": "a&b=c"})
    for how in ({"params": {"cmd[x]": command}}, {"data": {"cmd[x]": command, "halt": "0"}}):
        requests.post(server.webhook + "batch", timeout=5, **how)
    assert [note["message"] for note in server.portal.memory["notifications"]] == ["a&b=c", "a&b=c"]


def test_a_batch_without_commands_is_empty(batch, ask):
    assert ask("batch").json()["result"]["result"] == []


def test_the_budget_of_each_command_is_counted_and_that_of_the_batch_is_not(server, batch):
    server.portal.config.seconds_charged = 10.0
    answer = batch({"a": "user.admin", "b": "user.admin"})
    assert [answer["result_time"][key]["operating"] for key in "ab"] == [10.0, 20.0]
