import pytest

from tests.contract.sample import assert_same_shape, sample
from tests.crm_mirror.sandbox.conftest import ADMIN, SALESMAN
from tests.crm_mirror.sandbox.receiver import listening

NUMBER = "+7 916 123-45-67"


@pytest.fixture
def app(ask, app_token):
    def call(method, **params):
        return ask(f"telephony.externalCall.{method}", params, token=app_token).json()

    return call


@pytest.fixture
def company(server):
    fields = {"TITLE": "Ромашка", "PHONE": [{"VALUE": NUMBER, "VALUE_TYPE": "WORK"}], "ASSIGNED_BY_ID": SALESMAN}
    return int(server.portal.call("crm.company.add", {"fields": fields}))


@pytest.fixture
def call_id(app):
    return app("register", USER_ID=SALESMAN, PHONE_NUMBER=NUMBER, TYPE=1)["result"]["CALL_ID"]


def test_registering_finds_the_client(app, company):
    answer = app("register", USER_ID=SALESMAN, PHONE_NUMBER="89161234567", TYPE=2)
    assert_same_shape(answer, sample("telephony-external-call-register.result.json"))
    found = answer["result"]
    assert (found["CRM_ENTITY_TYPE"], found["CRM_ENTITY_ID"]) == ("COMPANY", company)
    assert found["CALL_ID"].startswith("externalCall.")


def test_the_same_call_keeps_its_id_for_half_an_hour(server, app, call_id):
    asked = {"USER_ID": SALESMAN, "PHONE_NUMBER": NUMBER, "TYPE": 1}
    assert app("register", **asked)["result"]["CALL_ID"] == call_id
    assert app("register", **asked, EXTERNAL_CALL_ID="7")["result"]["CALL_ID"] != call_id
    server.portal.clock.advance(1801)
    assert app("register", **asked)["result"]["CALL_ID"] != call_id


def test_a_wrong_registration_is_refused(app):
    assert app("register", USER_ID=1, PHONE_NUMBER=NUMBER, TYPE=9) == sample(
        "telephony-external-call-register-2.error.json"
    )
    assert "USER_ID or USER_PHONE_INNER" in app("register", PHONE_NUMBER=NUMBER, TYPE=1)["error_description"]
    assert "not found" in app("register", USER_ID=99, PHONE_NUMBER=NUMBER, TYPE=1)["error_description"]
    assert "phone number" in app("register", USER_ID=1, PHONE_NUMBER="hidden", TYPE=1)["error_description"]
    late = app("register", USER_ID=1, PHONE_NUMBER=NUMBER, TYPE=1, CALL_START_DATE="yesterday")
    assert "ISO-8601" in late["error_description"]


def test_cards_are_shown_and_hidden(server, app, call_id):
    assert server.portal.memory["shown"][call_id] == {SALESMAN}
    assert_same_shape(app("show", CALL_ID=call_id, USER_ID=[ADMIN]), sample("telephony-external-call-show.result.json"))
    assert server.portal.memory["shown"][call_id] == {SALESMAN, ADMIN}
    assert app("hide", CALL_ID=call_id, USER_ID=SALESMAN)["result"] is True
    assert server.portal.memory["shown"][call_id] == {ADMIN}
    assert app("show", CALL_ID="nothing")["result"] is False


def test_finishing_answers_as_the_docs_say_and_only_once(app, company, call_id):
    answer = app("finish", CALL_ID=call_id, USER_ID=SALESMAN, DURATION=95, VOTE=5)
    assert_same_shape(answer, sample("telephony-external-call-finish.result.json"))
    assert answer["result"]["CALL_FAILED_CODE"] == "200"
    assert "not found" in app("finish", CALL_ID=call_id, USER_ID=SALESMAN)["error_description"]


def test_finishing_needs_the_id_as_text(app):
    assert app("finish", CALL_ID=[1], USER_ID=1) == sample("telephony-external-call-finish-2.error.json")


def test_an_ended_call_is_in_the_statistics(server, ask, app, company, call_id):
    app("finish", CALL_ID=call_id, USER_ID=SALESMAN)
    answer = ask("voximplant.statistic.get").json()
    assert_same_shape(answer, sample("voximplant-statistic-get.result.json"))
    row = answer["result"][0]
    assert (row["CALL_ID"], row["CALL_FAILED_CODE"], row["CRM_ENTITY_ID"]) == (call_id, "304", str(company))


def test_statistics_are_filtered_by_the_instant_and_sorted(ask, app):
    for hour in (12, 10, 11):
        started = f"2026-11-24T{hour}:00:00+03:00"
        asked = {"USER_ID": SALESMAN, "PHONE_NUMBER": f"+7916000{hour}00", "TYPE": 1, "CALL_START_DATE": started}
        app("finish", CALL_ID=app("register", **asked)["result"]["CALL_ID"], USER_ID=SALESMAN)
    since = {"FILTER": {">=CALL_START_DATE": "2026-11-24T08:00:00+00:00"}, "SORT": "CALL_START_DATE", "ORDER": "DESC"}
    rows = ask("voximplant.statistic.get", since).json()["result"]
    assert [row["CALL_START_DATE"][11:13] for row in rows] == ["12", "11"]


def test_only_who_may_see_statistics_sees_them(ask, salesman_hook):
    answer = ask("voximplant.statistic.get", webhook=salesman_hook)
    assert answer.json() == sample("voximplant-statistic-get-2.error.json")


def test_a_call_is_told_from_its_beginning_to_its_end(server, ask, app_token, app):
    with listening() as receiver:
        for event in ("INIT", "START", "END"):
            ask("event.bind", {"event": f"ONVOXIMPLANTCALL{event}", "handler": receiver.url}, token=app_token)
        call_id = app("register", USER_ID=SALESMAN, PHONE_NUMBER=NUMBER, TYPE=1)["result"]["CALL_ID"]
        app("finish", CALL_ID=call_id, USER_ID=SALESMAN)
        server.portal.events.settle()
        told = {event["event"]: event for event in receiver.events}
    for event, name in (("INIT", "init-2"), ("START", "start"), ("END", "end")):
        expected = sample(f"on-voximplant-call-{name}.event.json")
        assert_same_shape(told[f"ONVOXIMPLANTCALL{event}"], expected, may_add={"user_id"})


def test_the_portals_own_search_names_the_responsible(ask, company):
    answer = ask("telephony.externalCall.searchCrmEntities", {"PHONE_NUMBER": "89161234567"}).json()
    assert_same_shape(answer, sample("telephony-external-call-search-crm-entities.result.json"))
    assert [(row["NAME"], row["ASSIGNED_BY_ID"]) for row in answer["result"]] == [("Ромашка", SALESMAN)]


def test_a_search_needs_a_number_and_may_find_nothing(ask):
    search = "telephony.externalCall.searchCrmEntities"
    assert ask(search).json() == sample("telephony-external-call-search-crm-entities-2.error.json")
    assert ask(search, {"PHONE_NUMBER": "89990000000"}).json()["result"] == []
