"""What became of the client after the call: taken over or not, whose it is now, and who won a deal with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callguard.dashboard.conflict.fixes import entity_of
from callguard.dashboard.conflict.people import Names
from callguard.models import Call, Takeover
from crm_mirror.admin.pieces import portal_url
from crm_mirror.models import Company, Deal, Entity

WON = "S"  # Deal.semantic
AT_MOST = 20  # deals of a page


@dataclass(frozen=True)
class Won:
    """A deal won after the call. `by_caller`: by him who called somebody else's client."""

    title: str
    url: str
    who: str
    by_caller: bool
    amount: str


@dataclass(frozen=True)
class Since:
    """What the mirror knows today, and the takeover on record."""

    entity: Entity | None
    takeover: Takeover | None
    deals: list[Deal]

    @classmethod
    def of(cls, call: Call) -> Since:
        """Three queries."""
        return cls(entity_of(call), Takeover.objects.filter(call=call).first(), deals_won(call))

    @property
    def people(self) -> list[int | None]:
        """Whose names are needed."""
        moved = self.takeover and (self.takeover.from_id, self.takeover.to_id, self.takeover.moved_by_id)
        return [
            *(moved or ()),
            self.entity.responsible_id if self.entity else None,
            *(deal.responsible_id for deal in self.deals),
        ]
