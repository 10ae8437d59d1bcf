"""The guard over the feed: who did it, races between their edits and our writes, and what a long stretch costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, CompanyStatus, History, Origin
from callguard.status.authors import Told, author_of
from callguard.status.change import set_status
from callguard.status.outcomes import settle
from callguard.status.watch import watch
from crm_mirror.models import Change, Company, Employee, InboxEvent, OutboxCall, Status
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    PAVEL,
    SALES,
    mirror_synced,
    mirrored_company,
    mirrored_people,
    value_of,
)

pytestmark = pytest.mark.django_db
WAITING, HANDLED, WORKING = "В ожидании", "В обработке", "В работе"
NOW = timezone.now()
ROOT = Actor("root", Role.ADMINISTRATOR)


@pytest.fixture
def people(db):
    mirrored_people()
    Employee.objects.update(is_portal_admin=False)
    Status.objects.update(in_portal=True)


@pytest.fixture
def romashka(people):
    return mirrored_company("Ромашка", responsible=OLGA, status=WAITING, id=5)


def edited(company, before, after, *, by, what=Change.What.UPDATED, echo_of=None, **facts):
    """The feed's line of an edit, and the mirror as it left it."""
    pair = [value_of(before), value_of(after)]
    Company.objects.filter(portal_id=company).update(status_id=pair[1])
    return Change.objects.create(
        at=timezone.now(),
        kind="company",
        portal_id=str(company),
        what=what,
        facts={"status_id": pair, **facts},
        by_id=by and by.id,
        source="delta",
        echo_of=echo_of,
    )


def seen(*changes):
    watch(changes, at=timezone.now())


def grounds():
    return [line.ground for line in History.objects.order_by("id") if line.origin == Origin.PORTAL]


def sent():
    """(value, only over) of each status call, in order."""
    field = settings.BITRIX_STATUS_FIELD
    calls = OutboxCall.objects.filter(purpose="status").order_by("id")
    return [(call.params["fields"][field], call.check_call.get("only_if", {}).get(field)) for call in calls]


# --- Who did it ------------------------------------------------------------------------------------------------------
def change(by=8, what="updated", **facts):
    return Change(at=NOW, portal_id="5", what=what, by_id=by, facts={"status_id": ["A", "B"], **facts})


def told(by=None, *, received=-1, done=None, queued=False):
    done_at = None if done is None else NOW + timedelta(seconds=done)
    return Told(by, NOW + timedelta(seconds=received), done_at, may_be_several=queued)


@pytest.mark.parametrize(
    ("made", "events", "author"),
    [
        (change(), [], 8),
        (change(title=["A", "B"]), [], None),
        (change(numbers=[[], ["+79161234567"]]), [], None),
        (change(what="created", title=[None, "A"]), [], 8),
        (change(by=None), [], None),
        (change(title=["A", "B"]), [told()], 8),
        (change(), [told(8)], 8),
        (change(), [told(8, queued=True)], 8),
        (change(title=["A", "B"]), [told(8)], 8),
        (change(title=["A", "B"]), [told(8, queued=True)], None),
        (change(what="created", title=[None, "A"]), [told(8, queued=True)], 8),
        (change(), [told(9)], None),
        (change(), [told(8), told(8)], 8),
        (change(), [told(8), told(9)], None),
        (change(), [told(8), told()], None),
        (change(), [told(), told()], None),
        (change(), [told(9, done=-0.5), told(8)], 8),
        (change(), [told(8, done=0.5), told(9, received=1)], 8),
    ],
)
def test_the_author_is_known_only_when_all_edits_since_the_last_look_are_his(made, events, author):
    assert author_of(made, events) == author


# --- Races -----------------------------------------------------------------------------------------------------------
def test_a_status_is_put_back_only_over_what_was_ruled_on(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN))
    assert sent() == [(value_of(WAITING), [value_of(WORKING)])]


def test_a_second_edit_before_the_first_was_put_back_is_put_back_itself(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN), edited(5, WORKING, HANDLED, by=IVAN))
    assert sent() == [(value_of(WAITING), [value_of(WORKING)]), (value_of(WAITING), [value_of(HANDLED)])]
    assert CompanyStatus.objects.get().sent == OutboxCall.objects.filter(purpose="status").latest("id")


def test_the_manager_who_comes_second_is_obeyed(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN), edited(5, WORKING, HANDLED, by=MARINA))
    assert grounds() == ["not_allowed", "manager"]
    assert CompanyStatus.objects.get().accepted == value_of(HANDLED)


def test_who_takes_it_back_himself_leaves_nothing_to_do(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN), edited(5, WORKING, WAITING, by=IVAN))
    assert grounds() == ["not_allowed"]
    assert len(sent()) == 1


def test_their_edit_is_held_against_what_we_are_just_sending(romashka):
    set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    seen(edited(5, WAITING, WORKING, by=IVAN))
    assert sent() == [(value_of(HANDLED), None), (value_of(HANDLED), [value_of(WORKING)])]


def test_our_own_echo_is_accepted_without_a_word(romashka):
    set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    seen(edited(5, WAITING, HANDLED, by=IVAN, echo_of=OutboxCall.objects.get().pk))
    assert (grounds(), len(sent())) == ([], 1)


@pytest.mark.parametrize(("by", "ground"), [(MARINA, "manager"), (BORIS, "manager"), (IVAN, "not_allowed")])
def test_a_company_handed_over_with_the_edit_is_judged_by_either_manager(romashka, by, ground):
    InboxEvent.objects.create(
        event="ONCRMCOMPANYUPDATE", entity_id="5", user_id=by.id, received_at=NOW, next_attempt_at=NOW
    )
    seen(edited(5, WAITING, WORKING, by=by, responsible_id=[PAVEL.id, OLGA.id]))
    assert grounds() == [ground, ""]  # the handing over itself is noted as well


@pytest.mark.parametrize("minutes", [1, 60])
def test_a_head_replaced_around_the_edit_counts_a_while_as_manager(romashka, minutes):
    row = edited(5, WAITING, WORKING, by=BORIS)
    Change.objects.create(
        at=row.at - timedelta(minutes=minutes),
        kind="department",
        portal_id=str(SALES),
        what=Change.What.UPDATED,
        facts={"head_id": [BORIS.id, MARINA.id]},
        source="delta",
    )
    seen(row)
    assert grounds() == ["manager" if minutes == 1 else "not_allowed"]


def test_who_was_head_between_two_others_counts_as_well(romashka):
    """Ivan was head for a few minutes, from Boris to Marina, and it was then that he set the status."""
    row = edited(5, WAITING, WORKING, by=IVAN)
    for minutes, pair in ((4, [BORIS.id, IVAN.id]), (1, [IVAN.id, MARINA.id])):
        Change.objects.create(
            at=row.at - timedelta(minutes=minutes),
            kind="department",
            portal_id=str(SALES),
            what=Change.What.UPDATED,
            facts={"head_id": pair},
            source="delta",
        )
    seen(row)
    assert grounds() == ["manager"]


def test_a_manager_dismissed_meanwhile_is_not_put_back(romashka):
    row = edited(5, WAITING, WORKING, by=PAVEL)
    seen(row)
    assert grounds() == ["left_meanwhile"]


def test_our_write_that_lands_after_an_accepted_edit_counts_in_the_end(romashka):
    """Whoever of the two the portal shows last is right; what counts is never something else than what it shows."""
    set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    seen(edited(5, WAITING, WORKING, by=MARINA))
    assert CompanyStatus.objects.get().accepted == value_of(WORKING)
    carried_out()
    seen(edited(5, WORKING, HANDLED, by=IVAN, echo_of=OutboxCall.objects.get().pk))
    assert CompanyStatus.objects.get().accepted == value_of(HANDLED)


def test_of_two_equal_writes_the_echo_of_the_first_is_enough(romashka):
    for _ in range(2):
        set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    seen(edited(5, WAITING, WORKING, by=MARINA))
    seen(edited(5, WORKING, HANDLED, by=IVAN, echo_of=OutboxCall.objects.earliest("id").pk))
    assert CompanyStatus.objects.get().accepted == value_of(HANDLED)


def test_what_looks_like_an_echo_and_does_not_count_any_more_is_judged(romashka):
    """Our write was never seen back, for the manager wrote over it; a day long its value would have been an echo."""
    set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    CompanyStatus.objects.update(sent=None)
    seen(edited(5, WAITING, WORKING, by=MARINA))
    seen(edited(5, WORKING, HANDLED, by=IVAN, echo_of=OutboxCall.objects.get().pk))
    assert grounds() == ["manager", "not_allowed"]


# --- Outcomes --------------------------------------------------------------------------------------------------------
def refused(error):
    OutboxCall.objects.filter(purpose="status").update(state=OutboxCall.State.REFUSED, error=error)
    settle(at=timezone.now())
    return CompanyStatus.objects.get()


def test_what_the_portal_refuses_stands_as_the_portal_shows_it_and_is_doubtful(romashka):
    set_status(romashka, value_of(WORKING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    row = refused("crm.company.update: Access denied")
    assert (row.accepted, row.sent) == (value_of(WAITING), None)
    assert row.flagged_at
    assert history.of(About.STATUS, 5).first().ground == "refused"


def carried_out(*, ago=timedelta(minutes=1)):
    done_at = timezone.now() - ago
    OutboxCall.objects.filter(purpose="status").update(state=OutboxCall.State.DONE, sent_at=done_at, done_at=done_at)


def test_what_was_carried_out_is_on_its_way_until_it_is_seen(romashka):
    mirror_synced(ago=timedelta(minutes=2))
    set_status(romashka, value_of(WORKING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    carried_out()
    settle(at=timezone.now())
    assert CompanyStatus.objects.get().sent is not None
    OutboxCall.objects.update(echoed_at=timezone.now())
    settle(at=timezone.now())
    assert CompanyStatus.objects.get().sent is None


def test_our_write_that_somebody_undid_before_we_looked_is_doubtful(romashka):
    """The mirror has never shown it, so no change tells of the one who put the old status back."""
    mirror_synced()
    set_status(romashka, value_of(WORKING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    carried_out()
    settle(at=timezone.now())
    row = CompanyStatus.objects.get()
    assert (row.accepted, row.sent) == (value_of(WORKING), None)
    assert row.flagged_at
    line = history.of(About.STATUS, 5).first()
    assert (line.before, line.after, line.ground) == (value_of(WORKING), value_of(WAITING), "unknown_author")
    assert OutboxCall.objects.get(purpose="notice").entity == f"user:{MARINA.id}"


def test_a_refusal_of_what_somebody_has_set_there_already_leaves_no_doubt(romashka):
    set_status(romashka, value_of(WORKING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    seen(edited(5, WAITING, WORKING, by=MARINA))
    assert refused("crm.company.update: Access denied").flagged_at is None


def test_the_portals_refusal_is_kept_until_somebody_allowed_sets_a_status_there(romashka):
    set_status(romashka, value_of(WORKING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    assert refused("crm.company.update: Access denied").refused == OutboxCall.objects.get()
    seen(edited(5, WAITING, HANDLED, by=IVAN))
    assert CompanyStatus.objects.get().refused
    seen(edited(5, HANDLED, WORKING, by=MARINA))
    row = CompanyStatus.objects.get()
    assert (row.refused, row.flagged_at, row.accepted) == (None, None, value_of(WORKING))


OVERTAKEN = "overtaken: the portal shows UF=1 by now"


def test_what_was_overtaken_leaves_the_accepted_status_for_the_guard(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN))
    row = refused(OVERTAKEN)
    assert (row.accepted, row.flagged_at) == (value_of(WAITING), None)
    seen(edited(5, WORKING, HANDLED, by=IVAN))
    assert sent()[-1] == (value_of(WAITING), [value_of(HANDLED)])


def test_overtaken_and_set_back_before_we_looked_is_doubtful(romashka):
    """Somebody set another status, and then again the one that was ruled on: no look has seen a change."""
    seen(edited(5, WAITING, WORKING, by=IVAN))
    mirror_synced()
    row = refused(OVERTAKEN)
    assert (row.accepted, row.sent) == (value_of(WAITING), None)
    assert row.flagged_at
    assert history.of(About.STATUS, 5).first().ground == "unknown_author"


def test_overtaken_by_what_was_accepted_is_over(romashka):
    seen(edited(5, WAITING, WORKING, by=IVAN))
    Company.objects.update(status_id=value_of(WAITING))
    row = refused(OVERTAKEN)
    assert (row.sent, row.flagged_at) == (None, None)


def test_a_manager_is_known_although_the_company_was_handed_over_before_we_came_to_his_change(romashka):
    change = edited(5, WAITING, WORKING, by=MARINA)
    Company.objects.update(responsible_id=BORIS.id)
    handed = Change.objects.create(
        at=timezone.now(),
        kind="company",
        portal_id="5",
        what=Change.What.UPDATED,
        facts={"responsible_id": [OLGA.id, BORIS.id]},
        source="delta",
    )
    seen(change)
    seen(handed)
    assert "manager" in grounds()
    assert sent() == []


def test_a_write_of_ours_that_lands_on_a_later_edit_is_in_the_history(romashka):
    set_status(romashka, value_of(HANDLED), by=ROOT, origin=Origin.API, at=timezone.now())
    seen(edited(5, WAITING, WORKING, by=MARINA))
    call = OutboxCall.objects.get(purpose="status")
    seen(edited(5, WORKING, HANDLED, by=None, echo_of=call.pk))
    last = history.of(About.STATUS, 5).order_by("id").last()
    assert (last.before, last.after, last.ground) == (value_of(WORKING), value_of(HANDLED), "own_write")
    assert CompanyStatus.objects.get().accepted == value_of(HANDLED)


def test_a_page_that_is_out_of_date_writes_all_the_same(romashka):
    stale = Company.objects.get(portal_id=5)
    seen(edited(5, WAITING, WORKING, by=MARINA))
    set_status(stale, value_of(WAITING), by=ROOT, origin=Origin.ADMIN, at=timezone.now())
    assert sent()[-1][0] == value_of(WAITING)


def test_words_of_the_portal_are_no_code_in_a_notice(romashka):
    Company.objects.update(title="Рога[/URL] [URL=https://evil.example]сюда[/URL]")
    seen(edited(5, WAITING, WORKING, by=IVAN))
    message = OutboxCall.objects.get(purpose="notice").params["MESSAGE"]
    assert message.count("[URL=") == 1
    assert "evil.example]" not in message


# --- Cost ------------------------------------------------------------------------------------------------------------
def test_a_long_stretch_costs_the_same_few_queries(people, django_assert_max_num_queries):
    changes = []
    for one in range(1, 501):
        mirrored_company(f"Компания {one}", responsible=OLGA, status=WAITING, id=one)
        changes.append(edited(one, WAITING, WORKING, by=IVAN))
    with django_assert_max_num_queries(60):  # SQLite takes long inserts in several statements
        seen(*changes)
    assert OutboxCall.objects.count() == 1000  # each put back, each with its notice
    assert CompanyStatus.objects.exclude(sent=None).count() == 500
