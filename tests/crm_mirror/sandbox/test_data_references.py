"""References and custom fields: who may change them, what they refuse, and both kinds of company status."""

import pytest

from crm_mirror.sandbox.registry import Refused
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver


@pytest.fixture
def portal():
    with running("empty", limits_on=False) as server:
        yield PortalDriver(server)


def refusal(portal, method, params, by=1):
    with pytest.raises(Refused) as caught:
        portal.call(method, params, by=by)
    return caught.value.status, caught.value.code, caught.value.description


def value(**fields):
    return {"fields": {"ENTITY_ID": "SOURCE", "STATUS_ID": "FAIR", "NAME": "Ярмарка"} | fields}


def test_a_value_is_added_renamed_and_deleted(portal):
    added = portal.call("crm.status.add", value())
    assert portal.call("crm.status.get", {"id": added})["NAME"] == "Ярмарка"
    portal.call("crm.status.update", {"id": added, "fields": {"NAME": "Выставка", "STATUS_ID": "OTHER"}})
    row = portal.call("crm.status.get", {"id": added})
    assert (row["NAME"], row["STATUS_ID"], row["SYSTEM"]) == ("Выставка", "FAIR", "N")
    portal.call("crm.status.delete", {"id": added})
    assert refusal(portal, "crm.status.get", {"id": added})[1] == "Status is not found."


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"ENTITY_ID": "CALLGUARD_STATUS"}, "Specified entity type is not supported."),
        ({"NAME": ""}, "The field Title is required."),
        ({"STATUS_ID": ""}, "The field STATUS_ID is required."),
        ({"STATUS_ID": "CALL"}, "The specified status ID already exists."),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(portal, fields, text):
    assert refusal(portal, "crm.status.add", value(**fields))[2] == text


def test_a_system_value_goes_only_by_force(portal):
    (row,) = portal.call("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE", "STATUS_ID": "CALL"}})
    assert "FORCED" in refusal(portal, "crm.status.delete", {"id": row["ID"]})[2]
    assert portal.call("crm.status.delete", {"id": row["ID"], "params": {"FORCED": "Y"}}) is True


def test_a_stage_in_use_stays(portal):
    portal.add_lead("Заявка", STATUS_ID="IN_PROCESS")
    (row,) = portal.call("crm.status.list", {"filter": {"ENTITY_ID": "STATUS", "STATUS_ID": "IN_PROCESS"}})
    assert refusal(portal, "crm.status.delete", {"id": row["ID"]})[2] == "There are active items in this status."


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("crm.status.add", value()),
        ("crm.status.update", {"id": 1, "fields": {}}),
        ("crm.status.delete", {"id": 1}),
        ("crm.company.userfield.add", {"fields": {"FIELD_NAME": "A", "USER_TYPE_ID": "string"}}),
        ("crm.company.userfield.update", {"id": 1, "fields": {}}),
        ("crm.company.userfield.delete", {"id": 1}),
    ],
)
def test_only_administrators_change_references_and_fields(portal, method, params):
    ivan = portal.add_employee("Иван Петров")
    assert refusal(portal, method, params, by=ivan) == (400, "", "Access denied.")


def test_everybody_reads_references_and_fields(portal):
    ivan = portal.add_employee("Иван Петров")
    assert portal.call("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE"}}, by=ivan)
    assert portal.call("crm.company.userfield.list", by=ivan) == []


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"FIELD_NAME": ""}, "The 'FIELD_NAME' field is not found."),
        ({"FIELD_NAME": "STATUS-1"}, "invalid characters"),
        ({"FIELD_NAME": "A" * 44}, "too long"),
        ({"USER_TYPE_ID": "nonsense"}, "Invalid custom type specified."),
        ({"LIST": [{"VALUE": "А", "XML_ID": "X"}, {"VALUE": "Б", "XML_ID": "X"}]}, "XML_ID=X already exists"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(portal, fields, text):
    sent = {"FIELD_NAME": "COMPANY_STATUS", "USER_TYPE_ID": "enumeration"} | fields
    assert text in refusal(portal, "crm.company.userfield.add", {"fields": sent})[2]


def test_a_field_gets_its_prefix_and_exists_once(portal):
    sent = {"fields": {"FIELD_NAME": "company_status", "USER_TYPE_ID": "string"}}
    added = portal.call("crm.company.userfield.add", sent)
    assert portal.call("crm.company.userfield.get", {"id": added})["FIELD_NAME"] == "UF_CRM_COMPANY_STATUS"
    assert "already exists" in refusal(portal, "crm.company.userfield.add", sent)[2]


@pytest.fixture
def listed(portal):
    """A list field of two values, the second by default: the field's ID."""
    items = [{"VALUE": "Новая", "SORT": 10}, {"VALUE": "Старая", "SORT": 20, "DEF": "Y"}]
    fields = {"FIELD_NAME": "AGE", "USER_TYPE_ID": "enumeration", "LIST": items}
    return portal.call("crm.company.userfield.add", {"fields": fields})


def items_of(portal, field):
    return portal.call("crm.company.userfield.get", {"id": field})["LIST"]


def test_a_new_company_starts_with_the_default_item(portal, listed):
    default = items_of(portal, listed)[1]["ID"]
    assert portal.get("company", portal.add_company("Ромашка"))["UF_CRM_AGE"] == default


def test_an_item_is_renamed_under_the_same_id_and_its_companies_follow(portal, listed):
    first, second = items_of(portal, listed)
    company = portal.add_company("Ромашка", UF_CRM_AGE=first["ID"])
    changes = [{"ID": first["ID"], "VALUE": "Свежая"}, {"ID": second["ID"], "DEL": "Y"}, {"VALUE": "Древняя"}]
    portal.call("crm.company.userfield.update", {"id": listed, "fields": {"LIST": changes}})
    assert [item["VALUE"] for item in items_of(portal, listed)] == ["Свежая", "Древняя"]
    assert portal.get("company", company)["UF_CRM_AGE"] == first["ID"]


def test_a_deleted_field_is_gone_from_companies(portal, listed):
    company = portal.add_company("Ромашка")
    portal.call("crm.company.userfield.delete", {"id": listed})
    assert "UF_CRM_AGE" not in portal.get("company", company)
    assert refusal(portal, "crm.company.userfield.get", {"id": listed})[1] == "ERROR_NOT_FOUND"


def test_the_field_can_be_closed_to_people(portal, listed):
    portal.call("crm.company.userfield.update", {"id": listed, "fields": {"EDIT_IN_LIST": "N"}})
    assert portal.call("crm.company.userfield.get", {"id": listed})["EDIT_IN_LIST"] == "N"


@pytest.mark.parametrize(("kind", "stored"), [("enumeration", str.isdigit), ("crm_status", "IN_WORK".__eq__)])
def test_the_company_status_is_stored_by_the_kind_of_its_field(kind, stored):
    with running("empty", limits_on=False) as server:
        portal = PortalDriver(server, status_kind=kind)
        company = portal.add_company("Ромашка", status="В работе")
        assert portal.status_field["USER_TYPE_ID"] == kind
        assert stored(portal.status_of(company))
        portal.update_company(company, status=None)
        assert portal.status_of(company) == ""


def test_a_boxed_portal_keeps_the_status_in_a_reference_of_its_own():
    with running("demo", edition="box") as server:
        portal = PortalDriver(server)
        rows = portal.call("crm.status.list", {"filter": {"ENTITY_ID": "CALLGUARD_STATUS"}})
        assert [row["NAME"] for row in rows] == ["В ожидании", "В обработке", "В работе"]
        assert "CALLGUARD_STATUS" in [row["ID"] for row in portal.call("crm.status.entity.types")]
        assert portal.status_field["SETTINGS"] == {"ENTITY_TYPE": "CALLGUARD_STATUS"}
        assert portal.call("crm.status.add", value(ENTITY_ID="CALLGUARD_STATUS", STATUS_ID="LOST"))


def test_a_type_registered_on_a_boxed_portal_takes_values(portal):
    portal.register_reference_type("CALLGUARD_STATUS", "Статус компании")
    portal.call("crm.status.add", value(ENTITY_ID="CALLGUARD_STATUS", STATUS_ID="WAITING", NAME="В ожидании"))
    shown = portal.call("crm.status.entity.items", {"entityId": "CALLGUARD_STATUS"})
    assert shown == [{"NAME": "В ожидании", "SORT": 10, "STATUS_ID": "WAITING"}]
