"""The page of the cleaning queue: whose clients are shown, in which order, and what to do about each."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard.cleaning.looking import look
from callguard.dashboard.cleaning import page as cleaning
from callguard.models import Account, Flaw
from crm_mirror.models import UnreadablePhone
from tests.callguard.kpi.world import called
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
)

NOW = timezone.now()
PAGE = "/dashboard/cleaning/"


@pytest.fixture(autouse=True)
def mirror(db, settings):
    settings.PORTAL_ORIGIN = "https://portal.example"
    mirrored_people()
    mirror_synced()


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


def rows_of(answer):
    body = answer.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def text_of(cell):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())


def test_each_kind_is_shown_with_whom_it_is_about_and_what_to_do(browser):
    romashka = mirrored_company("Ромашка", phone="+79160000001", responsible=OLGA)
    mirrored_company("Лютик", phone="+79160000001", responsible=IVAN, status="В работе")
    mirrored_contact("Вера", responsible=IVAN, companies=[romashka])
    mirrored_contact("Ада", phone="+79160000001", responsible=OLGA)
    mirrored_lead("Заявка", phone="+79160000001", responsible=IVAN)
    UnreadablePhone.objects.create(
        entity_type="company", entity_id=romashka.portal_id, value="спросить", kind="unreadable"
    )
    look(at=NOW)
    client = browser(MARINA)
    shown = {flaw: rows_of(client.get(PAGE, {"flaw": flaw})) for flaw in Flaw}
    assert [row[0] for row in shown[Flaw.SHARED]] == [
        "company Ромашка · Ольга Петрова company Лютик · Иван Сидоров contact Ада · Ольга Петрова"
    ]
    assert shown[Flaw.APART][0][-1] == (
        "Make the company's responsible (Ольга Петрова) the contact's too, or hand the company to Иван Сидоров."
    )
    assert "Link the contact to the company to which it belongs" in shown[Flaw.LOOSE][0][-1]
    assert shown[Flaw.KNOWN_LEAD][0][-1] == (
        "Convert the lead into a deal of “Ромашка” and hand it to Ольга Петрова, or close it."
    )
    assert shown[Flaw.UNREADABLE][0][1] == "спросить"
    assert [row[0] for row in shown[Flaw.NO_STATUS]] == ["company Ромашка · Ольга Петрова"]


def test_what_rang_most_comes_first_and_leads_to_the_portal(browser):
    quiet, loud = (mirrored_company(title) for title in ("Тихая", "Громкая"))
    for _call in range(3):
        called(IVAN, NOW - timedelta(days=1), entity_type="company", entity_id=loud.portal_id)
    look(at=NOW)
    answer = browser(MARINA).get(PAGE)
    assert [(row[0].split()[1], row[2]) for row in rows_of(answer)] == [("Громкая", "3"), ("Тихая", "0")]
    assert f"https://portal.example/crm/company/details/{quiet.portal_id}/" in answer.content.decode()


def test_of_a_colleagues_client_its_responsible_is_named_and_nothing_else(browser):
    mirrored_company("Ромашка", phone="+79160000001", responsible=OLGA)
    secret = mirrored_company("Секретная", phone="+79160000001", responsible=BORIS)
    look(at=NOW)
    text = browser(OLGA).get(PAGE).content.decode()
    assert "a colleague&#x27;s client" in text or "a colleague's client" in text
    assert BORIS.name in text
    assert secret.title not in text
    assert f"/details/{secret.portal_id}/" not in text


def test_nobody_sees_what_is_about_others_clients_only(browser):
    mirrored_company("Чужая", responsible=BORIS)
    look(at=NOW)
    answer = browser(IVAN).get(PAGE, {"flaw": "no_status"})
    assert "Чужая" not in answer.content.decode()
    assert "All clean" in answer.content.decode()
    assert len(rows_of(browser().get(PAGE))) == 1


def test_before_the_first_look_the_page_says_when_it_comes(browser):
    assert "Nobody has looked yet" in browser().get(PAGE).content.decode()


def test_progress_is_drawn_for_who_answers_for_people(browser):
    mirrored_company("Ромашка")
    look(at=NOW)
    assert "<canvas" in browser(MARINA).get(PAGE).content.decode()
    assert "<canvas" not in browser(OLGA).get(PAGE).content.decode()


def test_a_long_list_is_shown_in_pages(browser):
    for number in range(60):
        mirrored_company(f"Компания {number}")
    look(at=NOW)
    client = browser(MARINA)
    first, second = (client.get(PAGE, {"page": page}) for page in (1, 2))
    assert (len(rows_of(first)), len(rows_of(second))) == (50, 10)
    assert not {row[0] for row in rows_of(first)} & {row[0] for row in rows_of(second)}


def test_a_kind_that_there_is_not_shows_the_first_that_there_is(browser):
    mirrored_company("Ромашка")
    look(at=NOW)
    assert len(rows_of(browser(MARINA).get(PAGE, {"flaw": "nothing", "page": "x"}))) == 1


def test_only_administrators_begin_a_look(browser, monkeypatch):
    begun = []
    monkeypatch.setattr(cleaning, "begin", begun.append)
    url = reverse("dashboard:cleaning-look")
    assert browser(MARINA).post(url).status_code == 403
    assert begun == []
    answer = browser().post(url, follow=True)
    assert begun == [cleaning.LOOK]
    assert "It is being looked through" in answer.content.decode()


def test_the_page_takes_the_same_number_of_queries_however_long_the_list(browser, django_assert_max_num_queries):
    for number in range(40):
        mirrored_company(f"Компания {number}")
    look(at=NOW)
    client = browser(MARINA)
    client.get(PAGE)
    with django_assert_max_num_queries(30):
        client.get(PAGE)


def test_the_words_are_russian_where_russian_is_read(browser):
    mirrored_company("Ромашка")
    look(at=NOW)
    text = browser(MARINA, language="ru").get(PAGE).content.decode()
    assert "Очередь на наведение порядка" in text
    assert "Проставьте статус." in text
