"""What the demonstration's addresses answer. The page itself is tested in a browser."""

import pytest

from callguard.models import Call
from tests.browser import clients
from tests.browser import urls as urls_with_demo
from tests.cast import IVAN, OLGA, PAVEL


@pytest.fixture
def demo(client, db, settings):
    """The demonstration over the clients of the browser tests; answers JSON to the employee at the phone."""
    settings.ROOT_URLCONF = urls_with_demo.__name__
    settings.DEMO = True
    clients.mirrored()

    def read(what, *, employee=IVAN, **query):
        return client.get(f"/demo/{what}/", {"employee": employee.id, **query}, headers={"Accept-Language": "en"})

    return read


def entries(answer):
    return {entry["phone"]: group["title"] for group in answer.json()["groups"] for entry in group["entries"]}


def test_the_book_groups_numbers_by_what_the_employee_would_see(demo):
    ivans, olgas = entries(demo("book")), entries(demo("book", employee=OLGA))
    assert ivans["+7 916 123-45-67"] == "A colleague's client: the company's number"
    assert olgas["+7 916 123-45-67"] == "Own clients: no colour"
    assert ivans["+7 905 333-44-55"] == olgas["+7 905 333-44-55"] == "Leads"
    assert ivans["hidden"] == "Nobody's numbers: no colour"


def test_every_line_of_the_book_can_be_dialled_and_no_call_is_recorded(demo):
    for phone in entries(demo("book")):
        assert demo("about", phone=phone).status_code == 200
    assert Call.objects.count() == 0


def test_the_book_costs_one_query_a_number(demo, django_assert_max_num_queries):
    numbers = len(entries(demo("book")))
    with django_assert_max_num_queries(numbers + 8):
        demo("book")


def test_the_explanation_names_all_four_steps_and_the_one_that_decided(demo):
    steps = demo("about", phone=clients.YELLOW_CONTACT).json()["steps"]
    assert [step["state"] for step in steps] == ["empty", "empty", "decided", "skipped"]
    assert steps[2]["found"][0]["title"] == "Вера Одинцова"


def test_the_card_shows_the_contact_and_his_company(demo):
    crm = demo("about", phone=clients.RED_BY_CONTACT).json()["crm"]
    assert (crm["name"], crm["post"], crm["responsible"]["name"]) == ("Пётр Иванов", "ООО «Ромашка»", OLGA.name)


@pytest.mark.parametrize("phone", ["", "hidden", "101", clients.UNKNOWN, "'; drop table", "9" * 300])
def test_a_number_of_nobody_shows_nobody(demo, phone):
    assert demo("about", phone=phone).json()["crm"] is None


@pytest.mark.parametrize("what", ["token", "book", "about"])
def test_nobody_sits_at_the_phone_who_does_not_work_here(demo, client, what):
    assert demo(what, employee=PAVEL).status_code == 404
    assert client.get(f"/demo/{what}/", {"employee": "x"}).status_code == 404
    assert client.get(f"/demo/{what}/").status_code == 404


def test_an_empty_mirror_is_said_on_the_page(client, db, settings):
    settings.ROOT_URLCONF = urls_with_demo.__name__
    page = client.get("/demo/", headers={"Accept-Language": "en"}).content.decode()
    assert "The mirror is empty" in page


def test_the_demo_is_nowhere_unless_it_is_switched_on(client, db):
    for what in ("", "token/", "book/", "about/", "record/"):
        assert client.get(f"/demo/{what}").status_code == 404
