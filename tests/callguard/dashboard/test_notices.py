"""The page of notices: one's own digest, how it looks, and an administrator's switches with their history."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from callguard import history
from callguard.models import About, Account, DigestChoice, Letter, NoticeSettings
from tests.cast import IVAN, MARINA, OLGA, mirror_synced, mirrored_people

pytestmark = pytest.mark.django_db
PAGE = reverse("dashboard:notices")
SWITCHES = {
    "act": "switches",
    "all-tells_responsible": "on",
    "all-quiet_from": "21:00",
    "all-quiet_until": "07:30",
    "all-digest_at": "10:00",
    "all-digest_weekday": "4",
    "all-rhythm": "daily",
}


@pytest.fixture
def browser():
    mirrored_people()
    mirror_synced()

    def signed_in(person, **columns):
        account = Account.objects.create(username=f"user{person.id}", is_staff=True, employee_id=person.id, **columns)
        client = Client(headers={"accept-language": "ru"})
        client.force_login(account)
        return client

    return signed_in


def choice(**fields):
    return {"act": "choose", "own-rhythm": "daily", "own-by_portal": "on"} | fields


def test_a_supervisor_chooses_his_own_digest_and_it_is_in_the_history(browser):
    marina = browser(MARINA)
    assert marina.post(PAGE, choice()).status_code == 302
    row = DigestChoice.objects.get()
    assert (row.employee_id, row.rhythm, row.by_portal, row.by_email) == (MARINA.id, "daily", True, False)
    line = history.of(About.NOTICES, MARINA.id).get()
    assert (line.before, line.after["rhythm"], line.actor_name) == (None, "daily", MARINA.name)


def test_whoever_is_named_in_the_form_it_is_ones_own(browser):
    browser(MARINA).post(PAGE, choice(**{"own-employee": OLGA.id, "employee": OLGA.id}))
    assert list(DigestChoice.objects.values_list("employee_id", flat=True)) == [MARINA.id]


def test_a_digest_that_comes_by_no_way_is_refused_in_words(browser):
    page = browser(MARINA).post(PAGE, choice(**{"own-by_portal": ""}))
    assert "Выберите, как она приходит, или «никогда»." in page.text
    assert not DigestChoice.objects.exists()
    assert browser(IVAN).get(PAGE).status_code == 403


def test_never_needs_no_way(browser):
    browser(MARINA).post(PAGE, {"act": "choose", "own-rhythm": "never"})
    assert DigestChoice.objects.get().rhythm == "never"


def test_a_supervisor_sees_no_switches_and_cannot_set_them(browser):
    marina = browser(MARINA)
    assert "all-quiet_from" not in marina.get(PAGE).text
    assert marina.post(PAGE, SWITCHES).status_code == 403
    assert NoticeSettings.objects.get().digest_weekday == 0


def test_an_administrator_sets_the_switches_and_the_history_says_so_in_words(browser):
    root = browser(OLGA, is_superuser=True)
    assert root.post(PAGE, SWITCHES).status_code == 302
    row = NoticeSettings.objects.get()
    assert (f"{row.quiet_from:%H:%M}", f"{row.quiet_until:%H:%M}", row.digest_weekday) == ("21:00", "07:30", 4)
    assert 'value="21:00"' in root.get(PAGE).text
    lines = root.get(reverse("admin:callguard_history_changelist"), {"about__exact": "notices"}).text
    assert "тихие часы с: 20:00 → 21:00" in lines
    assert "еженедельные по дням: понедельник → пятница" in lines


def test_quiet_hours_with_one_end_are_refused_in_words(browser):
    page = browser(OLGA, is_superuser=True).post(PAGE, SWITCHES | {"all-quiet_until": ""})
    assert "У тихих часов есть и начало, и конец." in page.text


def test_both_ends_empty_mean_no_quiet_hours(browser):
    browser(OLGA, is_superuser=True).post(PAGE, SWITCHES | {"all-quiet_from": "", "all-quiet_until": ""})
    assert NoticeSettings.objects.get().quiet_from is None


@pytest.mark.parametrize(
    ("mail", "address", "said"),
    [
        (False, "", "Почтовый сервер не задан"),
        (True, "", "нет адреса почты"),
        (True, "m@example.com", "Письма идут на m@example.com."),
    ],
)
def test_the_page_says_where_letters_go(browser, settings, mail, address, said):
    settings.EMAIL_CONFIGURED = mail
    assert said in browser(MARINA, email=address).get(PAGE).text


def test_the_page_shows_how_the_digest_looks(browser):
    assert "Звонков всего: 0" in browser(MARINA).get(PAGE).text


def test_an_administrator_is_led_to_letters_that_were_given_up_and_sends_them_again(browser):
    root = browser(OLGA, is_superuser=True)
    at = NoticeSettings.objects.create(tells_since="2026-03-01T00:00Z").tells_since
    row = Letter.objects.create(key="d", to="m@example.com", created_at=at, next_attempt_at=at, state="dead")
    assert "1 письмо не удалось отправить." in root.get(PAGE).text
    letters = reverse("admin:callguard_letter_changelist")
    page = root.post(letters, {"action": "send_again", "_selected_action": [row.pk]}, follow=True)
    assert "1 письмо ждёт повторной отправки." in page.text
    assert Letter.objects.get().state == "waiting"


@pytest.mark.parametrize("person", [MARINA, OLGA])
def test_nothing_else_is_taken(browser, person):
    assert browser(person, is_superuser=person is OLGA).post(PAGE, {"act": "delete"}).status_code == 403
