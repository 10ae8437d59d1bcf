"""crm.item.*: camelCase, numbers as numbers, groups with OR, links in the row, phones only with a star."""

import pytest

from crm_mirror.sandbox.registry import Refused
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4


@pytest.fixture
def portal():
    with running("empty", limits_on=False) as server:
        yield PortalDriver(server)


def items(portal, kind, **params):
    return portal.call("crm.item.list", {"entityTypeId": kind} | params)["items"]


def titles(portal, wanted):
    return [item["title"] for item in items(portal, COMPANY, filter=wanted)]


def test_a_contact_item_brings_its_companies(portal):
    first, second = portal.add_company("Первая"), portal.add_company("Вторая")
    both, alone = portal.add_contact("Зоя Двуликова", companies=[second, first]), portal.add_contact("Лев Одинцов")
    rows = items(portal, CONTACT, select=["id", "companyIds"])
    assert rows == [{"id": both, "companyIds": [second, first]}, {"id": alone, "companyIds": []}]


def test_an_older_portal_leaves_the_companies_out(portal):
    portal.portal.config.item_list_company_ids = False
    contact = portal.add_contact("Зоя Двуликова", companies=[portal.add_company("Первая")])
    assert items(portal, CONTACT, select=["id", "companyIds"]) == [{"id": contact}]
    assert "companyIds" not in items(portal, CONTACT)[0]


def test_phones_come_only_with_a_star(portal):
    portal.add_company("Ромашка", phone=["+7 916 1", "+7 916 2"])
    assert items(portal, COMPANY, select=["id", "fm"])[0].keys() == {"id"}
    (whole,) = items(portal, COMPANY, select=["*"])
    assert [phone["value"] for phone in whole["fm"]] == ["+7 916 1", "+7 916 2"]
    assert whole["fm"][0].keys() == {"id", "valueType", "value", "typeId"}
    assert (whole["phone"], whole["hasPhone"]) == ("+7 916 1", "Y")


def test_a_phone_can_be_selected_as_a_plain_value(portal):
    company = portal.add_company("Ромашка", phone=["+7 916 1", "+7 916 2"])
    assert items(portal, COMPANY, select=["phone", "email"]) == [{"id": company, "phone": "+7 916 1", "email": ""}]


def test_numbers_are_numbers(portal):
    deal = portal.add_deal("Сделка", OPPORTUNITY="999.90", company=portal.add_company("Ромашка"))
    (item,) = items(portal, DEAL)
    assert (item["id"], item["opportunity"], item["assignedById"], item["companyId"]) == (deal, 999.9, 1, 1)


def test_custom_fields_are_in_camel_case_unless_their_own_names_are_asked_for(portal):
    portal.add_company("Ромашка", status="В работе")
    stored = portal.status_value("В работе")
    assert items(portal, COMPANY)[0]["ufCrmCallguardStatus"] == stored
    original = items(portal, COMPANY, useOriginalUfNames="Y", filter={"UF_CRM_CALLGUARD_STATUS": stored})
    assert original[0]["UF_CRM_CALLGUARD_STATUS"] == stored


@pytest.fixture
def flowers(portal):
    for name, comment in (("Астра", "сад"), ("Роза", "дом"), ("Ромашка", "сад")):
        portal.add_company(name, COMMENTS=comment)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"0": {"logic": "OR", "0": {"title": "Астра"}, "1": {"title": "Роза"}}}, ["Астра", "Роза"]),
        ({"0": {"logic": "OR", "title": "Роза", "comments": "сад"}}, ["Астра", "Роза", "Ромашка"]),
        ({"logic": "OR", "0": {"title": "Астра"}, "1": {"title": "Роза"}}, ["Астра", "Роза"]),
        ({"comments": "сад", "0": {"logic": "OR", "0": {"%title": "ро"}, "1": {"id": 2}}}, ["Ромашка"]),
        ([{"logic": "OR", "0": {"title": "Астра"}, "1": {"title": "Роза"}}], ["Астра", "Роза"]),
        ({"0": {"logic": "OR", "0": {"title": "Роза", "comments": "сад"}, "1": {"=title": "Астра"}}}, ["Астра"]),
        ({">ID": 1, "COMMENTS": "сад"}, ["Ромашка"]),
    ],
)
def test_conditions_may_be_grouped(portal, flowers, wanted, found):
    assert titles(portal, wanted) == found


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"filter": {"phone": "+7"}}, "Invalid filter: field 'phone' is not allowed in filter"),
        ({"order": {"nonsense": "ASC"}}, "Invalid order: field 'nonsense' is not allowed in order"),
        ({"order": {"id": "UP"}}, "Invalid order: allowed sort directions are `ASC, DESC`"),
    ],
)
def test_unknown_names_are_refused(portal, params, text):
    with pytest.raises(Refused) as caught:
        items(portal, COMPANY, **params)
    assert caught.value.code == "INVALID_ARG_VALUE"
    assert caught.value.description.startswith(text)


def test_an_item_is_added_changed_and_deleted(portal):
    company = portal.add_company("Ромашка")
    fields = {
        "name": "Пётр",
        "companyIds": [company],
        "fm": [{"typeId": "PHONE", "valueType": "WORK", "value": "+7 1"}],
    }
    made = portal.call("crm.item.add", {"entityTypeId": CONTACT, "fields": fields})["item"]
    assert (made["companyIds"], made["companyId"], made["phone"]) == ([company], company, "+7 1")
    asked = {"entityTypeId": CONTACT, "id": made["id"]}
    changed = portal.call("crm.item.update", asked | {"fields": {"lastName": "Иванов"}})["item"]
    assert (changed["name"], changed["lastName"]) == ("Пётр", "Иванов")
    portal.call("crm.item.delete", asked)
    with pytest.raises(Refused, match="Element not found"):
        portal.call("crm.item.get", asked)


def test_a_lead_shows_its_stage_under_the_common_name(portal):
    portal.add_lead("Заявка", STATUS_ID="IN_PROCESS")
    (item,) = items(
        portal, LEAD, filter={"stageId": "IN_PROCESS"}, select=["stageId", "stageSemanticId", "updatedTime"]
    )
    assert (item["stageId"], item["stageSemanticId"]) == ("IN_PROCESS", "P")
    assert item["updatedTime"].endswith("+03:00")
