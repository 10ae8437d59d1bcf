"""Decisions on conflicts and their disputes, and comments. Nobody decides on himself, by whatever door he comes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from callguard import dispute_words as words
from callguard import history
from callguard.access.actors import Actor
from callguard.access.people import at_work
from callguard.access.policies import may_comment_on, may_decide_on
from callguard.fairness.judge import judge_again, settle_excused
from callguard.models import About, Call, Comment, Decision, Dispute, DisputeState, Excuse, Ground, Origin
from callguard.status.notices import notification_to
from crm_mirror import outbox
from crm_mirror.models import Employee


class NotForYou(Exception):
    """The policy says no: it is his own call, or one of somebody whom he does not manage."""


class DecidedMeanwhile(Exception):
    """Somebody else was faster. `decision`: what counts now; None when its call is gone."""

    def __init__(self, decision: Decision | None) -> None:
        super().__init__(str(decision))
        self.decision = decision


@transaction.atomic
def decide(call: Call, *, excuses: bool, says: str, seen: int, by: Actor, at: datetime) -> Decision:
    """Excuse the call or keep it as it is, with its open disputes: all are answered by these words.

    `seen`: number of the decision that whoever decides had before him, 0 for none; another one counts by now:
    DecidedMeanwhile. Raises NotForYou. A call that is no conflict has nothing to excuse; its disputes are answered.
    """
    if not may_decide_on(by, call.caller_id):
        raise NotForYou
    before = facts_of(Decision.objects.filter(call=call, number=seen).first())
    decision = written(
        Decision(call=call, excuses=excuses, words=says, at=at, by_id=by.employee_id, by_name=by.name, number=seen + 1)
    )
    if call.conflict:
        excuse(call, decision, by=by)
    answered = answer_disputes(decision)
    history.note(
        About.CONFLICT,
        call.pk,
        before=before,
        after=facts_of(decision) | {"disputes": [said.pk for said in answered]},
        by=by,
        origin=Origin.ADMIN,
        at=at,
        title=call.call_id,
    )
    tell_both_sides(call, decision, at=at)
    return decision


def written(decision: Decision) -> Decision:
    """The decision as the one that counts, by compare and set: of two who saw the same one, one is refused."""
    columns = {name: getattr(decision, name) for name in ("excuses", "words", "at", "by_id", "by_name", "number")}
    if decision.number == 1:
        kept, is_new = Decision.objects.get_or_create(call=decision.call, defaults=columns)
        if not is_new:
            raise DecidedMeanwhile(kept)
        return kept
    known = Decision.objects.filter(call=decision.call)
    if not known.filter(number=decision.number - 1).update(**columns):
        raise DecidedMeanwhile(known.first())
    return known.get()


def excuse(call: Call, decision: Decision, *, by: Actor) -> None:
    """The excuse of the ground DECISION stands beside the call while the decision that counts excuses it."""
    if decision.excuses:
        proof = {"words": decision.words, "by_id": decision.by_id, "by": decision.by_name}
        facts = {"proof": proof, "noted_at": decision.at, "noted_by_id": by.account_id}
        Excuse.objects.update_or_create(call=call, ground=Ground.DECISION, defaults=facts)
        settle_excused([call])
    elif Excuse.objects.filter(call=call, ground=Ground.DECISION).delete()[0]:
        judge_again([call], at=decision.at)


def answer_disputes(decision: Decision) -> list[Dispute]:
    """Those of the call that are open get the decision's outcome and words; which they were."""
    open_ones = Dispute.objects.filter(call=decision.call, state=DisputeState.OPEN)
    answered = list(open_ones.order_by("pk"))
    open_ones.filter(pk__in=[said.pk for said in answered]).update(
        state=DisputeState.ACCEPTED if decision.excuses else DisputeState.REJECTED,
        remind_at=None,
        decided_at=decision.at,
        decided_by_id=decision.by_id,
        decided_by_name=decision.by_name,
        decided_words=decision.words,
    )
    return answered


def facts_of(decision: Decision | None) -> dict[str, object]:
    """For the history. The words stay in the decision's row alone, where they are masked and erased."""
    if decision is None:
        return {"decision": None}
    return {
        "decision": words.EXCUSED if decision.excuses else words.KEPT,
        "pk": decision.pk,
        "number": decision.number,
    }


def tell_both_sides(call: Call, decision: Decision, *, at: datetime) -> None:
    """The caller and, of a conflict, the responsible hear the outcome; whoever decided knows it."""
    sides = {call.caller_id} | ({call.responsible_id} if call.conflict else set())
    people = sorted(side for side in sides - {None, decision.by_id} if side)
    told = list(at_work().filter(portal_id__in=people).order_by("portal_id").values_list("portal_id", flat=True))
    with translation.override(settings.LANGUAGE_CODE):  # who reads it is not who asks
        message = words.decided(call, decision, name_of(call.caller_id))
    tag = f"CALLGUARD|DECISION|{call.pk}"
    outbox.enqueue_all([notification_to(one, message, tag=f"{tag}|{one}", at=at) for one in told])


def comment(call: Call, *, text: str, by: Actor, at: datetime) -> Comment:
    """Raises NotForYou."""
    if not may_comment_on(by, call.caller_id):
        raise NotForYou
    return Comment.objects.create(call=call, text=text, at=at, by_id=by.employee_id, by_name=by.name)


def name_of(employee_id: int) -> str:
    found = Employee.objects.filter(portal_id=employee_id).values_list("name", flat=True).first()
    return found or f"ID {employee_id}"
