"""What became of the client after the call: taken over or not, whose it is now, and who won a deal with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callguard.access.actors import Actor
from callguard.access.policies import may_see_clients_of
from callguard.dashboard.conflict.fixes import address_of, entity_of
from callguard.dashboard.conflict.people import Names
from callguard.fairness.takeovers import Won, deals_won_since
from callguard.models import Call, Takeover
from crm_mirror.admin.pieces import NOTHING, portal_url
from crm_mirror.models import Company, Entity


@dataclass(frozen=True)
class Deal:
    """A deal won after the call, to be read. `by_caller`: by him who had called somebody else's client."""

    title: str
    url: str
    who: str
    by_caller: bool
    when: str
    amount: str


@dataclass(frozen=True)
class Since:
    """What the mirror knows today, and the takeover on record; beside which of the caller's conflicts it stands too."""

    call: Call
    entity: Entity | None
    takeover: Takeover | None
    won: list[Won]
    reader: Actor

    @classmethod
    def of(cls, call: Call, reader: Actor) -> Since:
        """Five queries."""
        return cls(call, entity_of(call), takeover_of(call), deals_won_since(call, call.rung_at), reader)

    @property
    def people(self) -> list[int | None]:
        """Whose names are needed."""
        moved = self.takeover and (self.takeover.from_id, self.takeover.to_id, self.takeover.moved_by_id)
        return [*(moved or ()), self.entity.responsible_id if self.entity else None]

    def rows(self, names: Names) -> list[tuple[str, str]]:
        """Whose the client is now."""
        if self.entity is None:
            return [(_("client"), _("not in the mirror any more"))]
        rows = [
            (_("client"), _("deleted in the portal") if self.entity.deleted_at else self.entity.title),
            (_("responsible now"), names.person(self.entity.responsible_id)),
        ]
        if isinstance(self.entity, Company):
            rows.append((_("status now"), str(self.entity.status or self.entity.status_id or _("no status"))))
        return rows

    def takeover_words(self, names: Names) -> str:
        """ "": nobody took the client over."""
        moved = self.takeover
        if moved is None:
            return ""
        facts = {
            "when": date_format(localtime(moved.moved_at), "SHORT_DATETIME_FORMAT"),
            "before": names.person(moved.from_id),
            "after": names.person(moved.to_id),
            "by": names.person(moved.moved_by_id) if moved.moved_by_id else _("nobody knows who"),
        }
        words = _("Taken over on %(when)s: the responsible was %(before)s and became %(after)s. Changed by: %(by)s.")
        if moved.undone_at is None:
            return words % facts
        given_back = date_format(localtime(moved.undone_at), "SHORT_DATETIME_FORMAT")
        return f"{words % facts} " + _("Given back on %(when)s.") % {"when": given_back}

    @property
    def deals(self) -> list[Deal]:
        """Those of clients that the reader sees anyway, and what the caller won with somebody else's."""
        return [deal_of(won, self.call) for won in self.won if self.may_read(won)]

    @property
    def has_other_deals(self) -> bool:
        """Of people whose deals are not for the reader."""
        return not all(self.may_read(won) for won in self.won)

    def may_read(self, won: Won) -> bool:
        return won.responsible_id == self.call.caller_id or may_see_clients_of(self.reader, won.responsible_id)

    @property
    def url(self) -> str:
        return address_of(self.call)


def takeover_of(call: Call) -> Takeover | None:
    """It stands beside the last of his conflicts before the client was moved: perhaps a later one than this."""
    if not call.conflict or call.entity_id is None:
        return None
    same_client = {"call__entity_type": call.entity_type, "call__entity_id": call.entity_id}
    later = Takeover.objects.filter(call__caller_id=call.caller_id, moved_at__gte=call.rung_at, **same_client)
    return later.order_by("moved_at").first()


def deal_of(won: Won, call: Call) -> Deal:
    amount = number_format(won.amount, 2, use_l10n=True, force_grouping=True) if won.amount else ""
    return Deal(
        title=won.title or f"ID {won.portal_id}",
        url=portal_url("deal", won.portal_id),
        who=won.responsible or Names({}).person(won.responsible_id),
        by_caller=won.responsible_id == call.caller_id,
        when=date_format(localtime(won.won_at), "SHORT_DATE_FORMAT") if won.won_at else NOTHING,
        amount=f"{amount} {won.currency}" if amount else NOTHING,
    )
