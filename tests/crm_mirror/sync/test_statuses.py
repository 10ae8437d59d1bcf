"""The status field in both of its kinds: the seeded statuses, and the rules that point at them, hold on any portal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_mirror.models import Company, Status, SyncCursor, SyncRun
from crm_mirror.portal.errors import PortalFaulty
from crm_mirror.sandbox import custom_fields, references
from crm_mirror.sandbox.data import status_field
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver

SEEDED = ["В ожидании", "В обработке", "В работе"]


@pytest.fixture(params=["enumeration", "crm_status"])
def portal(request, settings) -> Iterator[PortalDriver]:
    edition = "box" if request.param == "crm_status" else "cloud"
    with running("empty", limits_on=False, edition=edition) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        settings.BITRIX_RATE_PER_SECOND = 0.0
        yield PortalDriver(server, request.param)


def add_value(portal, name, code):
    field = portal.status_field
    if field["USER_TYPE_ID"] == "enumeration":
        field["LIST"].append(custom_fields.new_item(portal.store, {"VALUE": name}, len(field["LIST"])))
    else:
        references.add_value(portal.store, status_field.REFERENCE, code, name)


def values_in(portal):
    """The rows of the field's values and the key of their names."""
    field = portal.status_field
    if field["USER_TYPE_ID"] == "enumeration":
        return field["LIST"], "VALUE"
    return [row for row in portal.store.statuses if row["ENTITY_ID"] == status_field.REFERENCE], "NAME"


def rename(portal, old, new):
    rows, key = values_in(portal)
    next(row for row in rows if row[key] == old)[key] = new


def remove(portal, name):
    rows, key = values_in(portal)
    row = next(row for row in rows if row[key] == name)
    (portal.status_field["LIST"] if key == "VALUE" else portal.store.statuses).remove(row)


def test_the_seeded_three_take_the_portals_values_and_stay_the_same_rows(portal, sync):
    seeded = {row.name: row.pk for row in Status.objects.all()}
    company = portal.add_company("Ромашка", status="В работе")
    counts = sync().counts("status")
    assert (counts.seen, counts.created, counts.updated) == (3, 0, 3)
    assert {row.name: row.pk for row in Status.objects.all()} == seeded
    assert Company.objects.get(portal_id=company).status.pk == seeded["В работе"]
    assert all(row.in_portal and row.value == str(portal.status_value(row.name)) for row in Status.objects.all())


def test_names_are_matched_whatever_their_case_spaces_and_yo(portal, sync):
    portal.status_value("В работе")
    Status.objects.filter(name="В работе").update(name="  в  РАБОТЁ")
    sync()
    assert Status.objects.count() == 3
    assert Status.objects.get(value=str(portal.status_value("В работе"))).name == "В работе"


def test_a_value_without_a_counterpart_becomes_a_new_status(portal, sync):
    portal.status_value("В работе")
    add_value(portal, "Чёрный список", "BLACK")
    sync()
    assert Status.objects.get(name="Чёрный список").in_portal
    assert Status.objects.count() == 4


def test_a_renamed_value_keeps_its_row(portal, sync):
    portal.status_value("В работе")
    sync()
    before = Status.objects.get(name="В работе").pk
    rename(portal, "В работе", "Наш клиент")
    sync()
    assert Status.objects.get(name="Наш клиент").pk == before
    assert Status.objects.count() == 3


def test_a_vanished_value_is_retired_and_a_returned_one_taken_back(portal, sync):
    portal.status_value("В работе")
    add_value(portal, "Лишний", "EXTRA")
    sync()
    remove(portal, "Лишний")
    assert sync().counts("status").deleted == 1
    row = Status.objects.get(name="Лишний")
    assert row.retired_at
    add_value(portal, "Лишний", "EXTRA2")
    sync()
    back = Status.objects.get(name="Лишний")
    assert (back.pk, back.retired_at, back.in_portal) == (row.pk, None, True)


def test_values_that_swap_their_names_with_placeholders_do_not_collide(portal, sync):
    target = str(portal.status_value("В работе"))
    Status.objects.filter(name="В работе").update(value="else")
    Status.objects.filter(name="В ожидании").update(value=target)  # a placeholder that looks like another's value
    sync()
    assert Status.objects.get(value=target).name == "В работе"
    assert sorted(Status.objects.values_list("name", flat=True)) == sorted(SEEDED)


def test_a_portal_without_the_field_is_mirrored_with_a_warning_that_names_it(portal, sync, settings):
    settings.BITRIX_STATUS_FIELD = "UF_CRM_MISTYPED"
    company = portal.add_company("Ромашка", status="В работе")
    report = sync()
    assert Company.objects.get(portal_id=company).status_id is None
    assert any("UF_CRM_MISTYPED" in warning and "BITRIX_STATUS_FIELD" in warning for warning in report.warnings)


def test_statuses_known_before_survive_the_loss_of_the_field(portal, sync, settings):
    company = portal.add_company("Ромашка", status="В работе")
    sync()
    settings.BITRIX_STATUS_FIELD = "UF_CRM_MISTYPED"
    portal.update_company(company, TITLE="Лютик")
    sync()
    row = Company.objects.get(portal_id=company)
    assert (row.title, row.status.name) == ("Лютик", "В работе")


def test_an_unknown_value_is_mirrored_as_it_is(portal, sync):
    company = portal.add_company("Ромашка", status="В работе")
    remove(portal, "В работе")
    sync()
    assert Company.objects.get(portal_id=company).status_id


def test_a_value_made_anew_under_its_name_between_two_syncs_takes_its_row_over(portal, sync):
    portal.status_value("В работе")
    add_value(portal, "Чёрный список", "BLACK")
    sync()
    row = Status.objects.get(name="Чёрный список")
    remove(portal, "Чёрный список")
    add_value(portal, "Чёрный список", "BLACK_AGAIN")
    counts = sync().counts("status")
    again = Status.objects.get(name="Чёрный список")
    assert (again.pk, again.in_portal, again.retired_at) == (row.pk, True, None)
    assert again.value != row.value
    assert (counts.created, counts.deleted) == (0, 0)


def test_rows_asked_for_again_keep_their_status_where_the_field_was_lost(portal, sync, settings):
    companies = [portal.add_company(title, status="В работе") for title in ("Ромашка", "Лютик", "Ирис")]
    sync()
    settings.BITRIX_STATUS_FIELD = "UF_CRM_MISTYPED"
    Company.objects.filter(portal_id=companies[0]).update(missing_since="2026-01-01T00:00:00Z")
    SyncCursor.objects.filter(kind="deal").update(finished_at=None)  # as if cut off behind the companies
    sync()
    assert Company.objects.get(portal_id=companies[0]).missing_since is None
    assert {row.status and row.status.name for row in Company.objects.select_related("status")} == {"В работе"}


@pytest.mark.parametrize("method", ["crm.company.userfield.list", "crm.status.list"])
def test_a_question_about_statuses_that_fails_in_passing_is_asked_again(portal, sync, method):
    company = portal.add_company("Ромашка", status="В работе")
    portal.fails_with("error", times=3, method=method)
    sync()
    assert Company.objects.get(portal_id=company).status.in_portal


def test_a_question_about_statuses_that_keeps_failing_is_an_error_and_the_rest_is_read(portal, sync):
    portal.add_company("Ромашка", status="В работе")
    portal.fails_with("error", method="crm.company.userfield.list")
    with pytest.raises(PortalFaulty):
        sync()
    assert Company.objects.count() == 1
    assert not SyncRun.objects.get().ok
