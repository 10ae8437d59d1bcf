"""A company's status in the admin: seen with how it stands, changed by who may, for one or for many."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard import history
from callguard.admin import bulk_status
from callguard.models import About, Account, CompanyStatus, History, Origin
from callguard.status.outcomes import settle
from crm_mirror.models import Company, OutboxCall, Status
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirrored_company, mirrored_people, value_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:crm_mirror_company_changelist")
STATUSES = reverse("admin:crm_mirror_company_statuses")
STANDINGS = reverse("admin:crm_mirror_company_standings")
WAITING, HANDLED, WORKING = "В ожидании", "В обработке", "В работе"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def romashka(db):
    """Olga's company, «В работе»; Marina is her manager."""
    mirrored_people()
    Status.objects.update(in_portal=True)
    return mirrored_company("Ромашка", responsible=OLGA, status=WORKING)


@pytest.fixture
def vector(romashka):
    """A company of Boris's people."""
    return mirrored_company("Вектор", responsible=BORIS, status=WAITING)


@pytest.fixture
def signed_in(romashka):
    def enter(person):
        account = Account.objects.create(username=person.name, is_staff=True, employee_id=person.id)
        browser = Client(headers=ENGLISH)
        browser.force_login(account)
        return browser

    return enter


@pytest.fixture
def marina(signed_in):
    return signed_in(MARINA)


@pytest.fixture
def root(romashka):
    browser = Client(headers=ENGLISH)
    browser.force_login(Account.objects.create(username="root", is_staff=True, is_superuser=True))
    return browser


def page_of(company):
    return reverse("admin:crm_mirror_company_change", args=[company.pk])


def status_of(company):
    return reverse("admin:crm_mirror_company_status", args=[company.pk])


def chosen(browser, *companies, list_query=""):
    """The answer to the list's action: the preview without a status."""
    ticked = [str(one.pk) for one in companies]
    return browser.post(LIST + list_query, {"action": "change_statuses", "_selected_action": ticked})


def bulk(browser, *companies, status=HANDLED, confirm=False, follow=False, **more):
    ids = ",".join(str(one if isinstance(one, int) else one.portal_id) for one in companies)
    sent = {"companies": ids, "status": value_of(status), **({"confirm": "yes"} if confirm else {}), **more}
    return browser.post(STATUSES, sent, follow=follow)


def sent_for(company):
    return [call.params["fields"] for call in OutboxCall.objects.filter(entity=f"company:{company.portal_id}")]


def ended(state, error=""):
    OutboxCall.objects.update(state=state, error=error)


# --- On the company's page -------------------------------------------------------------------------------------------
def test_the_manager_changes_it_and_sees_it_on_its_way(marina, romashka):
    page = marina.post(status_of(romashka), {"status": value_of(HANDLED)}, follow=True)
    assert "on its way to the portal" in page.text
    assert f"{WORKING} → {HANDLED}" in page.text
    assert 'data-state="pending"' in page.text
    assert len(sent_for(romashka)) == 1
    line = history.of(About.STATUS, romashka.portal_id).get()
    assert (line.actor_name, line.after, line.origin) == (MARINA.name, value_of(HANDLED), Origin.ADMIN)


def test_the_form_offers_what_the_portal_offers_and_begins_with_what_it_has(marina, romashka):
    Status.objects.filter(name=WAITING).update(retired_at=timezone.now())
    form = marina.get(page_of(romashka)).context["status_form"]
    assert [name for _value, name in form.fields["status"].choices] == [HANDLED, WORKING]
    assert form["status"].initial == value_of(WORKING)


@pytest.mark.parametrize("person", [IVAN, BORIS])
def test_for_who_may_not_see_the_company_there_is_none(signed_in, romashka, person):
    browser = signed_in(person)
    assert browser.get(page_of(romashka)).status_code == 302  # Django's way to say that there is no such row
    assert browser.post(status_of(romashka), {"status": value_of(HANDLED)}).status_code == 404
    assert browser.get(STANDINGS, {"company": romashka.portal_id}).json() == {}
    assert not OutboxCall.objects.exists()


def test_the_responsible_sees_it_and_may_not_change_it(signed_in, romashka):
    olga = signed_in(OLGA)
    page = olga.get(page_of(romashka))
    assert "Only the responsible" in page.text
    assert status_of(romashka) not in page.text
    assert olga.post(status_of(romashka), {"status": value_of(HANDLED)}).status_code == 403
    assert not OutboxCall.objects.exists()


def test_looking_at_the_address_of_the_button_changes_nothing(marina, romashka):
    assert marina.get(status_of(romashka), {"status": value_of(HANDLED)}).status_code == 405
    assert marina.get(STATUSES).status_code == 302
    assert not OutboxCall.objects.exists()


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("is_settled", [False, True], ids=["at once", "settled"])
def test_a_refusal_is_told_with_the_portals_words_until_it_is_set_again(marina, romashka, language, is_settled):
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    ended("refused", "crm.company.update: Access denied.")
    if is_settled:
        settle(at=timezone.now())
    spoken = {"accept-language": language}
    words = {"ru": "не даёт Call Guard менять эту компанию", "en": "does not let Call Guard change this company"}
    for text in (marina.get(page_of(romashka), headers=spoken).text, marina.get(LIST, headers=spoken).text):
        assert words[language] in text
        assert "Access denied." in text
        assert HANDLED in text
    marina.post(status_of(romashka), {"status": value_of(WAITING)})
    assert "Access denied." not in marina.get(page_of(romashka)).text


def test_the_filter_lists_what_the_badge_says(marina, romashka):
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    ended("refused", "crm.company.update: Access denied.")
    settle(at=timezone.now())

    def listed(standing):
        rows = marina.get(f"{LIST}?standing={standing}").context["cl"].result_list
        return [one.portal_id for one in rows]

    assert (listed("refused"), listed("flagged")) == ([romashka.portal_id], [])


def test_a_try_that_failed_is_told_while_it_is_repeated(marina, romashka):
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    OutboxCall.objects.update(attempts=3, error="crm.company.update: HTTP 502")
    assert "It was tried 3 times and is tried again. The portal said: “HTTP 502”" in marina.get(page_of(romashka)).text


def test_what_the_portal_took_is_accepted_though_the_mirror_is_behind(marina, romashka):
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    ended("done")
    text = marina.get(page_of(romashka)).text
    assert 'data-state="accepted"' in text
    assert f"<strong>{HANDLED}</strong>" in text


def flagged(company, accepted=WAITING):
    return CompanyStatus.objects.create(
        company_id=company.portal_id,
        accepted=value_of(accepted),
        accepted_at=timezone.now(),
        flagged_at=timezone.now(),
    )


def test_a_doubtful_status_is_confirmed_by_one_button(marina, romashka):
    flagged(romashka)
    page = marina.get(page_of(romashka))
    assert f"“{WAITING}” was accepted last" in page.text
    assert f"Confirm “{WORKING}”" in page.text
    page = marina.post(status_of(romashka), {"status": page.context["doubtful_value"]}, follow=True)
    assert "Confirm" not in page.text
    standing = CompanyStatus.objects.get()
    assert (standing.accepted, standing.flagged_at) == (value_of(WORKING), None)
    assert not OutboxCall.objects.exists()
    assert history.of(About.STATUS, romashka.portal_id).get().actor_name == MARINA.name


def test_a_doubtful_status_that_is_offered_no_more_cannot_be_confirmed(marina, romashka):
    flagged(romashka)
    Status.objects.filter(name=WORKING).update(retired_at=timezone.now())
    assert "Confirm" not in marina.get(page_of(romashka)).text
    page = marina.post(status_of(romashka), {"status": value_of(WORKING)}, follow=True)
    assert "no longer offers this status" in page.text
    assert CompanyStatus.objects.get().flagged_at


def test_a_company_that_the_portal_deleted_keeps_its_status(marina, romashka):
    Company.objects.update(deleted_at=timezone.now())
    assert "The portal no longer has this company" in marina.get(page_of(romashka)).text
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    assert not OutboxCall.objects.exists()


def test_a_portal_without_statuses_says_what_to_do(marina, romashka):
    Status.objects.update(in_portal=False)
    assert "manage.py provision_portal" in marina.get(page_of(romashka)).text


# --- In the list -----------------------------------------------------------------------------------------------------
def test_the_list_shows_how_each_stands_and_finds_them_by_it(marina, romashka):
    rows = {"pending": romashka, "flagged": mirrored_company("Сирень", status=WORKING)}
    rows["refused"] = mirrored_company("Лилия", status=WORKING)
    calm = mirrored_company("Покой", status=WORKING)
    marina.post(status_of(rows["refused"]), {"status": value_of(HANDLED)})
    ended("refused", "crm.company.update: Not found")
    marina.post(status_of(rows["pending"]), {"status": value_of(HANDLED)})
    flagged(rows["flagged"])
    text = marina.get(LIST).text
    assert [text.count(f'data-state="{state}"') for state in (*rows, "accepted")] == [1, 1, 1, 1]
    for state, row in rows.items():
        assert [one.title for one in marina.get(LIST, {"standing": state}).context["cl"].result_list] == [row.title]
    settle(at=timezone.now())
    assert [one.title for one in marina.get(LIST, {"standing": "refused"}).context["cl"].result_list] == ["Лилия"]
    assert calm.title in marina.get(LIST, {"standing": "nonsense"}).text


def test_the_script_hears_what_has_become_of_the_rows(marina, romashka, vector):
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    asked = {"company": [romashka.portal_id, vector.portal_id, "nonsense", "9" * 30], "part": "badge"}
    assert 'data-state="pending"' in marina.get(STANDINGS, asked).json()[str(romashka.portal_id)]
    ended("done")
    told = marina.get(STANDINGS, asked).json()
    assert list(told) == [str(romashka.portal_id)]
    assert 'data-state="accepted"' in told[str(romashka.portal_id)]
    panel = marina.get(STANDINGS, asked | {"part": "panel"}).json()[str(romashka.portal_id)]
    assert MARINA.name in panel


# --- Many at once ----------------------------------------------------------------------------------------------------
def test_many_are_previewed_before_anything_is_changed(root, romashka, vector):
    text = chosen(root, romashka, vector).text
    assert "2 companies are chosen. Nothing is changed yet." in text
    preview = bulk(root, romashka, vector, status=WAITING)
    assert [(group.title, group.rows) for group in preview.context["groups"]] == [
        ("These change", [("Ромашка", f"{WORKING} → {WAITING}")]),
        ("These have it already", [("Вектор", WAITING)]),
    ]
    assert not OutboxCall.objects.exists()
    assert not CompanyStatus.objects.exists()


def test_confirmed_they_are_changed_and_one_message_says_what_was_done(root, romashka, vector):
    page = bulk(root, romashka, vector, status=WAITING, confirm=True, follow=True, list_query="q=xyz")
    assert page.redirect_chain == [(f"{LIST}?q=xyz", 302)]
    assert "1 company is changed. Had it already: 1." in page.text
    assert len(sent_for(romashka)) == 1
    assert not sent_for(vector)


def test_what_the_actor_may_not_change_is_named_with_why_and_left_alone(signed_in, romashka):
    """Olga sees her own companies and Marina's she does not; Marina sees her own and may not change them herself."""
    marinas = mirrored_company("Своя", responsible=MARINA, status=WORKING)
    marina = signed_in(MARINA)
    preview = bulk(marina, romashka, marinas)
    [_changes, forbidden] = preview.context["groups"]
    assert forbidden.rows == [("Своя", f"responsible: {MARINA.name}")]
    assert "Only the responsible&#x27;s manager" in preview.text
    page = bulk(marina, romashka, marinas, confirm=True, follow=True)
    assert "1 company is changed. Not allowed: 1." in page.text
    assert not sent_for(marinas)


def test_an_employee_changes_nothing_by_the_bulk_either(signed_in, romashka):
    olga = signed_in(OLGA)
    assert "There is nothing to change" in bulk(olga, romashka).text
    bulk(olga, romashka, confirm=True)
    assert not OutboxCall.objects.exists()


def test_guessed_ids_of_others_companies_bring_nothing_to_light(marina, romashka, vector):
    preview = bulk(marina, vector, 99_999, status=HANDLED)
    assert "Вектор" not in preview.text
    assert "None of the chosen companies is there any more" in preview.text
    page = bulk(marina, vector, 99_999, confirm=True, follow=True)
    assert "0 companies are changed." in page.text
    assert not OutboxCall.objects.exists()


def test_everything_that_the_list_found_can_be_taken(root, romashka, vector):
    mirrored_company("Ромашка-2", responsible=OLGA, status=WORKING)
    query = f"?status__id__exact={Status.objects.get(name=WORKING).pk}"
    sent = {"action": "change_statuses", "select_across": "1", "_selected_action": romashka.pk, "index": "0"}
    preview = root.post(LIST + query, sent)
    assert preview.context["chosen"] == ["Ромашка", "Ромашка-2"]
    assert preview.context["list_query"] == query[1:]


def test_more_than_can_be_taken_at_once_is_said_before_anything_happens(root, romashka):
    rows = (Company(portal_id=50_000 + one, title=str(one)) for one in range(bulk_status.MOST + 1))
    Company.objects.bulk_create(rows)
    sent = {"action": "change_statuses", "select_across": "1", "_selected_action": romashka.pk, "index": "0"}
    page = root.post(LIST, sent, follow=True)
    assert "more than 10000 companies" in page.text


@pytest.mark.parametrize("value", ["no-such", ""])
def test_a_status_that_is_not_offered_comes_back_to_the_choice(root, romashka, value):
    assert bulk(root, romashka, status=value).context["groups"] == []
    assert "no longer offers this status" in bulk(root, romashka, status=value, confirm=True).text
    assert not OutboxCall.objects.exists()


def test_thousands_are_changed_in_few_statements_and_few_fields(root, romashka, django_assert_max_num_queries):
    rows = [Company(portal_id=50_000 + one, title=str(one), responsible_id=OLGA.id) for one in range(2000)]
    Company.objects.bulk_create(rows)
    ids = [row.portal_id for row in rows]
    preview = bulk(root, *ids)
    assert preview.context["changes"] == 2000
    assert preview.context["groups"][0].more == 1900
    with django_assert_max_num_queries(150):  # SQLite takes long inserts in several statements
        bulk(root, *ids, confirm=True)
    assert OutboxCall.objects.count() == CompanyStatus.objects.count() == History.objects.count() == 2000
    assert CompanyStatus.objects.filter(sent=None).count() == 0


def test_asking_twice_changes_nothing_twice(root, romashka):
    bulk(root, romashka, confirm=True)
    ended("done")
    Company.objects.update(status_id=value_of(HANDLED))
    settle(at=timezone.now())
    assert "0 companies are changed. Had it already: 1." in bulk(root, romashka, confirm=True, follow=True).text
    assert len(sent_for(romashka)) == 1


def test_what_the_page_sends_to_scripts_is_html_without_scripts(marina, romashka):
    Company.objects.update(title="<script>alert(1)</script>")
    Status.objects.filter(name=HANDLED).update(name="<b>Новый</b>")
    marina.post(status_of(romashka), {"status": value_of("<b>Новый</b>")})
    told = json.dumps(marina.get(STANDINGS, {"company": romashka.portal_id, "part": "badge"}).json())
    assert "<b>" not in told
    assert "&lt;b&gt;" in told
    assert "<script>alert" not in marina.get(page_of(romashka)).text


# --- The first page --------------------------------------------------------------------------------------------------
def tile(browser):
    tiles = browser.get(reverse("admin:index")).context["health_tiles"]
    return [(one.figure, one.tone, one.link) for one in tiles if one.title == "Statuses to look at"]


def test_the_first_page_counts_what_waits_for_whoever_may_settle_it(signed_in, root, romashka, vector):
    here = f"{LIST}?standing=attention"
    marina, olga = signed_in(MARINA), signed_in(OLGA)
    assert tile(marina) == tile(root) == [("0", "good", here)]
    flagged(romashka)
    marina.post(status_of(romashka), {"status": value_of(HANDLED)})
    ended("refused", "crm.company.update: Access denied.")
    settle(at=timezone.now())
    flagged(vector)
    assert (tile(marina), tile(root), tile(olga)) == ([("1", "bad", here)], [("2", "bad", here)], [])
    assert [one.title for one in marina.get(here).context["cl"].result_list] == ["Ромашка"]
    marina.post(status_of(romashka), {"status": value_of(WAITING)})
    assert tile(marina) == [("0", "good", here)]
