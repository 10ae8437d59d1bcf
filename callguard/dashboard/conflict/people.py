"""Names of the people that a page speaks of, looked up at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm_mirror.models import Employee


@dataclass(frozen=True)
class Names:
    """By portal ID, as the mirror has them today."""

    known: Mapping[int, str]

    @classmethod
    def of(cls, ids: Iterable[int | None]) -> Names:
        """One query."""
        wanted = {one for one in ids if one is not None}
        return cls(dict(Employee.objects.filter(portal_id__in=wanted).values_list("portal_id", "name")))

    def person(self, portal_id: int | None) -> str:
        if portal_id is None:
            return _("nobody")
        return self.known.get(portal_id) or _("employee No. %(id)s") % {"id": portal_id}
