"""Every fault of the catalogue (rest.md §1): what passes by itself is repeated, the rest has a name and a remedy."""

from __future__ import annotations

import traceback

import pytest

from crm_mirror.portal import errors
from crm_mirror.portal.limits import Rate
from crm_mirror.portal.transport import Webhook, answer_in
from crm_mirror.sandbox.server import running


@pytest.mark.parametrize("fault", ["500", "unexpected", "502", "504", "413", "html", "empty", "cut", "reset", "503"])
def test_a_passing_fault_is_repeated_until_the_answer_comes(portal, client, time, fault):
    portal.fails_with(fault, times=2)
    assert client.call("profile").result["ADMIN"] is True
    assert client.requests == 3
    assert len(time.slept) == 2


@pytest.mark.parametrize("fault", ["bom", "warning"])
def test_php_noise_before_the_brace_is_read_over(portal, client, fault):
    portal.fails_with(fault)
    assert client.call("profile").result["ID"] == "1"
    assert client.requests == 1


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("500", errors.PortalFaulty),
        ("html", errors.PortalFaulty),
        ("504", errors.PortalSlow),
        ("cut", errors.PortalUnreachable),
        ("reset", errors.PortalUnreachable),
        ("503", errors.PortalBusy),
        ("overload", errors.PortalOverloaded),
        ("deleted", errors.PortalClosed),
        ("revoked", errors.WrongToken),
        ("dismissed", errors.NotAllowed),
        ("plan_ended", errors.NotAllowed),
        ("scope", errors.NotAllowed),
        ("429", errors.MethodExhausted),
    ],
)
def test_a_lasting_fault_has_a_class_of_its_own_and_a_remedy(portal, client, fault, cause):
    portal.fails_with(fault)
    with pytest.raises(errors.PortalError) as caught:
        client.call("user.get")
    assert type(caught.value) is cause
    assert caught.value.remedy


@pytest.mark.parametrize("fault", ["overload", "deleted", "revoked", "plan_ended"])
def test_what_needs_a_person_is_not_repeated(portal, client, fault):
    portal.fails_with(fault)
    with pytest.raises(errors.PortalError):
        client.call("profile")
    assert client.requests == 1


def test_waiting_grows_and_is_bounded(portal, client, time):
    portal.fails_with("500")
    with pytest.raises(errors.PortalFaulty):
        client.call("profile")
    assert time.slept == [0.5, 1.0, 2.0, 4.0]


def test_a_stalled_answer_is_given_up_in_time(portal, client_to):
    portal.fails_with("stall", times=1)
    client = client_to(portal.webhook, read_timeout=0.2)
    assert client.call("profile").result["ID"] == "1"
    assert client.requests == 2


def test_a_call_that_changes_something_is_not_repeated_when_it_may_have_been_carried_out(portal, client):
    portal.fails_with("reset", times=1)
    with pytest.raises(errors.PortalUnreachable):
        client.call("crm.company.add", {"fields": {"TITLE": "Ромашка"}}, repeatable=False)
    assert client.requests == 1


def test_a_refused_change_was_not_carried_out_and_is_sent_again(portal, client):
    portal.fails_with("503", times=1)
    assert client.call("crm.company.add", {"fields": {"TITLE": "Ромашка"}}, repeatable=False).result > 0


def test_an_unknown_method_is_missing(client):
    with pytest.raises(errors.MethodMissing):
        client.call("no.such.method")


def test_an_empty_error_code_keeps_the_portals_words(client):
    with pytest.raises(errors.CallRefused, match="Not found"):
        client.call("crm.company.get", {"id": 999999})


def test_the_portal_may_ask_for_https(client_to):
    with running("empty", require_https=True, limits_on=False) as server, pytest.raises(errors.HttpsNeeded):
        client_to(server.webhook).call("profile")


def test_a_renamed_portal_is_followed_and_remembered(portal, client):
    with running("empty", limits_on=False) as new_home:
        portal.fails_with("renamed", amount=new_home.url.removeprefix("http://"))
        company = client.call("crm.company.add", {"fields": {"TITLE": "Переезд"}}).result
        assert new_home.portal.call("crm.company.get", {"id": company})["TITLE"] == "Переезд"  # still a POST, body kept
        asked_before = len(portal.log)
        client.call("profile")
        assert len(portal.log) == asked_before


def test_a_circle_of_redirects_ends(portal, client):
    portal.fails_with("renamed", amount=portal.url.removeprefix("http://"))
    with pytest.raises(errors.PortalMoved):
        client.call("profile")


def test_a_spent_method_is_left_alone_until_its_budget_is_back(client_to, time):
    with running("empty", seconds_charged=300.0, operating_limit_s=480.0) as server:
        client = client_to(server.webhook)
        client.call("user.get")  # a refusal says no time: it is remembered from the last good answer (docs: limits)
        server.fails_with("429", times=1, method="user.get")
        client.call("user.get")
    assert len(time.slept) == 1
    assert 590 < time.slept[0] < 605  # ten minutes, as the portal said


def test_requests_wait_for_the_allowance(client_to, portal, time):
    client = client_to(portal.webhook, rate=Rate(2.0, 5))
    for _ in range(7):
        client.call("profile")
    assert sum(time.slept) == pytest.approx(2.0)  # 3 at once (the burst less a second's leak), 4 at two a second


def test_nobody_home_is_unreachable(client_to):
    with pytest.raises(errors.PortalUnreachable) as caught:
        client_to("http://127.0.0.1:9/rest/1/sandbox0admin0token/").call("profile")
    assert "firewall" in caught.value.remedy


@pytest.mark.parametrize("noise", [b"", b"\xef\xbb\xbf", b"<br />\n<b>Warning</b>: x in y<br />\n"])
def test_an_answer_cut_anywhere_is_faulty(noise):
    body = noise + b'{"result":{"result":{"one":[{"ID":"1"},{"ID":"2"}]},"total":{"one":2}},"time":{"finish":1.5}}'
    assert answer_in("batch", 200, body).result["total"] == {"one": 2}
    for end in range(len(body)):
        with pytest.raises(errors.PortalFaulty):
            answer_in("batch", 200, body[:end])


def test_a_body_that_is_neither_answer_nor_error_is_faulty():
    with pytest.raises(errors.PortalFaulty):
        answer_in("profile", 200, b'{"ID":"1"}')


class TestTheTokenStaysSecret:
    TOKEN = "sandbox0admin0token"

    @pytest.mark.parametrize("fault", ["500", "reset", "revoked", "html", "cut", "renamed", "deleted"])
    def test_in_exceptions_and_logs(self, portal, client, told, fault):
        portal.fails_with(fault, amount=portal.url.removeprefix("http://") if fault == "renamed" else "")
        with pytest.raises(errors.PortalError) as caught:
            client.call("profile")
        text = told.text + "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert "profile" in text
        assert self.TOKEN not in text

    def test_when_nobody_answers(self, client_to, told):
        with pytest.raises(errors.PortalUnreachable) as caught:
            client_to(f"http://127.0.0.1:9/rest/1/{self.TOKEN}/").call("profile")
        assert self.TOKEN not in told.text + "".join(traceback.format_exception(caught.value))
        assert caught.value.__context__ is None  # requests' own error quotes the address

    def test_in_reprs(self, client):
        webhook = Webhook.parse(f"https://portal.example/rest/1/{self.TOKEN}/")
        assert self.TOKEN not in repr(webhook) + repr(client) + repr(vars(client))

    def test_one_log_line_for_each_attempt(self, portal, client, told):
        portal.fails_with("502", times=1)
        client.call("profile")
        lines = [record.getMessage() for record in told.records if record.getMessage().startswith("portal call")]
        assert [line.split(" ms=")[0] for line in lines] == [
            "portal call method=profile commands=0 status=502",
            "portal call method=profile commands=0 status=200",
        ]
        assert [line.split("attempt=")[1] for line in lines] == ["1 outcome=PortalFaulty", "2 outcome=ok"]


@pytest.mark.parametrize(
    "address",
    [
        "https://portal.example/rest/1/token/",
        "https://portal.example/rest/1/token",
        "https://portal.example/rest/1/token/profile.json",
        " http://10.0.0.5:8080/bitrix/rest/17/token/ ",
    ],
)
def test_addresses_that_are_webhooks(address):
    assert Webhook.parse(address).address("profile").endswith("/token/profile")


@pytest.mark.parametrize(
    "address",
    ["portal.example", "ftp://p/rest/1/t/", "https://p/rest/t/", "https://p/", "", "https://user:password@p/rest/1/t/"],
)
def test_addresses_that_are_none(address):
    with pytest.raises(ValueError, match=r"^it"):
        Webhook.parse(address)
