"""What was to reach the portal: what became of it, in the portal's words, and the way to send it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, ChoicesDropdownFilter

from crm_mirror import outbox
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, portal_link, pretty_json
from crm_mirror.models import OutboxCall

LABELS = {"waiting": "info", "sending": "warning", "done": "success", "refused": "danger", "dead": "danger"}


@admin.register(OutboxCall)
class OutboxCallAdmin(ReadOnlyAdmin):
    """Read only, but for those that were given up: they may be put back in line."""

    actions = ("send_again",)
    search_fields = ("entity",)
    search_help_text = _("What it is about: company:12")
    list_display = (
        "created_at",
        "entity",
        "purpose",
        "state_label",
        "attempts",
        "next_attempt",
        "error",
        "portal_page",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("purpose", AllValuesCheckboxFilter))
    fields = (
        *("created_at", "entity", "portal_page", "purpose", "method", "params_json", "check_json"),
        *("state", "attempts", "sent_at", "next_attempt_at", "done_at", "error", "result", "echoed_at"),
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(entity=term) if term else queryset), False

    @admin.action(description=_("Send again what was refused or given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxCall]) -> None:
        count = outbox.send_again(queryset, at=timezone.now())
        told = ngettext("%(count)d call waits to be sent again.", "%(count)d calls wait to be sent again.", count)
        messages.success(request, told % {"count": count})

    @column(_("state"), ordering="state", label=LABELS)
    def state_label(self, call: OutboxCall) -> tuple[str, Any]:
        return call.state, call.get_state_display()

    @column(_("next try"), ordering="next_attempt_at")
    def next_attempt(self, call: OutboxCall) -> Any:
        return call.next_attempt_at if call.state in outbox.OPEN else NOTHING

    @column(_("portal"))
    def portal_page(self, call: OutboxCall) -> str | SafeString:
        kind, _colon, portal_id = call.entity.partition(":")
        return portal_link(kind, portal_id)

    @column(_("parameters"))
    def params_json(self, call: OutboxCall) -> SafeString:
        return pretty_json(call.params)

    @column(_("check"))
    def check_json(self, call: OutboxCall) -> str | SafeString:
        return pretty_json(call.check_call) if call.check_call else NOTHING
