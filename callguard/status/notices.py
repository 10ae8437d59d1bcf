"""Words to a manager in the portal about a status that somebody changed who may not, sent through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from callguard.status.guard import Edit, Ruling
from crm_mirror import outbox
from crm_mirror.models import Company, OutboxCall, Status

PURPOSE = "notice"
NO_CODE = str.maketrans("[]", "()")  # people's words among ours must not turn into links of the portal's BB code
CLIENT_ID = "callguard"  # a webhook's TAG needs one to be unique in (docs: im-notify-system-add)


class Notices:
    """Notices of one stretch of the feed, collected in `calls`. `people`: names by portal ID."""

    def __init__(
        self, people: Mapping[int, str], *, at: datetime, administrators: frozenset[int] = frozenset()
    ) -> None:
        self.calls: list[OutboxCall] = []
        self._people, self._at, self._administrators = people, at, administrators

    @cached_property
    def _statuses(self) -> dict[str, str]:
        """Names by value. One query, when the first notice is written."""
        return dict(Status.objects.values_list("value", "name"))

    def tell(self, company: Company, edit: Edit, ruling: Ruling) -> None:
        """One notification to each manager, or where there is none to the administrators; never to the author.

        A second edit of the same company takes the place of the first one's.
        """
        told = (edit.managers or self._administrators) - ({edit.author.id} if edit.author else set())
        with translation.override(settings.LANGUAGE_CODE):  # nobody's request: the language of the installation
            message = self._words(company, edit, ruling)
        tag = f"CALLGUARD|STATUS|{company.portal_id}"
        self.calls += [
            notification_to(manager_id, message, tag=f"{tag}|{manager_id}", at=self._at) for manager_id in sorted(told)
        ]

    def _words(self, company: Company, edit: Edit, ruling: Ruling) -> str:
        """BB code, as the portal's notifications take it."""
        page = f"{settings.PORTAL_ORIGIN}/crm/company/details/{company.portal_id}/"
        facts = {
            "company": f"[URL={page}]{company.title.translate(NO_CODE)}[/URL]",
            "who": self._name_of(edit),
            "status": self._status_named(edit.after),
            "accepted": self._status_named(edit.accepted),
        }
        if ruling == Ruling.REVERT:
            words = _(
                "%(company)s: %(who)s set the status “%(status)s” without being allowed to. "
                "It was put back to “%(accepted)s”."
            )
        else:
            words = _("%(company)s: the status became “%(status)s” (%(who)s). Please see whether that is right.")
        return words % facts

    def _name_of(self, edit: Edit) -> str:
        if edit.author is None:
            return _("nobody knows who")
        return self._people.get(edit.author.id, "").translate(NO_CODE) or f"ID {edit.author.id}"

    def _status_named(self, value: str | None) -> str:
        return _("no status") if value is None else self._statuses.get(value, value).translate(NO_CODE)


def notification_to(user_id: int, message: str, *, tag: str, at: datetime) -> OutboxCall:
    """A notification that is not in line yet. A later one with the same tag takes its place in the portal."""
    params = {"USER_ID": user_id, "MESSAGE": message, "TAG": tag, "CLIENT_ID": CLIENT_ID}
    return outbox.call_to(
        entity=f"user:{user_id}", purpose=PURPOSE, method="im.notify.system.add", params=params, at=at
    )
