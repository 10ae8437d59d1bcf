import pytest
import requests

from crm_mirror.sandbox.server import running
from tests.crm_mirror.sandbox.conftest import ADMIN, SALESMAN, salesman


def error(answer):
    return answer.status_code, answer.json()["error"]


def test_a_webhook_acts_with_the_rights_of_its_owner(ask, salesman_hook):
    assert ask("profile").json()["result"]["ADMIN"] is True
    mine = ask("profile", webhook=salesman_hook).json()["result"]
    assert (mine["ID"], mine["ADMIN"]) == (str(SALESMAN), False)


@pytest.mark.parametrize("name", ["user.admin", "USER.ADMIN", "User.Admin.json", "user.admin/"])
def test_method_names_are_case_insensitive_and_may_end_in_json(ask, name):
    assert ask(name).json()["result"] is True


def test_get_with_a_query_and_post_with_a_form_are_the_same(server):
    asked = {"name": "profile"}
    by_query = requests.get(server.webhook + "method.get", params=asked, timeout=5).json()["result"]
    by_form = requests.post(server.webhook + "method.get", data=asked, timeout=5).json()["result"]
    assert by_query == by_form == {"isExisting": True, "isAvailable": True}


@pytest.mark.parametrize("place", ["query", "form", "json", "bearer"])
def test_an_application_may_send_its_token_in_several_places(server, app_token, place):
    address = f"{server.url}/rest/profile"
    how = {
        "query": {"params": {"auth": app_token}},
        "form": {"data": {"auth": app_token}},
        "json": {"json": {"auth": app_token}},
        "bearer": {"headers": {"Authorization": f"Bearer {app_token}"}},
    }[place]
    assert requests.post(address, timeout=5, **how).json()["result"]["ID"] == str(ADMIN)


def test_wrong_credentials_are_refused_with_401(server, ask):
    assert error(ask("profile", webhook=f"{server.url}/rest/1/wrong/")) == (401, "NO_AUTH_FOUND")
    assert error(ask("profile", webhook=f"{server.url}/rest/2/sandbox0admin0token/")) == (401, "NO_AUTH_FOUND")
    assert error(ask("profile", token="wrong")) == (401, "NO_AUTH_FOUND")
    assert requests.get(f"{server.url}/rest/profile", timeout=5).status_code == 401


def test_an_unknown_method_is_404(ask):
    assert error(ask("crm.nonsense.list")) == (404, "ERROR_METHOD_NOT_FOUND")


def test_a_method_outside_the_scope_is_403(server, ask):
    server.portal.config.webhook_scopes = frozenset({"crm"})
    assert error(ask("user.current")) == (403, "insufficient_scope")
    assert ask("profile").ok


def test_methods_of_applications_refuse_a_webhook(ask, app_token):
    assert error(ask("event.get")) == (403, "WRONG_AUTH_TYPE")
    assert ask("event.get", token=app_token).json()["result"] == []


def test_methods_of_administrators_refuse_others(ask, salesman_hook):
    assert error(ask("voximplant.statistic.get", webhook=salesman_hook)) == (403, "ACCESS_DENIED")
    assert ask("voximplant.statistic.get").ok


def test_a_webhook_dies_with_the_dismissal_of_its_owner(server, ask, salesman_hook):
    server.portal.store.put_user(salesman(ACTIVE=False))
    assert error(ask("profile", webhook=salesman_hook)) == (403, "INVALID_CREDENTIALS")


def test_an_access_token_lives_an_hour(server, ask, app_token):
    server.portal.clock.advance(3599)
    assert ask("profile", token=app_token).ok
    server.portal.clock.advance(1)
    assert error(ask("profile", token=app_token)) == (401, "expired_token")


def test_a_plan_without_rest_refuses_everything(server, ask):
    server.portal.config.rest_available = False
    assert error(ask("profile")) == (403, "ACCESS_DENIED")


def test_http_is_refused_where_https_is_required(server, ask):
    server.portal.config.require_https = True
    assert error(ask("profile")) == (400, "INVALID_REQUEST")


def test_a_body_that_is_no_json_is_refused(server):
    head = {"Content-Type": "application/json"}
    answer = requests.post(server.webhook + "profile", data=b'{"a":', headers=head, timeout=5)
    assert error(answer) == (400, "INVALID_REQUEST")


def test_dates_come_in_the_zone_of_the_portal(ask):
    answer = ask("server.time").json()
    assert answer["result"].endswith("+03:00")
    assert answer["time"]["date_start"].endswith("+03:00")


def test_a_box_says_nothing_of_budgets_and_has_no_limits(server, ask):
    server.portal.config.edition = "box"
    assert "operating" not in ask("profile").json()["time"]


def test_the_log_knows_what_was_asked_and_no_token(server, ask):
    ask("user.current", token="secret-token")
    ask("batch", {"cmd": {"a": "profile", "b": "crm.company.list?start=-1"}})
    first, second = server.log
    assert (first.method, first.status) == ("user.current", 401)
    assert (second.method, second.status, second.commands) == ("batch", 200, ("profile", "crm.company.list"))
    assert server.log.methods() == ["user.current", "profile", "crm.company.list"]
    assert "secret-token" not in str(list(server.log))
    assert "sandbox0admin0token" not in str(list(server.log))


def test_a_method_can_be_called_without_http(server):
    assert server.portal.call("user.admin", user_id=SALESMAN) is False
    assert server.portal.call("methods", {"scope": "im"}) == ["im.notify.personal.add", "im.notify.system.add"]
    assert len(server.log) == 0


def test_hundreds_of_connections_are_served_at_once(server):
    sessions = [requests.Session() for _ in range(200)]
    try:
        answers = [session.get(server.webhook + "user.admin", timeout=10) for session in sessions]
        assert [answer.json()["result"] for answer in answers] == [True] * 200
    finally:
        for session in sessions:
            session.close()


def test_answers_are_packed_for_who_can_unpack_them(server, ask):
    server.portal.config.gzip = True
    assert ask("user.admin").headers["Content-Encoding"] == "gzip"
    assert ask("user.admin").json()["result"] is True
    assert "Content-Encoding" not in ask("user.admin", headers={"Accept-Encoding": "identity"}).headers


def test_a_closed_portal_answers_nobody_who_is_still_connected():
    with requests.Session() as session:
        with running("empty") as server:
            assert session.get(server.webhook + "user.admin", timeout=5).ok
        with pytest.raises(requests.ConnectionError):
            session.get(server.webhook + "user.admin", timeout=5)


def test_a_mistake_of_the_sandbox_is_a_500_and_not_the_end(ask, server, caplog):
    server.portal.store.put_user(salesman(ID=str(ADMIN), IS_ADMIN=True, NAME=object()))  # JSON cannot say this
    assert error(ask("profile")) == (500, "INTERNAL_SERVER_ERROR")
    assert "failed at profile" in caplog.text
    assert ask("user.admin").ok


def test_a_body_may_come_in_chunks(server):
    def body():
        yield b'{"name": "pro'
        yield b'file"}'

    head = {"Content-Type": "application/json"}
    answer = requests.post(server.webhook + "method.get", data=body(), headers=head, timeout=5)
    assert answer.json()["result"]["isExisting"] is True
