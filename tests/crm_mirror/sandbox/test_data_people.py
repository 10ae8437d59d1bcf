"""user.get and department.get: who is shown, how they are filtered, what is missing for "none"."""

import pytest

from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver


@pytest.fixture
def portal():
    with running("empty", limits_on=False) as server:
        yield PortalDriver(server)


def names(rows):
    return [row["NAME"] for row in rows]


def test_the_dismissed_are_shown_unless_only_active_ones_are_asked_for(portal):
    portal.add_employee("Павел Морозов", active=False)
    assert names(portal.call("user.get")) == ["Анна", "Павел"]
    assert names(portal.call("user.get", {"FILTER": {"ACTIVE": True}})) == ["Анна"]
    assert names(portal.call("user.get", {"FILTER": {"ACTIVE": "false"}})) == ["Павел"]


def test_bots_and_integrators_are_not_shown(portal):
    robot = portal.add_employee("Робот Заявкин", hidden=True)
    assert names(portal.call("user.get")) == ["Анна"]
    company = portal.add_company("Ромашка", responsible=robot)
    assert portal.get("company", company)["ASSIGNED_BY_ID"] == str(robot.id)


def test_a_user_has_string_ids_a_boolean_activity_and_numbers_of_departments(portal):
    sales = portal.add_department("Продажи")
    ivan = portal.add_employee("Иван Петров", department=sales)
    (row,) = portal.call("user.get", {"ID": ivan.id})
    assert (row["ID"], row["ACTIVE"], row["UF_DEPARTMENT"]) == (str(ivan.id), True, [sales])
    assert not [key for key in row if key.startswith(("IS_ADMIN", "IS_HIDDEN", "HAS_NO"))]


def test_users_are_filtered_by_prefixes_department_and_name(portal):
    sales = portal.add_department("Продажи")
    ivan = portal.add_employee("Иван Петров", department=sales)
    olga = portal.add_employee("Ольга Смирнова", department=sales)
    assert names(portal.call("user.get", {"FILTER": {"UF_DEPARTMENT": sales}})) == ["Иван", "Ольга"]
    assert names(portal.call("user.get", {"FILTER": {">ID": ivan.id}})) == ["Ольга"]
    assert names(portal.call("user.get", {"filter": {"@ID": [1, olga.id]}})) == ["Анна", "Ольга"]
    assert names(portal.call("user.get", {"FILTER": {"NAME_SEARCH": "смирн"}})) == ["Ольга"]
    assert names(portal.call("user.get", {"sort": "ID", "order": "DESC"})) == ["Ольга", "Иван", "Анна"]
    assert portal.call("user.get", {"ID": ivan.id, "select": ["ID"]}) == [{"ID": str(ivan.id)}]


def test_people_come_by_pages_of_fifty(portal):
    for number in range(70):
        portal.add_employee(f"Сотрудник Номер{number}")
    assert len(portal.call("user.get")) == 50
    assert len(portal.call("user.get", {"start": 50})) == 21


def test_the_root_has_no_parent_and_a_vacant_post_no_head(portal):
    marina = portal.add_employee("Марина Соколова")
    headed, vacant = portal.add_department("Продажи", head=marina), portal.add_department("Регионы", parent=1)
    rows = {row["ID"]: row for row in portal.call("department.get")}
    assert "PARENT" not in rows["1"]
    assert (rows[str(headed)]["UF_HEAD"], rows[str(headed)]["PARENT"]) == (str(marina.id), "1")
    assert "UF_HEAD" not in rows[str(vacant)]


def test_departments_are_filtered_and_sorted(portal):
    sales = portal.add_department("Продажи")
    portal.add_department("Архив", parent=sales)
    assert names(portal.call("department.get", {"PARENT": sales})) == ["Архив"]
    assert names(portal.call("department.get", {"NAME": "Продажи"})) == ["Продажи"]
    assert names(portal.call("department.get", {"sort": "NAME", "order": "ASC"})) == ["Архив", "Компания", "Продажи"]
