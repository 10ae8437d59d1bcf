import pytest


@pytest.fixture
def limited(server):
    server.portal.limits.on = True
    server.portal.limits.rate_burst = 5
    server.portal.limits.rate_per_second = 2
    return server


def statuses(ask, count):
    return [ask("user.admin").status_code for _ in range(count)]


def test_a_burst_above_the_bucket_is_refused(limited, ask):
    limited.portal.limits.rate_per_second = 0
    assert statuses(ask, 7) == [200] * 5 + [503] * 2
    assert ask("user.admin").json() == {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}


def test_the_bucket_drains_with_time(limited, ask):
    limited.portal.limits.rate_per_second = 0.001
    statuses(ask, 5)
    limited.portal.clock.advance(2000)
    assert statuses(ask, 3) == [200, 200, 503]


def test_refused_requests_count_too_so_hammering_keeps_one_out(limited, ask):
    limited.portal.limits.rate_per_second = 0.001
    statuses(ask, 15)
    limited.portal.clock.advance(5000)
    assert ask("user.admin").status_code == 503
    limited.portal.clock.advance(7000)
    assert ask("user.admin").status_code == 200


def test_the_commands_of_a_batch_are_one_request(limited, ask):
    limited.portal.limits.rate_per_second = 0
    answers = [ask("batch", {"cmd": {str(number): "user.admin" for number in range(50)}}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [503]


def test_switched_off_limits_refuse_nothing(limited, ask):
    limited.portal.limits.on = False
    assert statuses(ask, 20) == [200] * 20


def test_a_method_that_has_worked_too_long_is_blocked_alone(limited, ask):
    limited.portal.config.seconds_charged = 300
    limited.portal.limits.rate_burst = 100
    assert statuses(ask, 3) == [200, 200, 429]  # 600 s pass the limit of 480 only after the second call
    assert ask("user.admin").json() == {
        "error": "OPERATION_TIME_LIMIT",
        "error_description": "Method is blocked due to operation time limit.",
    }
    assert ask("profile").status_code == 200


def test_a_blocked_command_of_a_batch_is_an_error_of_its_own(limited, ask):
    limited.portal.config.seconds_charged = 500
    answer = ask("batch", {"cmd": {"a": "user.admin", "b": "user.admin", "c": "profile"}}).json()["result"]
    assert set(answer["result"]) == {"a", "c"}
    assert answer["result_error"]["b"]["error"] == "OPERATION_TIME_LIMIT"


def test_the_budget_of_a_webhook_is_not_that_of_an_application(limited, ask, app_token):
    limited.portal.config.seconds_charged = 500
    ask("user.admin")
    assert ask("user.admin").status_code == 429
    assert ask("user.admin", token=app_token).status_code == 200


def test_minutes_fall_out_of_the_budget_one_by_one(limited, ask):
    limited.portal.config.seconds_charged = 300
    limited.portal.limits.rate_burst = 100
    first = ask("user.admin").json()["time"]
    limited.portal.clock.advance(120)
    second = ask("user.admin").json()["time"]
    assert (first["operating"], second["operating"]) == (300, 600)
    assert abs(second["operating_reset_at"] - first["operating_reset_at"]) <= 1
    assert ask("user.admin").status_code == 429
    limited.portal.clock.advance(second["operating_reset_at"] - limited.portal.clock.timestamp() + 1)
    assert ask("user.admin").json()["time"]["operating"] == 600  # the second minute's 300 and this call's


def test_calls_within_a_minute_share_a_basket(limited, ask):
    limited.portal.config.seconds_charged = 100
    limited.portal.limits.rate_burst = 100
    resets = set()
    for _ in range(3):
        resets.add(ask("user.admin").json()["time"]["operating_reset_at"])
        limited.portal.clock.advance(15)
    assert max(resets) - min(resets) <= 1
