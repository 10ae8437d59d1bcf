"""What happens to an entity and its phones, links and dates when it is changed, deleted, restored or merged."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from crm_mirror.sandbox.registry import Refused
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver


@pytest.fixture
def portal():
    with running("empty", limits_on=False) as server:
        yield PortalDriver(server)


@pytest.fixture
def ivan(portal):
    return portal.add_employee("Иван Петров")


def numbers(portal, kind, entity_id):
    return [phone["VALUE"] for phone in portal.get(kind, entity_id).get("PHONE", [])]


def companies_of(portal, contact):
    rows = portal.call("crm.contact.company.items.get", {"id": contact})
    return [(row["COMPANY_ID"], row["IS_PRIMARY"]) for row in rows]


def test_an_update_names_the_tokens_user_and_moves_the_date_even_when_nothing_changes(portal, ivan):
    company = portal.add_company("Ромашка")
    before = portal.get("company", company)
    portal.portal.clock.advance(5)
    portal.update_company(company, by=ivan)
    after = portal.get("company", company)
    assert after["DATE_MODIFY"] > before["DATE_MODIFY"]
    assert (before["MODIFY_BY_ID"], after["MODIFY_BY_ID"]) == ("1", str(ivan.id))
    assert after["DATE_CREATE"] == before["DATE_CREATE"]


def test_author_and_dates_cannot_be_forged(portal, ivan):
    company = portal.add_company("Ромашка", by=ivan, MODIFY_BY_ID=1, CREATED_BY_ID=1, DATE_MODIFY="2001-01-01")
    row = portal.get("company", company)
    assert (row["MODIFY_BY_ID"], row["CREATED_BY_ID"]) == (str(ivan.id), str(ivan.id))
    assert not row["DATE_MODIFY"].startswith("2001")


def test_a_phone_is_changed_by_its_id_and_keeps_it(portal):
    company = portal.add_company("Ромашка", phone=["+7 916 1", "+7 916 2"])
    before = portal.get("company", company)["PHONE"]
    portal.change_phone("company", company, "+7 916 1", "+7 916 3")
    after = portal.get("company", company)["PHONE"]
    assert [phone["VALUE"] for phone in after] == ["+7 916 3", "+7 916 2"]
    assert [phone["ID"] for phone in after] == [phone["ID"] for phone in before]


def test_a_phone_without_an_id_is_added(portal):
    company = portal.add_company("Ромашка", phone="+7 916 1")
    portal.add_phone("company", company, "+7 916 2")
    assert numbers(portal, "company", company) == ["+7 916 1", "+7 916 2"]


@pytest.mark.parametrize("removal", [{"DELETE": "Y"}, {"VALUE": ""}])
def test_a_phone_goes_by_delete_or_an_empty_value(portal, removal):
    company = portal.add_company("Ромашка", phone="+7 916 1")
    (phone,) = portal.get("company", company)["PHONE"]
    portal.update_company(company, PHONE=[{"ID": phone["ID"], **removal}])
    row = portal.get("company", company)
    assert "PHONE" not in row
    assert row["HAS_PHONE"] == "N"


def test_another_entitys_phone_cannot_be_changed(portal):
    mine, other = portal.add_company("Моя", phone="+7 916 1"), portal.add_company("Другая", phone="+7 916 2")
    (phone,) = portal.get("company", other)["PHONE"]
    portal.update_company(mine, PHONE=[{"ID": phone["ID"], "VALUE": "+7 999"}])
    assert numbers(portal, "company", other) == ["+7 916 2"]


def test_a_contacts_phone_does_not_move_its_companys_date(portal):
    company = portal.add_company("Ромашка")
    contact = portal.add_contact("Пётр Иванов", companies=[company])
    before = portal.get("company", company)["DATE_MODIFY"]
    portal.add_phone("contact", contact, "+7 916 1")
    assert portal.get("company", company)["DATE_MODIFY"] == before


def test_the_first_link_is_primary_and_repeated_in_the_contacts_field(portal):
    first, second = portal.add_company("Первая"), portal.add_company("Вторая")
    contact = portal.add_contact("Зоя Двуликова", companies=[first, second])
    assert companies_of(portal, contact) == [(first, "Y"), (second, "N")]
    portal.link(contact, portal.add_company("Третья"), primary=True)
    assert [primary for _, primary in companies_of(portal, contact)] == ["N", "N", "Y"]
    portal.unlink(contact, first)
    assert [company for company, _ in companies_of(portal, contact)] == [second, second + 1]
    assert portal.get("contact", contact)["COMPANY_ID"] == str(second + 1)


def test_a_link_made_alone_moves_no_date_and_tells_nobody(portal):
    company, contact = portal.add_company("Ромашка"), portal.add_contact("Пётр Иванов")
    heard = []
    portal.portal.events.emit = lambda event, data, by: heard.append(event)
    before = [portal.get(*one)["DATE_MODIFY"] for one in (("company", company), ("contact", contact))]
    portal.portal.clock.advance(5)
    portal.link(contact, company)
    portal.unlink(contact, company)
    assert [portal.get(*one)["DATE_MODIFY"] for one in (("company", company), ("contact", contact))] == before
    assert heard == []


def test_links_sent_with_the_contact_move_its_date(portal):
    company, contact = portal.add_company("Ромашка"), portal.add_contact("Пётр Иванов")
    before = portal.get("contact", contact)["DATE_MODIFY"]
    portal.portal.clock.advance(5)
    portal.update_contact(contact, COMPANY_IDS=[company])
    assert portal.get("contact", contact)["DATE_MODIFY"] > before


@pytest.mark.parametrize("moves_date", [True, False])
def test_a_restored_entity_has_its_old_id_and_perhaps_its_old_date(portal, moves_date):
    company = portal.add_company("Ромашка")
    before = portal.get("company", company)["DATE_MODIFY"]
    portal.delete_company(company)
    portal.portal.clock.advance(5)
    portal.restore("company", company, moves_date=moves_date)
    assert (portal.get("company", company)["DATE_MODIFY"] > before) is moves_date


def test_links_are_the_same_from_both_ends(portal):
    company = portal.add_company("Ромашка")
    contacts = [portal.add_contact(f"Контакт {name}", companies=[company]) for name in "АБ"]
    rows = portal.call("crm.company.contact.items.get", {"id": company})
    assert [row["CONTACT_ID"] for row in rows] == contacts
    portal.call("crm.company.contact.items.set", {"id": company, "items": [{"CONTACT_ID": contacts[1]}]})
    assert companies_of(portal, contacts[0]) == []
    portal.call("crm.company.contact.items.delete", {"id": company})
    assert companies_of(portal, contacts[1]) == []


def test_a_deleted_entity_is_gone_from_lists_get_links_and_search(portal):
    company = portal.add_company("Ромашка", phone="+7 916 123-45-67")
    contact = portal.add_contact("Пётр Иванов", companies=[company])
    portal.delete_company(company)
    with pytest.raises(Refused, match="Not found"):
        portal.get("company", company)
    assert portal.call("crm.company.list") == []
    assert companies_of(portal, contact) == []
    assert portal.get("contact", contact)["COMPANY_ID"] is None
    assert portal.call("crm.duplicate.findbycomm", {"type": "PHONE", "values": ["+79161234567"]}) == []


def test_an_id_is_never_given_twice(portal):
    first = portal.add_company("Первая")
    portal.delete_company(first)
    assert portal.add_company("Вторая") > first


def test_the_recycle_bin_brings_back_the_id_phones_status_and_links(portal):
    company = portal.add_company("Ромашка", phone="+7 916 1", status="В работе")
    contact = portal.add_contact("Пётр Иванов", companies=[company])
    before = portal.get("company", company)
    portal.delete_company(company)
    portal.restore_company(company)
    after = portal.get("company", company)
    assert after | {"DATE_MODIFY": ""} == before | {"DATE_MODIFY": ""}
    assert companies_of(portal, contact) == [(company, "Y")]


def test_merging_keeps_the_first_with_all_phones_and_links(portal):
    first = portal.add_company("Первая", phone="+7 916 1")
    second = portal.add_company("Вторая", phone=["8 916 2", "+7 916 1"], COMMENTS="примечание")
    contact = portal.add_contact("Пётр Иванов", companies=[second])
    portal.merge("company", first, second)
    row = portal.get("company", first)
    assert (row["TITLE"], row["COMMENTS"]) == ("Первая", "примечание")
    assert numbers(portal, "company", first) == ["+7 916 1", "8 916 2"]
    assert companies_of(portal, contact) == [(first, "Y")]
    with pytest.raises(Refused, match="Not found"):
        portal.get("company", second)


def test_a_converted_lead_is_final_and_its_company_names_it(portal, ivan):
    lead = portal.add_lead("Заявка", phone="+7 916 1", responsible=ivan)
    company = portal.convert_lead(lead, company_title="Новосёл")
    row = portal.get("lead", lead)
    assert (row["STATUS_ID"], row["STATUS_SEMANTIC_ID"], row["COMPANY_ID"]) == ("CONVERTED", "S", str(company))
    assert row["DATE_CLOSED"] != ""
    made = portal.get("company", company)
    assert (made["LEAD_ID"], made["ASSIGNED_BY_ID"]) == (str(lead), str(ivan.id))
    assert numbers(portal, "company", company) == ["+7 916 1"]


def test_a_finished_deal_is_closed(portal):
    deal = portal.add_deal("Сделка", OPPORTUNITY=19000)
    assert (portal.get("deal", deal)["CLOSED"], portal.get("deal", deal)["OPPORTUNITY"]) == ("N", "19000.00")
    portal.update_deal(deal, STAGE_ID="LOSE")
    row = portal.get("deal", deal)
    assert (row["CLOSED"], row["STAGE_SEMANTIC_ID"]) == ("Y", "F")


def test_every_change_is_announced_once_by_name_and_id(server, ask, app_token):
    for what in ("ADD", "UPDATE", "DELETE"):
        assert ask("event.bind", {"event": f"ONCRMCONTACT{what}", "event_type": "offline"}, token=app_token).ok
    portal = PortalDriver(server)
    contact = portal.add_contact("Пётр Иванов")
    portal.update_contact(contact, POST="директор")
    portal.delete_contact(contact)
    told = ask("event.offline.list", token=app_token).json()["result"]
    names = [(event["EVENT_NAME"], str(event["EVENT_DATA"]["FIELDS"]["ID"])) for event in told]
    assert names == [(f"ONCRMCONTACT{what}", str(contact)) for what in ("ADD", "UPDATE", "DELETE")]


def test_the_portals_search_reads_an_eight_as_a_seven_and_drops_extensions(portal):
    company = portal.add_company("Ромашка", phone="8 (916) 123-45-67 доб. 12")
    contact = portal.add_contact("Пётр Иванов", phone="+7 916 123 45 67")
    asked = {"type": "PHONE", "values": ["9161234567"]}
    assert portal.call("crm.duplicate.findbycomm", asked) == {"CONTACT": [contact], "COMPANY": [company]}
    assert portal.call("crm.duplicate.findbycomm", asked | {"entity_type": "COMPANY"}) == {"COMPANY": [company]}


def test_the_portals_search_stops_at_a_kind_with_twenty_finds(portal):
    leads = [portal.add_lead("Заявка", phone="+7 916 123-45-67") for _ in range(25)]
    portal.add_contact("Пётр Иванов", phone="+7 916 123-45-67")
    found = portal.call("crm.duplicate.findbycomm", {"type": "PHONE", "values": ["+79161234567"]})
    assert found == {"LEAD": leads[:20]}


def test_many_may_write_and_read_at_once(portal):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: portal.add_company(f"№ {number}", phone=f"+7 {number}"), range(200)))
        pages = list(pool.map(lambda _: portal.call("crm.company.list", {"select": ["ID", "PHONE"]}), range(20)))
    assert len(set(made)) == 200
    assert all(len(page) == 50 and all("PHONE" in row for row in page) for page in pages)
