from datetime import datetime, timedelta, timezone

from crm_mirror.sandbox.envelope import PhpObject, Timing, as_array, dumps, envelope
from crm_mirror.sandbox.registry import Answer

MSK = timezone(timedelta(hours=3))
MOMENT = datetime(2026, 11, 24, 10, 0, 0, 999_000, MSK)


def timing(**budget):
    return Timing(1.0, 1.5, 0.4, MOMENT, MOMENT, **budget)


def test_json_is_written_as_php_writes_it():
    assert dumps({"a": "Я/ё"}) == rb'{"a":"\u042f\/\u0451"}'


def test_an_empty_map_comes_as_an_empty_list_but_an_object_stays_one():
    assert dumps({"a": {}, "b": PhpObject(), "c": [{}], "d": "{}"}) == b'{"a":[],"b":{},"c":[[]],"d":"{}"}'


def test_a_map_numbered_from_zero_comes_as_a_list():
    assert as_array({"0": "a", "1": "b"}) == ["a", "b"]
    assert as_array({"1": "b", "0": "a"}) == {"1": "b", "0": "a"}
    assert as_array({}) == []


def test_total_and_next_come_only_where_the_method_gave_them():
    assert set(envelope(Answer(True), timing())) == {"result", "time"}
    assert set(envelope(Answer([], 0), timing())) == {"result", "total", "time"}
    assert envelope(Answer([], 120, 50), timing())["next"] == 50


def test_moments_have_an_offset_and_no_fraction():
    assert timing().as_dict()["date_start"] == "2026-11-24T10:00:00+03:00"


def test_the_budget_is_silent_on_a_portal_without_one():
    assert "operating" not in timing().as_dict()
    assert timing(operating=1.25, operating_reset_at=7).as_dict()["operating"] == 1.25
