"""The portal's moods (rest.md §4, §6, §10): what means nothing, what means something, what cannot be read."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_mirror.portal import records
from crm_mirror.portal.records import MalformedRecord

STATUS = "UF_CRM_CALLGUARD_STATUS"


def company(**fields):
    return records.company({"ID": "5", "TITLE": "Ромашка"} | fields, STATUS)


@pytest.mark.parametrize("nothing", ["", "0", 0, None, False, []])
def test_nobody_is_responsible_in_any_spelling(nothing):
    assert company(ASSIGNED_BY_ID=nothing).responsible_id is None


@pytest.mark.parametrize("seven", ["7", 7, " 7 ", 7.0])
def test_an_id_is_a_number_in_any_spelling(seven):
    assert company(ASSIGNED_BY_ID=seven).responsible_id == 7


@pytest.mark.parametrize("bad", ["robot", "7.5", -1, 2**63, {"ID": 7}, [7], float("inf")])
def test_what_is_no_id_makes_the_row_malformed_and_names_the_field(bad):
    with pytest.raises(MalformedRecord, match="ASSIGNED_BY_ID"):
        company(ASSIGNED_BY_ID=bad)


@pytest.mark.parametrize("bad", [None, "", "0", "abc"])
def test_a_row_needs_an_id(bad):
    with pytest.raises(MalformedRecord, match="ID"):
        company(ID=bad)


def test_times_are_instants_whatever_their_offset():
    moscow, utc = company(DATE_MODIFY="2026-03-01T12:00:00+03:00"), company(DATE_MODIFY="2026-03-01T09:00:00+00:00")
    assert moscow.modified_at == utc.modified_at == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("nothing", ["", None, False, "0000-00-00 00:00:00", "0000-00-00T00:00:00+03:00"])
def test_no_time_in_any_spelling(nothing):
    assert company(DATE_MODIFY=nothing).modified_at is None


@pytest.mark.parametrize("bad", ["yesterday", "2026-13-01T00:00:00+03:00", "2026-03-01T12:00:00", 1772355600])
def test_a_time_that_cannot_be_placed_makes_the_row_malformed(bad):
    with pytest.raises(MalformedRecord, match="DATE_MODIFY"):
        company(DATE_MODIFY=bad)


@pytest.mark.parametrize(
    ("written", "meant"), [("Y", True), ("N", False), ("1", True), (0, False), (True, True), ("", False)]
)
def test_flags_in_every_spelling(written, meant):
    assert company(IS_MY_COMPANY=written).is_my_company is meant


def test_a_flag_that_is_neither_is_malformed():
    with pytest.raises(MalformedRecord, match="IS_MY_COMPANY"):
        company(IS_MY_COMPANY="maybe")


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("157", "157"),
        (157, "157"),
        ("IN_WORK", "IN_WORK"),
        (["157"], "157"),
        ("", None),
        ("0", None),
        (False, None),
        ([], None),
    ],
)
def test_the_status_is_what_the_field_stores(stored, value):
    assert company(**{STATUS: stored}).status_id == value


def test_phones_keep_their_spelling_and_order_and_come_once():
    phones = [{"VALUE": "8 (916) 123-45-67"}, {"VALUE": "+7 495 1"}, {"VALUE": "8 (916) 123-45-67"}, {"VALUE": ""}]
    assert company(PHONE=phones).phones == ("8 (916) 123-45-67", "+7 495 1")
    assert company().phones == ()


@pytest.mark.parametrize("bad", ["+7 916", [5], [["x"]]])
def test_phones_that_are_no_list_of_values_are_malformed(bad):
    with pytest.raises(MalformedRecord, match="PHONE"):
        company(PHONE=bad)


def test_what_a_database_refuses_is_taken_out_of_texts():
    title = company(TITLE="Ро\x00машка \ud83d").title
    assert title == "Ромашка ?"
    assert len(company(TITLE="я" * 2000).title) == 512


def test_amounts_are_decimals():
    deal = {"ID": 1, "OPPORTUNITY": "19000.00", "CLOSED": "N"}
    assert records.deal(deal).amount == Decimal("19000.00")
    assert records.deal(deal | {"OPPORTUNITY": ""}).amount is None
    with pytest.raises(MalformedRecord, match="OPPORTUNITY"):
        records.deal(deal | {"OPPORTUNITY": "a lot"})


@pytest.mark.parametrize("parse", [records.deal, records.lead])
def test_since_when_the_stage_stands_is_an_instant_or_unknown(parse):
    assert parse({"ID": 1, "MOVED_TIME": "2024-08-30T14:29:00+02:00"}).moved_at == datetime(
        2024, 8, 30, 12, 29, tzinfo=UTC
    )
    assert parse({"ID": 1, "MOVED_TIME": ""}).moved_at is parse({"ID": 1}).moved_at is None


def test_a_contact_is_called_by_its_names():
    assert records.contact({"ID": 1, "NAME": "Ольга", "LAST_NAME": "Петрова"}).title == "Ольга Петрова"
    assert records.contact({"ID": 1, "NAME": None, "LAST_NAME": "Петрова"}).title == "Петрова"


def test_a_lead_without_a_title_is_called_by_whoever_it_is_about():
    assert records.lead({"ID": 1, "TITLE": "", "NAME": "Ольга"}).title == "Ольга"


@pytest.mark.parametrize("none", [False, [], None, ""])
def test_an_employee_without_departments(none):
    assert records.employee({"ID": "1", "NAME": "Анна", "ACTIVE": True, "UF_DEPARTMENT": none}).department_ids == []


def test_an_employee_in_several_departments():
    assert records.employee({"ID": "1", "ACTIVE": False, "UF_DEPARTMENT": [3, "5"]}).department_ids == [3, 5]


@pytest.mark.parametrize("vacant", [{}, {"UF_HEAD": "0"}, {"UF_HEAD": ""}])
def test_a_vacant_post(vacant):
    assert records.department({"ID": "3", "NAME": "Продажи", "SORT": 500, "PARENT": "1"} | vacant).head_id is None


def test_links_of_a_contact():
    assert records.links({"id": 5, "companyIds": [1, 17, 17]}).company_ids == (1, 17)
    assert records.links({"id": 5, "companyIds": []}).company_ids == ()


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = scalars | st.lists(scalars, max_size=3) | st.lists(st.dictionaries(st.just("VALUE"), scalars), max_size=2)
KEYS = ["ID", "TITLE", "NAME", "SORT", "ACTIVE", "ASSIGNED_BY_ID", "DATE_MODIFY", "IS_MY_COMPANY", "PHONE", STATUS]


@given(key=st.sampled_from([*KEYS, "OPPORTUNITY", "UF_DEPARTMENT", "UF_HEAD"]), value=anything)
def test_any_value_gives_a_record_or_a_reason(key, value):
    row = {"ID": 1, key: value}
    for parse in (records.employee, records.department, records.contact, records.lead, records.deal):
        with suppress(MalformedRecord):
            assert parse(row).portal_id > 0
    with suppress(MalformedRecord):
        assert records.company(row, STATUS).portal_id > 0
