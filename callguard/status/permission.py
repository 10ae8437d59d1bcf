"""Whether a change of a company's status would stay, asked before it is made: the guard's ruling told in advance.

It is an opinion, and a generous one: the portal may know of a responsible of whom the mirror has not heard yet. What
is really done is judged afterwards by the guard (status.watch), from what the mirror sees.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from callguard.access.actors import Actor
from callguard.access.policies import may_change_status
from callguard.status.guard import Mode
from crm_mirror.models import Company


def is_welcome(actor: Actor, company_id: int, *, named: Iterable[str]) -> bool:
    """`named`: portal IDs of the responsibles before and after the edit, as the portal tells them. One query."""
    if Mode(settings.STATUS_GUARD) != Mode.REVERT:  # nothing would be put back
        return True
    known = Company.objects.live().filter(portal_id=company_id).values_list("responsible_id", flat=True)
    responsibles: set[int | None] = {*known, *(int(one) for one in named)}
    return actor.is_administrator or any(may_change_status(actor, one) for one in responsibles)
