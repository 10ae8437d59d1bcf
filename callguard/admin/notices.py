"""What was told to whom, and the letters on their way: to look at, and to send again what was given up."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from callguard.models import Letter, Notice
from callguard.notices import letters
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, admin_link
from crm_mirror.models import Employee

NOTICES = {
    "waiting": "info",
    "told": "success",
    "told_before": "",
    "excused": "",
    "nobody": "warning",
    "empty": "",
}
LETTERS = {"waiting": "info", "sending": "warning", "sent": "success", "dead": "danger"}


def with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Names come by subquery: who is told may be missing from the mirror."""
    name = Employee.objects.filter(portal_id=OuterRef("employee_id")).values("name")[:1]
    named: QuerySet[Any] = rows.annotate(name_of_employee=Subquery(name))
    return named


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("noted_at", "person", "kind", "about", "state_label", "settled_at")
    list_filter = (("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ["call"]
    fields = ("noted_at", "person", "kind", "about", "state_label", "settled_at", "message")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_names(super().get_queryset(request)).select_related("sent")

    @column(_("employee"))
    def person(self, row: Any) -> str:
        return row.name_of_employee or f"ID {row.employee_id}"

    @column(_("about"))
    def about(self, row: Notice) -> str | SafeString:
        if row.call:
            return admin_link("callguard_call", row.call.pk, row.call)
        return f"{row.first_day:%d.%m.%Y} – {row.last_day:%d.%m.%Y}" if row.first_day and row.last_day else NOTHING

    @column(_("state"), ordering="state", label=NOTICES)
    def state_label(self, row: Notice) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    @column(_("message"))
    def message(self, row: Notice) -> str | SafeString:
        return admin_link("crm_mirror_outboxcall", row.sent.pk, row.sent.get_state_display()) if row.sent else NOTHING


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Read only, but for those that were given up: they may be put back in line."""

    actions = ("send_again",)
    search_fields = ("to", "subject")
    search_help_text = _("Address or subject")
    list_display = ("created_at", "to", "subject", "state_label", "attempts", "next_attempt", "error")
    list_filter = (("state", ChoicesDropdownFilter),)
    fields = (
        *("created_at", "to", "subject", "text", "state_label"),
        *("attempts", "next_attempt", "sent_at", "error"),
    )
    readonly_fields = fields

    @admin.action(description=_("Send again what was given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        count = letters.send_again(queryset, at=timezone.now())
        told = ngettext("%(count)d letter waits to be sent again.", "%(count)d letters wait to be sent again.", count)
        messages.success(request, told % {"count": count})

    @column(_("state"), ordering="state", label=LETTERS)
    def state_label(self, row: Letter) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    @column(_("next try"), ordering="next_attempt_at")
    def next_attempt(self, row: Letter) -> Any:
        return row.next_attempt_at if row.state in letters.OPEN else NOTHING
