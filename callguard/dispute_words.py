"""What people read in the portal about disputes and decisions: BB code, in the language of the installation.

The facts are those of ring time, and words of people turn into no links of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callguard.models import Call, Decision, Dispute, DisputeReason
from callguard.status.notices import NO_CODE

EXCUSED, KEPT = "excused", "kept"  # decisions in the history


def raised(said: Dispute, who: str) -> str:
    """To whoever is to decide."""
    call = said.call
    facts = facts_of(call) | {"who": plain(who), "reason": said.get_reason_display()}
    message = _("%(who)s says “%(reason)s”: %(client)s. Responsible in the CRM: %(responsible)s.") % facts
    return joined(message, comment_of(said), deadline(said), page_link(call))


def reminder(said: Dispute, who: str) -> str:
    """To the same once the deadline has passed."""
    message = _("A dispute of %(who)s waits for your decision: %(client)s.") % (
        facts_of(said.call) | {"who": plain(who)}
    )
    return joined(message, comment_of(said), deadline(said), page_link(said.call))


def escalation(said: Dispute, who: str) -> str:
    """To administrators, after twice the time."""
    judges = ", ".join(plain(person["name"]) for person in said.told) or _("nobody")
    message = _("A dispute of %(who)s is still not decided: %(client)s. Asked so far: %(judges)s.") % (
        facts_of(said.call) | {"who": plain(who), "judges": judges}
    )
    return joined(message, comment_of(said), deadline(said), page_link(said.call))


def decided(call: Call, decision: Decision, who: str) -> str:
    """To both sides, the caller and the responsible."""
    facts = facts_of(call) | {"who": plain(who), "by": plain(decision.by_name), "words": plain(decision.words)}
    if decision.excuses:
        message = _("The call of %(who)s to %(client)s is excused. Decided by: %(by)s. “%(words)s”") % facts
    else:
        message = _("The call of %(who)s to %(client)s is not excused. Decided by: %(by)s. “%(words)s”") % facts
    return joined(message, page_link(call))


def facts_of(call: Call) -> dict[str, str]:
    verdict = call.verdict
    return {
        "client": client(verdict.get("entity")) or call.number,
        "responsible": plain((verdict.get("responsible") or {}).get("name") or "–"),
    }


def client(entity: dict[str, Any] | None) -> str:
    """The entity's title, a link to its page where there is one; "" of nobody."""
    if not entity:
        return ""
    title = plain(entity["title"] or f"ID {entity['id']}")
    return f"[URL={entity['url']}]{title}[/URL]" if entity.get("url") else title


def comment_of(said: Dispute) -> str:
    return _("Comment: %(comment)s") % {"comment": plain(said.comment)} if said.comment else ""


def deadline(said: Dispute) -> str:
    if said.due_at is None:
        return ""
    return _("To be decided by: %(when)s.") % {"when": date_format(localtime(said.due_at), "SHORT_DATETIME_FORMAT")}


def page_link(call: Call) -> str:
    """One click leads to the page; "" while nobody has said where this server is (PUBLIC_URL)."""
    if not settings.PUBLIC_URL:
        return ""
    page = settings.PUBLIC_URL + reverse("dashboard:conflict", args=[call.pk])
    return f"[URL={page}]{_('The page of the conflict')}[/URL]"


def plain(words: str) -> str:
    return words.translate(NO_CODE)


def joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


# --- The history ------------------------------------------------------------------------------------------------------
def noted(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What a line of the history says that happened to a conflict; one of somebody else's as its fields."""
    if "decision" in after:
        return decision_words(str(after["decision"]), is_first=before.get("decision") is None)
    if "dispute" in after:
        reason = after.get("reason", "")
        label = DisputeReason(reason).label if reason in DisputeReason.values else reason
        if before.get("dispute") is not None:
            return _("Disputed in other words: “%(reason)s”") % {"reason": label}
        return _("Disputed: “%(reason)s”") % {"reason": label}
    return "; ".join(f"{name}: {before.get(name, '–')} → {value}" for name, value in after.items())


def decision_words(code: str, *, is_first: bool) -> str:
    if is_first:
        return {EXCUSED: _("Decided: excused"), KEPT: _("Decided: not excused")}.get(code, code)
    return {EXCUSED: _("Decided anew: excused"), KEPT: _("Decided anew: not excused")}.get(code, code)
