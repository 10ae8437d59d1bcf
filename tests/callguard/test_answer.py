"""What a verdict says, field by field (verdict.md §3)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callguard.answer import CallerDismissed, CallerUnknown, Terms, verdict_for
from callguard.verdict import Policy
from crm_mirror.models import Company, Contact, ContactCompany, Employee, Lead, PhoneNumber, SyncCursor
from tests.cast import (
    BORIS,
    IVAN,
    OLGA,
    PAVEL,
    STRANGER,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)

PHONE = "8 (916) 123-45-67"
E164 = "+79161234567"
TERMS = Terms(portal_origin="https://portal.example")
pytestmark = pytest.mark.django_db
FIELDS = (
    "colour tier own reason message entity contact responsible status matches contested palette mirror rules_version "
    "number"
)


@pytest.fixture(autouse=True)
def mirror():
    mirrored_people()
    mirror_synced()


def told(phone=PHONE, *, caller=IVAN, terms=TERMS, at=None, language="en"):
    now = at or timezone.now()
    return verdict_for(phone, caller_id=caller.id, at=now, language=language, terms=terms).as_dict()


def test_a_red_verdict_says_everything():
    mirrored_company("Ромашка", phone=PHONE, status="В работе", id=5)
    answer = told()
    assert list(answer) == FIELDS.split()
    assert (answer["colour"], answer["tier"], answer["own"], answer["reason"]) == (
        "red",
        "company",
        False,
        "foreign_client",
    )
    assert answer["entity"] == {
        "type": "company",
        "id": 5,
        "title": "Ромашка",
        "url": "https://portal.example/crm/company/details/5/",
    }
    assert answer["responsible"] == {"id": OLGA.id, "name": OLGA.name, "active": True}
    assert answer["status"] == {"id": "IN_WORK", "name": "В работе"}
    assert (answer["contact"], answer["matches"], answer["contested"]) == (None, 1, False)
    assert (answer["rules_version"], answer["number"]) == (1, E164)
    assert OLGA.name in answer["message"]
    assert json.loads(json.dumps(answer)) == answer


def test_the_palette_is_told_as_the_card_paints_it():
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    palette = told()["palette"]
    assert (palette["code"], palette["version"], palette["label"], palette["icon"]) == (
        "red",
        1,
        "A colleague's client",
        "stop",
    )
    assert palette["background"] == palette["stripes"][0]
    assert (len(palette["stripes"]), set(palette["buttons"])) == (3, {"answer", "hangup", "other"})
    assert told(language="ru")["palette"]["label"] == "Чужой клиент"


def test_in_tier_2_the_company_is_the_entity_and_the_contact_that_led_there_is_named():
    company = mirrored_company("Ромашка", status="В обработке", id=5)
    mirrored_contact("Пётр", phone=PHONE, companies=[company], responsible=BORIS, id=50)
    answer = told()
    assert (answer["colour"], answer["tier"], answer["entity"]["id"]) == ("yellow", "company_contact", 5)
    assert answer["contact"] == {
        "id": 50,
        "title": "Пётр",
        "url": "https://portal.example/crm/contact/details/50/",
        "responsible": {"id": BORIS.id, "name": BORIS.name, "active": True},
    }
    assert answer["responsible"]["id"] == OLGA.id


def test_contacts_and_leads_have_no_status_and_their_own_addresses():
    mirrored_contact("Пётр", phone=PHONE, id=50)
    mirrored_lead("Заявка", phone="+375 29 123-45-67", id=70)
    contact, lead = told(), told("375291234567")
    assert (contact["colour"], contact["tier"], contact["reason"]) == ("yellow", "contact", "standalone_contact")
    assert (contact["entity"]["url"], contact["status"]) == ("https://portal.example/crm/contact/details/50/", None)
    assert (lead["colour"], lead["tier"], lead["reason"]) == ("blue", "lead", "known_lead")
    assert lead["entity"]["url"] == "https://portal.example/crm/lead/details/70/"


def test_without_a_portal_there_are_no_addresses():
    mirrored_company("Ромашка", phone=PHONE)
    assert told(terms=Terms())["entity"]["url"] is None


@pytest.mark.parametrize(
    ("phone", "reason", "number"),
    [
        ("+7 495 000-00-00", "unknown_number", "+74950000000"),
        ("anonymous", "hidden_number", None),
        ("", "hidden_number", None),
        ("101", "internal_number", None),
        ("123-45-67", "unknown_number", None),
    ],
)
def test_a_number_that_meets_nobody_says_why(phone, reason, number):
    answer = told(phone)
    assert (answer["colour"], answer["reason"], answer["number"]) == ("none", reason, number)
    assert [answer[name] for name in ("tier", "entity", "contact", "responsible", "status", "palette")] == [None] * 6
    assert (answer["matches"], answer["contested"], answer["own"], answer["rules_version"]) == (0, False, False, 1)
    assert answer["message"]


def test_no_colour_has_no_palette_but_its_entity():
    mirrored_company("Ромашка", phone=PHONE, status="В ожидании")
    answer = told()
    assert (answer["colour"], answer["reason"], answer["palette"]) == ("none", "waiting", None)
    assert answer["entity"]["title"] == "Ромашка"


@pytest.mark.parametrize(
    ("responsible", "expected"),
    [
        (PAVEL, {"id": PAVEL.id, "name": PAVEL.name, "active": False}),
        (STRANGER, {"id": STRANGER.id, "name": "employee No. 404", "active": False}),
        (None, None),
    ],
)
def test_a_responsible_who_left_or_is_unknown_is_told_as_not_active(responsible, expected):
    mirrored_company("Ромашка", phone=PHONE, status="В работе", responsible=responsible)
    answer = told()
    assert (answer["colour"], answer["responsible"]) == ("red", expected)


def test_a_substituted_client_is_own():
    substitution(IVAN, of=OLGA)
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    answer = told()
    assert (answer["colour"], answer["reason"], answer["own"]) == ("none", "substituted_client", True)
    later = told(at=timezone.now() + timedelta(days=2))
    assert (later["colour"], later["own"]) == ("red", False)


def test_sharing_entities_are_counted_and_contested():
    mirrored_company("А", phone=PHONE, status="В работе", id=2)
    mirrored_company("Б", phone=PHONE, status="В работе", responsible=IVAN, id=1)
    answer = told()
    assert (answer["colour"], answer["entity"]["id"], answer["matches"], answer["contested"]) == ("red", 2, 2, True)
    mild = told(terms=Terms(policy=Policy.OWN_FIRST))
    assert (mild["colour"], mild["reason"], mild["entity"]["id"]) == ("none", "own_client", 1)


def test_the_mirrors_age_is_told_and_fresh_until_the_limit():
    now = timezone.now()
    mirror_synced(now)
    assert told(at=now + timedelta(seconds=900))["mirror"] == {
        "synced_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "age_s": 900,
        "fresh": True,
    }
    late = told(at=now + timedelta(seconds=901))["mirror"]
    assert (late["age_s"], late["fresh"]) == (901, False)
    assert told(at=now + timedelta(seconds=901), terms=Terms(stale_after=1000))["mirror"]["fresh"]


def test_a_mirror_never_read_completely_does_not_call_a_number_unknown_but_judges_by_what_it_holds():
    SyncCursor.objects.filter(kind="lead").update(true_at=None)
    answer = told()
    assert (answer["colour"], answer["reason"]) == ("none", "mirror_empty")
    assert answer["mirror"] == {"synced_at": None, "age_s": None, "fresh": False}
    mirrored_company("Ромашка", phone=PHONE, status="В работе")
    assert told()["colour"] == "red"


def test_whoever_is_not_employed_gets_no_verdict():
    with pytest.raises(CallerUnknown):
        told(caller=STRANGER)
    with pytest.raises(CallerDismissed):
        told(caller=PAVEL)


def test_before_people_were_read_nobody_is_a_stranger():
    Employee.objects.all().delete()
    SyncCursor.objects.all().delete()
    assert told(caller=STRANGER)["reason"] == "mirror_empty"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (None, "Номер скрыт: искать некого."),
        ("ru", "Номер скрыт: искать некого."),
        ("fr", "Номер скрыт: искать некого."),
        ("en", "The number is hidden: there is nobody to look up."),
        ("en-GB", "The number is hidden: there is nobody to look up."),
    ],
)
def test_the_message_is_in_the_language_asked_for_and_russian_by_default(asked, sentence):
    assert told("anonymous", language=asked)["message"] == sentence


def test_one_query_for_any_answer(django_assert_num_queries):
    company = mirrored_company("Ромашка", phone=PHONE, status="В работе")
    mirrored_contact("Пётр", phone=PHONE, companies=[company])
    told()  # rules and palettes are read once and kept
    for phone in (PHONE, "+7 495 000-00-00", "anonymous"):
        with django_assert_num_queries(1):
            told(phone)


def test_the_explanation_lists_what_was_found_and_why_the_search_stopped():
    mirrored_contact("Пётр", phone=PHONE, companies=[mirrored_company("А", status="В работе", id=1)], id=50)
    answer = verdict_for(PHONE, caller_id=IVAN.id, at=timezone.now(), language="en", terms=TERMS)
    first, second = answer.explanation
    assert (first["tier"], first["found"], first["stopped"]) == ("company", [], None)
    (found,) = second["found"]
    assert (found["id"], found["contact"]["id"], found["responsible"]["id"], found["rule"], found["decisive"]) == (
        1,
        50,
        OLGA.id,
        "“В работе” → red",
        True,
    )
    assert found["outcome"] == {"colour": "red", "reason": "foreign_client", "own": False, "words": "red"}
    assert "not looked at" in second["stopped"]
    assert json.loads(json.dumps(answer.explanation)) == answer.explanation


entities = st.lists(
    st.tuples(st.sampled_from(["company", "linked", "contact", "lead"]), st.booleans(), st.booleans()), max_size=6
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entities)
def test_no_deleted_entity_and_none_of_our_own_companies_ever_decides(rows):
    """Whatever else carries the number: what decides is live, foreign and of the first such tier."""
    for model in (Company, Contact, Lead, ContactCompany, PhoneNumber):
        model.objects.all().delete()
    live = [_mirrored(*row) for row in rows]
    tiers = [tier for tier in ("company", "company_contact", "contact", "lead") if tier in live]
    assert told()["tier"] == (tiers[0] if tiers else None)
    assert told()["matches"] == (live.count(tiers[0]) if tiers else 0)


def _mirrored(kind, deleted, ours):
    """Puts the entity there and returns the tier it should be found in, or None."""
    if kind == "company":
        mirrored_company("К", phone=PHONE, deleted=deleted, is_my_company=ours, status="В работе")
        return None if deleted or ours else "company"
    if kind == "linked":
        mirrored_contact("К", phone=PHONE, companies=[mirrored_company("К", deleted=deleted, is_my_company=ours)])
        return "contact" if deleted or ours else "company_contact"
    put = mirrored_contact if kind == "contact" else mirrored_lead
    put("К", phone=PHONE, deleted=deleted)
    return None if deleted else kind
