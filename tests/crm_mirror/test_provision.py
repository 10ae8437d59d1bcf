"""`manage.py provision_portal` creates what is missing, touches nothing else, and the second time does nothing."""

from __future__ import annotations

import copy
from io import StringIO

import pytest
from django.core.management import call_command

from crm_mirror.sandbox import custom_fields, references
from crm_mirror.sandbox.data import status_field
from crm_mirror.sandbox.server import running
from tests.crm_mirror.conftest import PUBLIC_URL
from tests.crm_mirror.provisioning import FIELD, Ran, writes
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db
NAMES = ["В ожидании", "В обработке", "В работе"]


@pytest.fixture(params=["cloud", "box"])
def edition(request):
    return request.param


@pytest.fixture
def portal(settings, edition):
    """Fresh, reached by webhook; a boxed one has the package's reference type, empty."""
    with running("empty", limits_on=False, edition=edition) as server:
        settings.BITRIX_WEBHOOK_URL, settings.PORTAL_ORIGIN = server.webhook, server.url
        settings.BITRIX_RATE_PER_SECOND = 0.0
        settings.PUBLIC_URL = PUBLIC_URL
        driver = PortalDriver(server)
        if edition == "box":
            driver.register_reference_type("CALLGUARD_STATUS", "Статус компании")
        yield driver


def values_of(portal):
    field = custom_fields.find(portal.store, FIELD)
    if field["USER_TYPE_ID"] == "enumeration":
        return [(item["VALUE"], item["SORT"]) for item in field["LIST"]]
    rows = [row for row in portal.store.statuses if row["ENTITY_ID"] == "CALLGUARD_STATUS"]
    return [(row["NAME"], row["SORT"]) for row in rows]


def test_a_fresh_portal_gets_the_field_of_its_kind_and_three_values(portal, edition):
    ran = Ran()
    assert (ran.code, ran.report["missing"]) == (0, [])
    field = custom_fields.find(portal.store, FIELD)
    assert field["USER_TYPE_ID"] == {"cloud": "enumeration", "box": "crm_status"}[edition]
    assert values_of(portal) == list(zip(NAMES, ["10", "20", "30"], strict=True))


def test_the_second_run_writes_nothing_and_the_check_is_clean(portal):
    Ran()
    portal.log.clear()
    assert Ran().report["created"] == []
    checked = Ran("--check")
    assert (checked.code, checked.report["missing"]) == (0, [])
    assert writes(portal) == []


def test_the_check_only_says_what_is_missing(portal):
    checked = Ran("--check")
    assert checked.code == 1
    assert checked.report["missing"][0] == f"field {FIELD}"
    assert "missing: field" in checked.told
    assert writes(portal) == []


def test_missing_values_are_added_and_the_others_left_as_they_are(portal, edition):
    status_field.provision(portal.store, {"cloud": "enumeration", "box": "crm_status"}[edition])
    field = custom_fields.find(portal.store, FIELD)
    if edition == "cloud":
        field["LIST"] = field["LIST"][:2]
        before = copy.deepcopy(field["LIST"])
    else:
        portal.store.statuses = [row for row in portal.store.statuses if row["NAME"] != "В работе"]
        before = copy.deepcopy(portal.store.statuses)
    ran = Ran()
    assert ran.report["created"] == ["value В работе"]
    assert sorted(name for name, _ in values_of(portal)) == sorted(NAMES)
    after = field["LIST"] if edition == "cloud" else portal.store.statuses
    assert [row for row in after if row in before] == before


def test_a_renamed_value_is_not_made_anew(portal, edition):
    status_field.provision(portal.store, {"cloud": "enumeration", "box": "crm_status"}[edition])
    if edition == "cloud":
        custom_fields.find(portal.store, FIELD)["LIST"][0]["VALUE"] = "Ждёт"
    else:
        next(row for row in portal.store.statuses if row["STATUS_ID"] == "WAITING")["NAME"] = "Ждёт"
    ran = Ran()
    assert ran.report["created"] == []
    assert len(values_of(portal)) == 3


def test_values_that_people_spell_their_own_way_and_have_besides_are_fine(portal, edition):
    if edition == "cloud":
        names = ["в  РАБОТЕ", "В ожидании", "В обработке", "Архив"]
        field = {"FIELD_NAME": FIELD, "USER_TYPE_ID": "enumeration", "LIST": [{"VALUE": name} for name in names]}
    else:
        for number, name in enumerate(["в  РАБОТЕ", "В ожидании", "В обработке", "Архив"]):
            references.add_value(portal.store, "CALLGUARD_STATUS", f"OWN_{number}", name)
        field = {"FIELD_NAME": FIELD, "USER_TYPE_ID": "crm_status", "SETTINGS": {"ENTITY_TYPE": "CALLGUARD_STATUS"}}
    custom_fields.create(portal.store, field)
    ran = Ran()
    assert (ran.code, ran.report["created"]) == (0, [])


@pytest.mark.parametrize(
    "field",
    [{"USER_TYPE_ID": "string"}, {"USER_TYPE_ID": "enumeration", "MULTIPLE": "Y"}, {"USER_TYPE_ID": "crm", "LIST": []}],
)
def test_a_foreign_field_of_that_name_is_left_alone(portal, field):
    custom_fields.create(portal.store, {"FIELD_NAME": FIELD} | field)
    ran = Ran()
    assert ran.code == 1
    assert "BITRIX_STATUS_FIELD" in ran.error
    assert len(ran.error.splitlines()) == 1
    assert writes(portal) == []


def test_other_peoples_reference_gets_no_values_of_ours_unless_told_so(portal, settings):
    field = {"FIELD_NAME": FIELD, "USER_TYPE_ID": "crm_status", "SETTINGS": {"ENTITY_TYPE": "INDUSTRY"}}
    custom_fields.create(portal.store, field)
    refused = Ran()
    assert (refused.code, writes(portal)) == (1, [])
    assert "BITRIX_STATUS_REFERENCE" in refused.error
    settings.BITRIX_STATUS_REFERENCE = "INDUSTRY"
    assert Ran().report["created"] == [f"value {name}" for name in NAMES]


def test_a_reference_that_the_portal_does_not_have(portal, settings):
    settings.BITRIX_STATUS_REFERENCE = "NOWHERE"
    ran = Ran()
    assert (ran.code, writes(portal)) == (1, [])
    assert "NOWHERE" in ran.error


def test_a_name_that_the_portal_would_change_is_a_wrong_setting(portal, settings):
    settings.BITRIX_STATUS_FIELD = "UF_STATUS"
    ran = Ran()
    assert (ran.code, writes(portal)) == (2, [])
    assert "UF_CRM_" in ran.error


def test_somebody_without_the_rights_is_told_before_anything_is_written(portal):
    portal.fails_with("not_admin")
    ran = Ran()
    assert (ran.code, writes(portal)) == (1, [])
    assert "administrator" in ran.error


@pytest.mark.parametrize("fault", ["plan_ended", "scope", "revoked", "html"])
def test_a_portal_that_refuses_is_one_line_with_a_remedy(portal, fault):
    portal.fails_with(fault)
    ran = Ran()
    assert ran.code == 1
    assert len(ran.error.splitlines()) == 1
    assert ran.report["error"]


def test_a_portal_lost_half_way_is_finished_by_the_next_run(portal):
    portal.fails_with("reset", method="crm.company.userfield.add")
    assert Ran().code == 1
    portal.heal()
    assert Ran().code == 0
    assert Ran("--check").code == 0
    assert len(values_of(portal)) == 3


def test_without_settings_there_is_nothing_to_prepare(settings, db):
    settings.BITRIX_WEBHOOK_URL = ""
    ran = Ran()
    assert ran.code == 2
    assert "BITRIX_WEBHOOK_URL" in ran.error


# --- What people have made of it since ------------------------------------------------------------------------------
def values_in(portal):
    """The rows of the field's values, and the key of their names."""
    field = custom_fields.find(portal.store, FIELD)
    if field["USER_TYPE_ID"] == "enumeration":
        return field["LIST"], "VALUE"
    return [row for row in portal.store.statuses if row["ENTITY_ID"] == "CALLGUARD_STATUS"], "NAME"


def test_what_people_renamed_or_deleted_is_not_made_anew_once_we_have_met_it(portal):
    Ran()
    call_command("sync", stdout=StringIO())
    rows, key = values_in(portal)
    rows[0] |= {key: "Ждёт", "XML_ID": "another", "STATUS_ID": rows[0].get("STATUS_ID")}
    gone = rows[1]
    (custom_fields.find(portal.store, FIELD)["LIST"] if key == "VALUE" else portal.store.statuses).remove(gone)
    call_command("sync", stdout=StringIO())
    portal.log.clear()
    ran = Ran()
    assert (ran.code, ran.report["missing"], writes(portal)) == (0, [], [])


def test_a_value_that_was_never_there_is_made_after_the_first_sync_too(portal, edition):
    status_field.provision(portal.store, {"cloud": "enumeration", "box": "crm_status"}[edition])
    rows, key = values_in(portal)
    lacking = next(row for row in rows if row[key] == "В работе")
    (custom_fields.find(portal.store, FIELD)["LIST"] if key == "VALUE" else portal.store.statuses).remove(lacking)
    call_command("sync", stdout=StringIO())
    assert Ran().report["created"] == ["value В работе"]


# --- Read-only for people --------------------------------------------------------------------------------------------
READ_ONLY = f"field {FIELD}, read-only for people"


def test_a_fresh_field_is_made_read_only_where_that_is_wanted(portal, settings):
    settings.STATUS_READ_ONLY = True
    Ran()
    assert custom_fields.find(portal.store, FIELD)["EDIT_IN_LIST"] == "N"
    portal.log.clear()
    checked = Ran("--check")
    assert (checked.code, READ_ONLY in checked.report["present"], writes(portal)) == (0, True, [])


def test_a_field_that_is_there_is_made_read_only_and_nothing_else_of_it_is_touched(portal, settings):
    Ran()
    before = copy.deepcopy(custom_fields.find(portal.store, FIELD))
    settings.STATUS_READ_ONLY = True
    assert Ran("--check").report["missing"] == [READ_ONLY]
    portal.log.clear()
    assert Ran().report["created"] == [READ_ONLY]
    assert writes(portal) == ["crm.company.userfield.update"]
    assert custom_fields.find(portal.store, FIELD) == before | {"EDIT_IN_LIST": "N"}


def test_a_field_that_somebody_else_made_read_only_stays_so(portal):
    Ran()
    custom_fields.find(portal.store, FIELD)["EDIT_IN_LIST"] = "N"
    assert Ran().report["created"] == []
    assert custom_fields.find(portal.store, FIELD)["EDIT_IN_LIST"] == "N"


# --- By webhook ------------------------------------------------------------------------------------------------------
def test_by_webhook_a_person_is_told_how_to_make_an_outgoing_one(portal):
    (told,) = Ran().report["instructions"]
    assert f"{PUBLIC_URL}/bitrix/events/" in told
    assert "ONCRMCOMPANYUPDATE" in told
    assert "BITRIX_APPLICATION_TOKEN" in told


def test_once_its_token_is_there_nobody_is_told_any_more(portal, settings):
    settings.BITRIX_APPLICATION_TOKEN = "copied"
    report = Ran().report
    assert report["instructions"] == []
    assert "outgoing webhook" in report["present"]


def test_a_webhook_is_not_asked_for_pages_it_cannot_bind(portal, placed):
    assert Ran().code == 0
    assert "placement.get" not in portal.log.methods()
