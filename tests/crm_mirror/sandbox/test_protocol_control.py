import pytest
import requests

from tests.crm_mirror.sandbox.receiver import listening


@pytest.fixture
def control(server):
    def post(action, **body):
        return requests.post(f"{server.url}/_sandbox/{action}", json=body, timeout=5)

    return post


def read(server, what=""):
    return requests.get(f"{server.url}/_sandbox/{what}", timeout=5)


def test_the_page_shows_people_requests_and_faults(server, ask):
    server.fails_with("html", times=1)
    ask("user.admin")
    page = read(server)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Иван Продажин" in page.text
    assert "user.admin" in page.text


def test_what_came_from_outside_is_escaped(server):
    requests.get(server.webhook + "<script>alert(1)</script>", timeout=5)
    server.portal.store.put_user({"ID": "3", "ACTIVE": True, "NAME": "<b>", "LAST_NAME": ""})
    assert "<script>" not in read(server).text
    assert "<b>" not in read(server).text


def test_no_secret_is_shown(server):
    shown = read(server).text + read(server, "state").text + read(server, "log").text
    assert "sandbox0admin0token" not in shown
    assert "application-secret" not in shown


def test_faults_are_switched_on_and_healed(server, ask, control):
    state = control("faults", spec="503*1@profile,html@user.admin").json()
    assert [fault["name"] for fault in state["faults"]] == ["503", "html"]
    assert ask("profile").status_code == 503
    assert control("heal", name="html").json()["faults"][0]["name"] == "503"
    assert ask("user.admin").json()["result"] is True
    assert control("heal").json()["faults"] == []


def test_a_wrong_fault_is_said_to_be_wrong(control):
    answer = control("faults", spec="nonsense")
    assert answer.status_code == 400
    assert "unknown fault" in answer.json()["error"]


def test_limits_are_switched_and_time_passes(server, ask, control):
    server.portal.limits.rate_burst = 1
    server.portal.limits.rate_per_second = 0.001
    assert control("limits", on=1).json()["limits_on"] is True
    assert [ask("profile").status_code for _ in range(2)] == [200, 503]
    control("advance", seconds=3600)
    assert ask("profile").status_code == 200
    assert control("advance", seconds=-1).status_code == 400
    control("limits", on=0)
    assert ask("profile").status_code == 200


def test_the_clock_is_set_while_time_goes_on(server, ask, control):
    before, monotonic = server.portal.now(), server.portal.clock.monotonic()
    control("jump", seconds=-3600)
    assert (before - server.portal.now()).total_seconds() > 3500
    assert server.portal.clock.monotonic() >= monotonic
    company = ask("crm.company.add", {"fields": {"TITLE": "Ромашка"}}).json()["result"]
    assert ask("crm.company.get", {"id": company}).json()["result"]["DATE_MODIFY"] < before.isoformat()


def test_a_person_makes_an_outgoing_webhook(server, control):
    with listening() as receiver:
        token = control("webhook", url=receiver.url).json()["application_token"]
        server.portal.emit("ONCRMDEALADD", {"ID": 5}, 1)
        server.portal.events.settle()
    (told,) = receiver.events
    assert (told["event"], told["auth"]["application_token"]) == ("ONCRMDEALADD", token)
    assert token not in read(server).text + read(server, "state").text


def test_the_page_shows_the_new_webhooks_token_once(server):
    url = "http://callguard.example/bitrix/events/"
    shown = requests.post(f"{server.url}/_sandbox/webhook", data={"url": url}, timeout=5).text
    assert server.portal.events.handlers[0].token in shown
    assert url in read(server).text


def test_an_outgoing_webhook_needs_an_address(control):
    assert control("webhook", url="callguard").status_code == 400


def test_everything_is_reset(server, ask, control):
    server.fails_with("503")
    ask("profile")
    control("reset")
    assert len(server.log) == 0
    assert ask("profile").ok


def test_the_log_can_be_read(server, ask):
    ask("batch", {"cmd": {"a": "user.admin"}})
    row = read(server, "log").json()[0]
    assert (row["method"], row["commands"], row["status"]) == ("batch", ["user.admin"], 200)


def test_a_form_of_the_page_gets_the_page_back(server):
    data = {"spec": "slow:1ms"}
    answer = requests.post(f"{server.url}/_sandbox/faults", data=data, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_sandbox/")
    assert [fault["name"] for fault in server.portal.faults.as_list()] == ["slow"]


@pytest.mark.parametrize("path", ["nothing", "faults/x"])
def test_there_is_nothing_elsewhere(server, control, path):
    assert read(server, path).status_code == 404
    assert control(path).status_code == 404


def test_the_root_leads_to_the_control_page(server):
    assert requests.get(server.url, timeout=5).url == f"{server.url}/_sandbox/"
    assert requests.get(f"{server.url}/elsewhere", timeout=5).status_code == 404
