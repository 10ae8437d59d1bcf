"""The proof of an excuse as a sentence, for whoever asks why a conflict blames nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from callguard.models import Excuse, Ground

Proof = Mapping[str, Any]


def explain(excuse: Excuse, language: str | None = None, *, names_others: bool = True) -> str:
    """In the language, else in the one that is active; the words of a decision are those of whoever decided.

    `names_others` False: of other clients who carry the number it says only how many there are.
    """
    if language is not None:
        with translation.override(language):
            return explain(excuse, names_others=names_others)
    if excuse.ground == Ground.CONTESTED and not names_others:
        return _contested_by(len(excuse.proof["claimants"]))
    return sentence(excuse.ground, excuse.proof)


def sentence(ground: str, proof: Proof) -> str:
    return SENTENCES[ground](proof)


def _substitution(proof: Proof) -> str:
    return _(
        "The caller stood in for the responsible, %(responsible)s, from %(first)s to %(last)s; entered after the call."
    ) % {
        "responsible": _name(proof["responsible"]),
        **_days(proof),
    }


def _manager(proof: Proof) -> str:
    return _("The caller is a manager of the responsible, %(responsible)s.") % {
        "responsible": _name(proof["responsible"])
    }


def _stale_mirror(proof: Proof) -> str:
    if proof["age_s"] is None:
        return _("The portal had not been read completely at that moment.")
    return _("What the card knew of the portal was %(minutes)d minutes old.") % {"minutes": proof["age_s"] // 60}


def _responsible_gone(proof: Proof) -> str:
    if proof["why"] == "nobody":
        return _("Nobody was responsible for the client.")
    words = {"responsible": _name(proof["responsible"])}
    if proof["why"] == "inactive":
        return _("The responsible, %(responsible)s, did not work here.") % words
    words |= {"substitute": _name(proof["substitute"]), **_days(proof)}
    return (
        _("The responsible, %(responsible)s, was away from %(first)s to %(last)s; substitute: %(substitute)s.") % words
    )


def _contested(proof: Proof) -> str:
    claims = "; ".join(
        _("%(client)s, responsible: %(responsible)s")
        % {"client": one["title"], "responsible": _name(one["responsible"])}
        for one in proof["claimants"]
    )
    if not claims:
        return _("The number belonged to several with different responsibles.")
    return _("The number belonged to several with different responsibles: %(claims)s.") % {"claims": claims}


def _contested_by(count: int) -> str:
    return _("The number belonged to several with different responsibles: %(count)d of them.") % {"count": count}


def _just_changed(proof: Proof) -> str:
    return _edit(proof)


def _called_back(proof: Proof) -> str:
    return _("The client had called on %(moment)s; this was a call back.") % {"moment": _moment(proof["called_at"])}


def _forwarded(proof: Proof) -> str:
    return _("By telephony's word the call was an incoming one that the portal put through, not dialled by the caller.")


def _own_error(proof: Proof) -> str:
    if proof["why"] == "forgotten":
        return _("Facts that might excuse it are no longer known: it is older than what is kept.")
    if proof["why"] == "rules":
        words = {"version": proof["version"], "moment": _moment(proof["withdrawn_at"])}
        return _("Version %(version)s of the rules was a mistake; withdrawn on %(moment)s.") % words
    words = {"edit": _edit(proof), "seen": _moment(proof["seen_at"])}
    return _("%(edit)s The card could not know: we learned of it only on %(seen)s.") % words


def _not_shown(proof: Proof) -> str:
    return _("Colours were not introduced yet: the card showed none.")


def _decision(proof: Proof) -> str:
    by, said = proof.get("by") or "", proof.get("words") or ""
    if not by:
        return _("Excused by decision.")
    return (_("Excused by decision of %(by)s: “%(words)s”") if said else _("Excused by decision of %(by)s.")) % {
        "by": by,
        "words": said,
    }


MEANINGS: dict[str, StrOrPromise] = {  # of the switches
    Ground.SUBSTITUTION: gettext_lazy("A substitution that covers the day was entered only after the call."),
    Ground.MANAGER: gettext_lazy("The caller is a head above the responsible, at whatever height."),
    Ground.STALE_MIRROR: gettext_lazy("The portal had not been read for so long that the card may have been wrong."),
    Ground.RESPONSIBLE_GONE: gettext_lazy(
        "There was nobody to pass the call on to: dismissed, or absent with a substitute."
    ),
    Ground.CONTESTED: gettext_lazy("Several clients with different responsibles carry the number."),
    Ground.JUST_CHANGED: gettext_lazy(
        "The client got another responsible or status so shortly before or after the call. What the caller did "
        "himself does not count, unless he gave his own client away."
    ),
    Ground.CALLED_BACK: gettext_lazy("The client had rung us so shortly before the call, whoever of us he reached."),
    Ground.FORWARDED: gettext_lazy("By telephony's word the call came in or was redirected: the caller did not dial."),
    Ground.OWN_ERROR: gettext_lazy(
        "The portal knew better when the phone rang, and we learned it later; or the rules of that time are marked "
        "as a mistake."
    ),
    Ground.NOT_SHOWN: gettext_lazy("Colours had not been introduced: the card kept the portal's own."),
}
SENTENCES: dict[str, Callable[[Proof], str]] = {
    Ground.SUBSTITUTION: _substitution,
    Ground.MANAGER: _manager,
    Ground.STALE_MIRROR: _stale_mirror,
    Ground.RESPONSIBLE_GONE: _responsible_gone,
    Ground.CONTESTED: _contested,
    Ground.JUST_CHANGED: _just_changed,
    Ground.CALLED_BACK: _called_back,
    Ground.FORWARDED: _forwarded,
    Ground.OWN_ERROR: _own_error,
    Ground.NOT_SHOWN: _not_shown,
    Ground.DECISION: _decision,
}


# --- Pieces ----------------------------------------------------------------------------------------------------------
def _edit(proof: Proof) -> str:
    words = {
        "before": proof["before"] or _nothing(proof["what"]),
        "after": proof["after"] or _nothing(proof["what"]),
        "moment": _moment(proof["at"]),
        "by": _name(proof["by"]) if proof["by"] else _("nobody knows who"),
    }
    return {
        "responsible": _("The responsible changed on %(moment)s: %(before)s → %(after)s (%(by)s)."),
        "status": _("The status changed on %(moment)s: %(before)s → %(after)s (%(by)s)."),
        "numbers": _("The client's numbers changed on %(moment)s: %(before)s → %(after)s (%(by)s)."),
    }[proof["what"]] % words


def _nothing(what: str) -> str:
    return {"responsible": _("nobody"), "status": _("no status"), "numbers": _("none")}[what]


def _name(who: Proof | None) -> str:
    if who is None:
        return _("nobody")
    return who["name"] or _("employee No. %(id)s") % {"id": who["id"]}


def _days(proof: Proof) -> dict[str, str]:
    return {end: date_format(date.fromisoformat(proof[f"{end}_day"]), "SHORT_DATE_FORMAT") for end in ("first", "last")}


def _moment(text: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "SHORT_DATETIME_FORMAT")
