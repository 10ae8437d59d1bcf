"""Who may what on the dashboard: figures and lists, the page of a conflict, disputes, notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.urls import reverse

from callguard.access import policies
from callguard.access.actors import Actor
from callguard.models import Call, Comment, Decision, DigestChoice, Dispute, History, NoticeSettings
from tests.cast import OLGA, SALES
from tests.permissions.lines import Line
from tests.permissions.pages import administrators, her_calls
from tests.permissions.roles import ACTORS
from tests.permissions.tries import REFUSED, Try, opening, shown, taken_back
from tests.permissions.world import Visitor


def lines() -> Iterator[Line]:
    yield from figures()
    yield from conflicts()
    yield from notices()


def figures() -> Iterator[Line]:
    """Each page and file holds only what its reader may see; the question narrows it, by whatever parameter."""
    room, enters = "Dashboard", policies.may_sign_in
    several, calls = policies.may_see_dashboard, reverse("dashboard:calls")
    yield Line(room, "open it", ("dashboard:overview",), several, (opening(reverse("dashboard:overview")),))
    yield Line(room, "open one's own record", ("dashboard:me",), policies.may_see_own_record, (own_record,))
    hers = opening(reverse("dashboard:person", args=[OLGA.id]), period="all")
    yield Line(room, "open the employee's page", ("dashboard:person",), her_calls, (hers,))
    yield Line(room, "list calls", ("dashboard:calls",), enters, (opening(calls),))
    listed = tuple(
        naming_her(calls, figure="calls", **guess) for guess in ({}, {"person": OLGA.id}, {"in_caller": OLGA.id})
    )
    yield Line(room, "find the employee's call in a list", ("dashboard:calls",), her_calls, listed)
    files = [reverse("dashboard:calls-file", args=[kind]) for kind in ("csv", "xlsx")]
    yield Line(room, "take a list as a file", ("dashboard:calls-file",), enters, tuple(map(opening, files)))
    found = (naming_her(files[0], figure="calls"), naming_her(files[0], figure="calls", person=OLGA.id))
    yield Line(room, "find the employee's call in a file", ("dashboard:calls-file",), her_calls, found)
    for name, args in (("whole", ["people"]), ("table", ["people", "csv"])):
        address = reverse(f"dashboard:{name}", args=args)
        yield Line(room, f"take a table: {name}", (f"dashboard:{name}",), enters, (opening(address),))
        tried = (naming_her(address), naming_her(address, person=OLGA.id), naming_her(address, department=SALES))
        yield Line(room, f"find the employee in it: {name}", (f"dashboard:{name}",), her_calls, tried)


def own_record(visitor: Visitor) -> bool:
    return shown(visitor.get(reverse("dashboard:me")))


def naming_her(url: str, **query: Any) -> Try:
    """Whether her name stands in what came. Days: all."""

    def named(visitor: Visitor) -> bool:
        answer = visitor.get(url, {"period": "all", **query})
        return shown(answer) and OLGA.name in answer.told

    return named


# --- A conflict ------------------------------------------------------------------------------------------------------
def conflicts() -> Iterator[Line]:
    """Olga's call, to a stranger's client. The responsible of the client may open the page too: here it is nobody."""
    page, calls = "Page of a conflict", "dashboard:call"
    yield Line(page, "open", ("dashboard:conflict", calls), her_calls, (opened("conflict"), opened("call")))
    yield Line(page, "comment", ("dashboard:comment",), comments_on_her, (saying("comment", {"text": "!"}, Comment),))
    yield Line(page, "dispute", ("dashboard:dispute",), disputes_as_she, (saying("dispute", NEW_DISPUTE, History),))
    yield Line(page, "decide", ("dashboard:decide",), decides_on_her, (saying("decide", NEW_DECISION, Decision),))
    page, url = "List of disputes", "dashboard:disputes"
    yield Line(page, "open", (url,), policies.may_sign_in, (opening(reverse(url)),))
    yield Line(page, "find the row", (url,), her_calls, (finding_dispute,))


NEW_DISPUTE = {"reason": "mine", "comment": "Ещё раз"}
NEW_DECISION = {"outcome": "excuse", "words": "Так и есть", "seen": 0}


def comments_on_her(actor: Actor) -> bool:
    return policies.may_comment_on(actor, OLGA.id)


def disputes_as_she(actor: Actor) -> bool:
    return policies.may_dispute(actor, OLGA.id)


def decides_on_her(actor: Actor) -> bool:
    return policies.may_decide_on(actor, OLGA.id)


def opened(name: str) -> Try:
    return lambda visitor: shown(visitor.get(reverse(f"dashboard:{name}", args=[visitor.world.subject(Call).pk])))


def saying(name: str, sent: dict[str, Any], model: type[Model]) -> Try:
    """Whether it is kept."""

    @taken_back
    def attempted(visitor: Visitor) -> bool:
        before = model._default_manager.count()
        answer = visitor.post(reverse(f"dashboard:{name}", args=[visitor.world.subject(Call).pk]), sent)
        assert answer.status_code in REFUSED, answer
        return model._default_manager.count() > before

    return attempted


def finding_dispute(visitor: Visitor) -> bool:
    answer = visitor.get(reverse("dashboard:disputes"), {"state": "all"})
    row = visitor.world.subject(Dispute)
    return shown(answer) and row.pk in {one.dispute.pk for one in answer.context["rows"]}


# --- Notices ---------------------------------------------------------------------------------------------------------
def notices() -> Iterator[Line]:
    page = "dashboard:notices"
    yield Line("Notices", "open the page", (page,), policies.may_set_notices, (opening(reverse(page)),))
    yield Line("Notices", "choose one's own digest", (page,), policies.may_choose_digest, (choosing_digest,))
    yield Line("Notices", "set the switches and quiet hours", (page,), administrators, (setting_switches,))


@taken_back
def choosing_digest(visitor: Visitor) -> bool:
    """Whoever chose, it is his own."""
    sent = {"act": "choose", "own-rhythm": "daily", "own-by_portal": "on"}
    visitor.post(reverse("dashboard:notices"), sent)
    chosen = list(DigestChoice.objects.values_list("employee_id", flat=True))
    assert chosen in ([], [ACTORS[visitor.role].employee_id])
    return bool(chosen)


@taken_back
def setting_switches(visitor: Visitor) -> bool:
    sent = {"act": "switches", "all-digest_at": "10:30", "all-digest_weekday": 4, "all-rhythm": "never"}
    visitor.post(reverse("dashboard:notices"), sent)
    return NoticeSettings.objects.filter(digest_weekday=4).exists()
