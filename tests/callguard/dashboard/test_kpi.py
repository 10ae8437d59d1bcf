"""The page of figures bonuses are paid by: a number and the rows behind it agree, and files say the same."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from callguard.models import AccessLog, Account, Tier
from tests.callguard.kpi.world import called, converted_lead, took_over
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirror_synced, mirrored_company, mirrored_deal, mirrored_people

NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def earned(db, settings):
    """Ivan took Ромашка over from Olga and won 100.50 from it, 30 from his own; Olga 7 euros; Boris 1 rouble."""
    settings.PORTAL_ORIGIN = "https://portal.example"
    mirrored_people()
    mirror_synced()
    romashka, own = mirrored_company("Ромашка", responsible=IVAN), mirrored_company("=Своя", responsible=IVAN)
    took_over(IVAN, OLGA, romashka, NOW - 2 * HOUR)
    mirrored_deal("Уведённая", responsible=IVAN, company=romashka, outcome="S", amount="100.50", moved=NOW - HOUR)
    mirrored_deal("=HYPERLINK(1)", responsible=IVAN, company=own, outcome="S", amount="30", moved=NOW - HOUR)
    mirrored_deal("Другая", responsible=OLGA, outcome="S", amount="7", currency="EUR", moved=NOW - HOUR)
    mirrored_deal("Чужого отдела", responsible=BORIS, outcome="S", amount="1", moved=NOW - HOUR)
    converted_lead("Заявка с сайта", IVAN, NOW - HOUR)
    called(IVAN, NOW - HOUR, tier=Tier.LEAD)


@pytest.fixture
def browser():
    def of(person=None, *, language="en"):
        account = Account.objects.create(
            username=person.name if person else "root",
            is_staff=True,
            is_superuser=person is None,
            employee_id=person and person.id,
        )
        client = Client(headers={"accept-language": language})
        client.force_login(account)
        return client

    return of


def table_of(answer):
    """Rows of the first table, as texts."""
    body = answer.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def text_of(cell):
    return unescape(re.sub(r"<[^>]+>", "", cell)).replace("\N{NO-BREAK SPACE}", " ").strip()


def links_of(answer):
    return [
        unescape(link) for link in re.findall(r'<a href="([^"]+)"', answer.content.decode()) if "/dashboard/" in link
    ]


def test_a_supervisor_sees_his_peoples_figures_and_what_came_from_colleagues_clients(browser):
    rows = table_of(browser(MARINA).get("/dashboard/kpi/"))
    assert rows == [
        ["Иван Сидоров", "1", "0", "1", "2", "130.50 RUB", "1", "100.50 RUB", "1", "30 RUB"],
        ["Ольга Петрова", "0", "0", "0", "1", "7 EUR", "0", "–", "1", "7 EUR"],
        ["All together", "1", "0", "1", "3", "7 EUR, 130.50 RUB", "1", "100.50 RUB", "2", "7 EUR, 30 RUB"],
    ]


def test_an_employee_sees_his_own_figures_and_has_nobody_to_choose(browser):
    answer = browser(OLGA).get("/dashboard/kpi/")
    assert [row[0] for row in table_of(answer)] == [OLGA.name]
    assert IVAN.name not in answer.content.decode()
    assert 'name="person"' not in answer.content.decode()


def test_each_number_leads_to_as_many_rows(browser):
    client = browser(MARINA)
    page = client.get("/dashboard/kpi/")
    cells = re.findall(r'<a href="(/dashboard/(?:kpi|calls)/[^"]+)">(\d+)</a>', page.content.decode())
    assert len(cells) == 12
    for link, count in cells:
        listed = client.get(unescape(link))
        assert len(table_of(listed)) == int(count), link


def test_definitions_stand_on_the_page_in_both_languages(browser):
    root = browser()
    assert "was not excused" in root.get("/dashboard/kpi/").content.decode()
    russian = root.get("/dashboard/kpi/", headers={"accept-language": "ru"}).content.decode()
    assert "Сделки, выигранные после того, как клиента забрали у коллеги" in russian


def test_the_list_says_whose_client_it_was_and_leads_to_the_portal(browser):
    answer = browser(MARINA).get("/dashboard/kpi/won/", {"person": IVAN.id})
    rows = {row[1]: row for row in table_of(answer)}
    assert rows["Уведённая"][2:] == ["Ромашка", IVAN.name, "100.50 RUB", "swap_horizyes"]
    assert rows["=HYPERLINK(1)"][-1] == "no"
    assert "https://portal.example/crm/deal/details/" in answer.content.decode()
    assert "https://portal.example/crm/company/details/" in answer.content.decode()


def test_the_file_holds_the_figures_with_a_column_for_each_currency(browser):
    lines = browser(MARINA).get("/dashboard/kpi/as.csv", headers={"accept-language": "ru"}).getvalue().decode()
    head, ivan, olga = lines.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()
    assert head.split(";")[5:8] == ["Выиграно сделок", "Сумма, EUR", "Сумма, RUB"]
    assert ivan.split(";") == [
        "Иван Сидоров",
        "8",
        "1",
        "0",
        "1",
        "2",
        "0",
        "130,50",
        "1",
        "0",
        "100,50",
        "1",
        "0",
        "30,00",
    ]
    assert olga.split(";")[5:8] == ["1", "7,00", "0"]


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_a_workbook_holds_amounts_as_numbers_and_no_formulas(browser):
    body = browser(MARINA).get("/dashboard/kpi/won/as.xlsx", {"person": IVAN.id}).getvalue()
    sheet = load_workbook(io.BytesIO(body)).active
    rows = {row[1]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["'=HYPERLINK(1)"][3] == "'=Своя"
    assert rows["Уведённая"][5:7] == (100.5, "RUB")


@pytest.mark.parametrize(
    "address", ["/dashboard/kpi/nothing/", "/dashboard/kpi/nothing/as.csv", "/dashboard/kpi/as.pdf"]
)
def test_what_does_not_exist_is_not_found(address, browser):
    assert browser(MARINA).get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/dashboard/kpi/", "/dashboard/kpi/won/", "/dashboard/kpi/as.csv", "/dashboard/kpi/won/as.csv"]
)
def test_nobody_elses_person_is_shown_by_any_filter(address, browser):
    client = browser(MARINA)
    for asked in ({}, {"person": BORIS.id}, {"department": 30}, {"period": "all"}, {"from": "2001-01-01"}):
        answer = client.get(address, asked)
        text = (answer.getvalue() if answer.streaming else answer.content).decode()
        assert BORIS.name not in text
        assert "Чужого отдела" not in text


def test_an_empty_period_says_what_to_do(browser):
    answer = browser(MARINA).get("/dashboard/kpi/", {"from": "2001-01-01", "to": "2001-01-02"})
    assert "Choose a longer period" in answer.content.decode()
    assert table_of(answer) == []


def test_a_long_list_is_shown_in_pages(browser):
    for number in range(60):
        mirrored_deal(f"Сделка {number}", responsible=IVAN, outcome="S", moved=NOW - HOUR)
    client = browser(MARINA)
    first, second = (client.get("/dashboard/kpi/won/", {"person": IVAN.id, "page": page}) for page in (1, 2))
    assert (len(table_of(first)), len(table_of(second))) == (50, 12)
    assert 'rel="next"' in first.content.decode()


def test_the_page_takes_the_same_number_of_queries_however_many_people(browser, django_assert_max_num_queries):
    client = browser()
    client.get("/dashboard/kpi/")
    with django_assert_max_num_queries(30):
        client.get("/dashboard/kpi/")


def test_who_looked_at_whose_figures_is_noted(browser):
    client = browser(MARINA)
    client.get("/dashboard/kpi/")
    assert not AccessLog.objects.exists()
    client.get("/dashboard/kpi/", {"person": IVAN.id})
    client.get("/dashboard/kpi/won/", {"person": IVAN.id})
    client.get("/dashboard/kpi/as.csv", {"person": IVAN.id}).getvalue()
    lines = AccessLog.objects.order_by("pk").values_list("reader_id", "about_id", "page")
    assert list(lines) == [(MARINA.id, IVAN.id, page) for page in ("person", "person", "export")]
    browser(IVAN).get("/dashboard/kpi/", {"person": IVAN.id})
    assert AccessLog.objects.count() == 3
