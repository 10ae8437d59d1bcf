"""Words to a manager in the portal about a status that somebody changed who may not, sent through the outbox."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from callguard.status.guard import Edit, Ground, Ruling
from crm_mirror import outbox
from crm_mirror.models import Company, Employee, Status

PURPOSE = "notice"
CLIENT_ID = "callguard"  # a webhook's TAG needs one to be unique in (docs: im-notify-system-add)


def tell_managers(company: Company, edit: Edit, ruling: Ruling, ground: Ground, *, at: datetime) -> None:
    """One notification to each manager; a second edit of the same company takes the place of the first one's."""
    with translation.override(settings.LANGUAGE_CODE):  # nobody's request: the language of the installation
        message = words_for(company, edit, ruling)
    for manager_id in sorted(edit.managers):
        outbox.enqueue(
            entity=f"user:{manager_id}",
            purpose=PURPOSE,
            method="im.notify.system.add",
            params={
                "USER_ID": manager_id,
                "MESSAGE": message,
                "TAG": f"CALLGUARD|STATUS|{company.portal_id}",
                "CLIENT_ID": CLIENT_ID,
            },
            at=at,
        )


def words_for(company: Company, edit: Edit, ruling: Ruling) -> str:
    """BB code, as the portal's notifications take it (docs: im-notify-system-add)."""
    facts = {
        "company": f"[URL={settings.PORTAL_ORIGIN}/crm/company/details/{company.portal_id}/]{company.title}[/URL]",
        "who": name_of(edit),
        "status": status_named(edit.after),
        "accepted": status_named(edit.accepted),
    }
    if ruling == Ruling.REVERT:
        return (
            _(
                "%(company)s: %(who)s set the status “%(status)s” without being allowed to. It was put back to “%(accepted)s”."
            )
            % facts
        )
    return _("%(company)s: the status became “%(status)s” (%(who)s). Please see whether that is right.") % facts


def name_of(edit: Edit) -> str:
    if edit.author is None:
        return _("nobody knows who")
    name = Employee.objects.filter(portal_id=edit.author.id).values_list("name", flat=True).first()
    return name or f"ID {edit.author.id}"


def status_named(value: str | None) -> str:
    if value is None:
        return _("no status")
    return Status.objects.filter(value=value).values_list("name", flat=True).first() or value
