"""Codes of a verdict in a word or two, for lists; the whole sentences are callguard.messages'."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from callguard.models import Call, Tier
from callguard.verdict import Reason

REASONS: dict[str, StrOrPromise] = {
    Reason.FOREIGN_CLIENT: _("a colleague's client"),
    Reason.OWN_CLIENT: _("own client"),
    Reason.SUBSTITUTED_CLIENT: _("client of an absent colleague"),
    Reason.WAITING: _("free: status without a colour"),
    Reason.NO_STATUS: _("free: no status"),
    Reason.NO_RULE: _("no rule for the status"),
    Reason.STANDALONE_CONTACT: _("contact without a company"),
    Reason.KNOWN_LEAD: _("known lead"),
    Reason.UNKNOWN_NUMBER: _("unknown number"),
    Reason.HIDDEN_NUMBER: _("hidden number"),
    Reason.INTERNAL_NUMBER: _("internal number"),
    Reason.MIRROR_EMPTY: _("mirror was empty"),
}


def reason_label(code: str) -> StrOrPromise:
    return REASONS.get(code, code)


def tier_label(code: str) -> StrOrPromise:
    return Tier(code).label if code in Tier.values else "–"


def client_of(call: Call) -> str:
    """Whom the call was to: the client's title at that moment, else the number."""
    entity = call.verdict.get("entity") or {}
    return str(entity.get("title") or call.number or "–")
