"""The request allowance's rows: the same for every process on this database, changed by compare-and-set."""

from __future__ import annotations

from dataclasses import asdict

from crm_mirror.models import MethodPause, RequestAllowance
from crm_mirror.portal.limits import Bucket

LONG_AGO = 3600.0  # seconds: a pause that ended so long ago is of no use


class AllowanceRows:
    """limits.Store over RequestAllowance and MethodPause. `portal`: origin, e.g. https://portal.example"""

    def __init__(self, portal: str) -> None:
        self._portal = portal

    def bucket(self) -> Bucket:
        row, _ = RequestAllowance.objects.get_or_create(portal=self._portal)
        return Bucket(row.level, row.updated_at, row.blocked_until, row.tickets)

    def swap(self, old: Bucket, new: Bucket) -> bool:
        row = RequestAllowance.objects.filter(portal=self._portal, **asdict(old))
        return row.update(**asdict(new)) == 1

    def pauses(self) -> dict[str, float]:
        return dict(MethodPause.objects.filter(portal=self._portal).values_list("method", "until"))

    def pause(self, method: str, until: float) -> None:
        MethodPause.objects.update_or_create(portal=self._portal, method=method, defaults={"until": until})
        MethodPause.objects.filter(portal=self._portal, until__lt=until - LONG_AGO).delete()
