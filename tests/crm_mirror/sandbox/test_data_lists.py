"""Classic lists: filters, selection, order and pages, as rest.md §3 and the docs of crm.company.list have them."""

import pytest

from crm_mirror.sandbox.registry import METHODS, Call, Refused
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver


@pytest.fixture
def portal():
    with running("empty", limits_on=False) as server:
        yield PortalDriver(server)


def titles(portal, **wanted):
    """Titles of the companies that pass a filter, by ID."""
    rows = portal.call("crm.company.list", {"filter": wanted, "select": ["TITLE"]})
    return [row["TITLE"] for row in rows]


def answer(portal, method, **params):
    call = Call(method, params, 1, True, portal.now)
    return METHODS[method].run(call, portal.portal)


@pytest.fixture
def flowers(portal):
    """Four companies: Астра, Роза, Ромашка, and one in Latin; IDs by title."""
    names = ("Астра", "Роза", "Ромашка", "Rose")
    return {name: portal.add_company(name, phone=f"+7 900 000-00-0{place}") for place, name in enumerate(names)}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"TITLE": "Роза"}, ["Роза"]),
        ({"=TITLE": "роза"}, ["Роза"]),
        ({"title": "Роза"}, ["Роза"]),
        ({"=TITLE": ["Роза", "Астра"]}, ["Астра", "Роза"]),
        ({"@TITLE": ["Роза", "Rose"]}, ["Роза", "Rose"]),
        ({"!@TITLE": ["Роза", "Rose"]}, ["Астра", "Ромашка"]),
        ({"!TITLE": "Роза"}, ["Астра", "Ромашка", "Rose"]),
        ({"!=TITLE": ["Роза", "Rose"]}, ["Астра", "Ромашка"]),
        ({"%TITLE": "ро"}, ["Роза", "Ромашка"]),
        ({"=%TITLE": "ро%"}, ["Роза", "Ромашка"]),
        ({"%=TITLE": "%за"}, ["Роза"]),
        ({"=%TITLE": "за"}, []),
        ({"!%TITLE": "ро"}, ["Астра", "Rose"]),
        ({"!=%TITLE": "ро%"}, ["Астра", "Rose"]),
        ({"!%=TITLE": "%за"}, ["Астра", "Ромашка", "Rose"]),
        ({"%TITLE": ["аст", "рома"]}, ["Астра", "Ромашка"]),
        ({"COMMENTS": ""}, ["Астра", "Роза", "Ромашка", "Rose"]),
        ({"!COMMENTS": ""}, []),
        ({"!COMMENTS": "что-то"}, ["Астра", "Роза", "Ромашка", "Rose"]),
        ({"PHONE": "+7 900 000-00-02"}, ["Ромашка"]),
        ({"PHONE": "+79000000002"}, []),
        ({"PHONE": ["+7 900 000-00-02", "+7 900 000-00-00"]}, ["Астра", "Ромашка"]),
        ({"NO_SUCH_FIELD": 7}, ["Астра", "Роза", "Ромашка", "Rose"]),
        ({"HAS_PHONE": "N"}, []),
    ],
)
def test_a_filter_finds_what_its_prefix_says(portal, flowers, wanted, found):
    assert titles(portal, **wanted) == found


def test_ids_and_dates_are_compared_as_numbers_and_instants(portal, flowers):
    roza, last = flowers["Роза"], flowers["Rose"]
    assert titles(portal, **{">ID": str(roza), "<ID": last}) == ["Ромашка"]
    assert titles(portal, **{">=ID": roza, "<=ID": last}) == ["Роза", "Ромашка", "Rose"]
    assert titles(portal, **{">DATE_MODIFY": "2100-01-01T00:00:00+00:00"}) == []
    assert len(titles(portal, **{">DATE_MODIFY": "2001-01-01T00:00:00"})) == 4
    moved = portal.get("company", roza)["DATE_MODIFY"]
    assert "Роза" in titles(portal, **{">=DATE_MODIFY": moved, "<=DATE_MODIFY": moved})


def test_an_empty_lower_bound_selects_from_the_start(portal, flowers):
    assert titles(portal, **{">ID": ""}) == ["Астра", "Роза", "Ромашка", "Rose"]


def test_a_date_is_the_same_instant_in_whatever_zone_it_is_written(portal, flowers):
    moved = portal.get("company", flowers["Роза"])["DATE_MODIFY"]
    assert moved.endswith("+03:00")
    in_utc = portal.now.astimezone(tz=None).isoformat()
    assert len(titles(portal, **{"<=DATE_MODIFY": in_utc})) == 4


def test_a_group_or_logic_means_nothing_in_a_classic_list(portal, flowers):
    wanted = {"logic": "OR", "0": {"TITLE": "Роза"}, "TITLE": "Астра"}
    assert titles(portal, **wanted) == ["Астра"]


def test_the_status_field_is_filtered_by_its_stored_value(portal):
    portal.add_company("Ждёт", status="В ожидании")
    portal.add_company("Работает", status="В работе")
    portal.add_company("Без статуса")
    field = portal.status_field["FIELD_NAME"]
    assert titles(portal, **{field: portal.status_value("В работе")}) == ["Работает"]
    assert titles(portal, **{field: ""}) == ["Без статуса"]
    assert titles(portal, **{f"!{field}": ""}) == ["Ждёт", "Работает"]


def test_contacts_are_found_by_any_of_their_companies(portal):
    first, second = portal.add_company("Первая"), portal.add_company("Вторая")
    both = portal.add_contact("Зоя Двуликова", companies=[first, second])
    portal.add_contact("Лев Одинцов")
    found = portal.call("crm.contact.list", {"filter": {"COMPANY_ID": second}, "select": ["ID", "COMPANY_ID"]})
    assert found == [{"ID": str(both), "COMPANY_ID": str(first)}]


def test_the_default_selection_has_custom_fields_and_no_phones(portal):
    portal.add_company("Ромашка", phone="+7 916 123-45-67", status="В работе")
    (row,) = portal.call("crm.company.list")
    assert "PHONE" not in row
    assert row["HAS_PHONE"] == "Y"
    assert row[portal.status_field["FIELD_NAME"]] == str(portal.status_value("В работе"))
    assert {"ID", "TITLE", "ASSIGNED_BY_ID", "DATE_MODIFY"} <= row.keys()


def test_a_star_leaves_custom_fields_out_and_uf_star_brings_them(portal):
    portal.add_company("Ромашка", status="В работе")
    field = portal.status_field["FIELD_NAME"]
    (star,) = portal.call("crm.company.list", {"select": ["*"]})
    (custom,) = portal.call("crm.company.list", {"select": ["UF_*"]})
    assert field not in star
    assert custom.keys() == {"ID", field}


def test_phones_must_be_named_and_are_missing_where_there_are_none(portal):
    portal.add_company("Ромашка", phone=["+7 916 123-45-67", "8 495 1"])
    portal.add_company("Молчун")
    with_phone, without = portal.call("crm.company.list", {"select": ["ID", "PHONE"]})
    assert [phone["VALUE"] for phone in with_phone["PHONE"]] == ["+7 916 123-45-67", "8 495 1"]
    assert with_phone["PHONE"][0].keys() == {"ID", "VALUE", "VALUE_TYPE", "TYPE_ID"}
    assert without.keys() == {"ID"}


def test_pages_have_fifty_rows_a_total_and_the_next_start(portal):
    for number in range(120):
        portal.add_company(f"№ {number}")
    first = answer(portal, "crm.company.list", start=0)
    last = answer(portal, "crm.company.list", start=100)
    assert (len(first.result), first.total, first.next) == (50, 120, 50)
    assert (len(last.result), last.total, last.next) == (20, 120, None)


def test_start_minus_one_counts_nothing(portal, flowers):
    page = answer(portal, "crm.company.list", start=-1)
    assert (len(page.result), page.total, page.next) == (4, None, None)


def test_a_total_follows_what_is_added(portal, flowers):
    assert answer(portal, "crm.company.list").total == 4
    portal.add_company("Пятая")
    assert answer(portal, "crm.company.list").total == 5


def test_rows_are_ordered_as_asked_and_by_id_otherwise(portal, flowers):
    def ordered(**order):
        return [row["TITLE"] for row in portal.call("crm.company.list", {"order": order, "select": ["TITLE"]})]

    assert ordered() == ["Астра", "Роза", "Ромашка", "Rose"]
    assert ordered(ID="DESC") == ["Rose", "Ромашка", "Роза", "Астра"]
    assert ordered(TITLE="desc") == ["Ромашка", "Роза", "Астра", "Rose"]


def test_keyset_pages_bring_every_row_once(portal):
    made = [portal.add_company(f"№ {number}") for number in range(130)]
    seen: list[int] = []
    while True:
        wanted = {">ID": seen[-1] if seen else 0}
        rows = portal.call("crm.company.list", {"filter": wanted, "order": {"ID": "ASC"}, "start": -1})
        seen += [int(row["ID"]) for row in rows]
        if len(rows) < 50:
            break
    assert seen == made


def test_rows_of_others_are_left_out_in_silence_when_rights_end_there(portal):
    ivan, olga = portal.add_employee("Иван Петров"), portal.add_employee("Ольга Смирнова")
    portal.add_company("Своя", responsible=ivan)
    foreign = portal.add_company("Чужая", responsible=olga)
    portal.portal.config.own_rows_only.add(ivan.id)
    assert [row["TITLE"] for row in portal.call("crm.company.list", by=ivan)] == ["Своя"]
    with pytest.raises(Refused, match="Access denied"):
        portal.call("crm.company.get", {"id": foreign}, by=ivan)
    with pytest.raises(Refused, match="do not have permission"):
        portal.call("crm.item.get", {"entityTypeId": 4, "id": foreign}, by=ivan)
    assert portal.call("crm.item.list", {"entityTypeId": 4}, by=ivan)["items"][0]["title"] == "Своя"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("crm.company.list", {}),
        ("crm.lead.get", {"id": 1}),
        ("crm.contact.company.items.get", {"id": 1}),
        ("crm.item.list", {"entityTypeId": 4}),
    ],
)
def test_a_role_without_the_crm_is_refused(portal, method, params):
    outsider = portal.add_employee("Глеб Чужой")
    portal.store.user(outsider.id)["HAS_NO_CRM"] = True
    with pytest.raises(Refused, match="Access denied"):
        portal.call(method, params, by=outsider)
