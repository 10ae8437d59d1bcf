"""How old the mirror is, said beside the figures that rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from callguard.health import mirror_age


@dataclass(frozen=True)
class Freshness:
    words: str
    is_fresh: bool


def freshness(*, at: datetime) -> Freshness:
    """One query."""
    age = mirror_age(at=at)
    if age is None:
        return Freshness(_("The portal has not been read completely yet."), False)
    ago = _("%(time)s ago") % {"time": timesince(at - timedelta(seconds=age), at)} if age >= 60 else _("just now")
    words = {"ago": ago}
    if age <= settings.MIRROR_STALE_AFTER:
        return Freshness(_("The mirror of the portal is fresh: read %(ago)s.") % words, True)
    return Freshness(_("The mirror of the portal is out of date: read %(ago)s.") % words, False)
