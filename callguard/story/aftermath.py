"""What came of the calls: judged as callguard.fairness judges, disputed by those who rang, decided by their heads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Subquery

from callguard import decisions, disputes
from callguard.access.actors import employee_actor
from callguard.fairness.judge import judge_again
from callguard.models import Call, Dispute, DisputeReason, Excuse
from callguard.story.cast import Cast
from callguard.story.honest import DISPUTED
from callguard.story.mishaps import ASKED_TO, REJECTED, SHARED_HOUSE
from callguard.story.poacher import COURTED
from callguard.story.ringing import Ring
from crm_mirror.models import OutboxCall

JUDGED_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """A dispute in words; `decided_by` a head's name, None while it is open."""

    reason: DisputeReason
    comment: str
    evidence: str = ""
    decided_by: str | None = None
    excuses: bool = False
    words: str = ""


SAID = {
    DISPUTED: Said(
        DisputeReason.CONTACT,
        "Это мобильный директора моего клиента: человек ушёл из этой компании и номер сохранил.",
        "В последнем письме подпись уже с новой должностью; в карточке старой компании номер просто остался.",
        "Марина Соколова",
        True,
        "Проверила: человек действительно сменил работу. Номер у старой компании уберём, контакт привяжем к новой.",
    ),
    ASKED_TO: Said(
        DisputeReason.STOOD_IN, "Коллега попросил перезвонить за него: был у врача.", "Переписка в чате отдела."
    ),
    SHARED_HOUSE: Said(DisputeReason.NUMBER, "Это общий телефон бизнес-центра, звонила арендатору со второго этажа."),
    REJECTED: Said(
        DisputeReason.AGREED,
        "Клиент сам попросил, чтобы его вёл я.",
        "",
        "Дарья Исаева",
        False,
        "Передачи не было, ответственный о ней не знает. Сначала договоритесь с ним и со мной, потом звоните.",
    ),
}


def judge(*, at: datetime) -> None:
    """Everything at once, as if each conflict had been judged when its facts were in."""
    old = Call.objects.filter(conflict=True, rung_at__lt=at - JUDGED_AFTER)
    old.update(judged_at=F("rung_at") + JUDGED_AFTER, untallied=True)  # before: what nobody judged in time is excused
    judge_again(Call.objects.filter(conflict=True), at=at)
    judged = Call.objects.filter(pk=OuterRef("call_id")).values("judged_at")[:1]
    Excuse.objects.filter(noted_at=at, call__judged_at__lt=at).update(noted_at=Subquery(judged))


def quarrel(told: Mapping[Ring, Call], people: Cast, *, at: datetime) -> None:
    """The disputes of the story with their decisions. What the portal was told of them is long since read."""
    for ring, call in told.items():
        if said := SAID.get(ring.about):
            raise_dispute(call, said)
            if said.decided_by:
                decide(call, said, people)
    talk_over([call for ring, call in told.items() if ring.about == COURTED][-1], people)
    OutboxCall.objects.filter(state=OutboxCall.State.WAITING, created_at__lt=at).update(
        state=OutboxCall.State.DONE, sent_at=F("created_at"), done_at=F("created_at"), attempts=1
    )


def raise_dispute(call: Call, said: Said) -> Dispute:
    at = call.rung_at + timedelta(minutes=18)
    return disputes.dispute(
        call.call_id,
        caller_id=call.caller_id,
        comment=said.comment,
        at=at,
        reason=said.reason,
        evidence=said.evidence,
    )


def talk_over(call: Call, people: Cast) -> None:
    """The head has spoken with the poacher: what was said stands beside the call."""
    by = employee_actor(people.named("Дарья Исаева"))
    text = "Поговорили. Говорит, клиент попросил сам; ответственная об этом не знала. Следующая — с объяснительной."
    decisions.comment(Call.objects.get(pk=call.pk), text=text, by=by, at=call.rung_at + timedelta(hours=7))


def decide(call: Call, said: Said, people: Cast) -> None:
    by = employee_actor(people.named(said.decided_by or ""))
    at = call.rung_at + timedelta(days=1, hours=1, minutes=7)
    decisions.decide(Call.objects.get(pk=call.pk), excuses=said.excuses, says=said.words, seen=0, by=by, at=at)
