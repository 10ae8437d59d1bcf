"""What came from the portal: its events, the changes they and our own looking brought, and what comparisons found."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.paginator import InfinitePaginator

from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, PORTAL_PATHS, portal_link, pretty_json
from crm_mirror.models import Change, Drift, Employee, InboxEvent, Repair
from crm_mirror.words import KINDS, SOURCES, kind_word, source_word

MOST_NAMED = 4  # columns of a change in the list; its page shows all
STATES = {"waiting": "info", "done": "success", "ignored": "", "failed": "danger"}
WHATS = {
    "created": "success",
    "updated": "info",
    "deleted": "danger",
    "revived": "success",
    "merged": "warning",
    "ended": "",
}


def words_filter(field: str, name: Any, words: dict[str, Any]) -> type[admin.SimpleListFilter]:
    """A filter by codes of ours, each in its word."""

    class CodeFilter(admin.SimpleListFilter):
        title = name
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
            return words.items()

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return CodeFilter


KindFilter = words_filter("kind", _("kind"), KINDS)
SourceFilter = words_filter("source", _("learned by"), SOURCES)


class NewsAdmin(ReadOnlyAdmin):
    """Long lists of what happened, newest first: nothing is counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-id",)
    id_field = "portal_id"
    search_help_text = _("Portal ID")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(**{self.id_field: term}) if term else queryset), False

    @column(_("kind"))
    def kind_name(self, row: Any) -> Any:
        return kind_word(row.kind)

    @column(_("portal"))
    def portal_page(self, row: Any) -> str | SafeString:
        return portal_link(row.kind, row.portal_id)

    @column(_("row"))
    def mirrored(self, row: Any) -> str | SafeString:
        return mirrored_row(row.kind, row.portal_id)


@admin.register(Change)
class ChangeAdmin(NewsAdmin):
    search_fields = ("portal_id",)
    list_display = ("at", "kind_name", "mirrored", "what_happened", "columns", "person", "source_name", "lag")
    list_filter = (KindFilter, ("what", ChoicesDropdownFilter), SourceFilter)
    fields = (
        *("at", "kind_name", "mirrored", "portal_page", "what", "facts_json", "person", "modified_at", "source_name"),
        *("lag", "echo_of"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        name = Employee.objects.filter(portal_id=OuterRef("by_id")).values("name")[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(name_of_person=Subquery(name))
        return rows

    @column(_("what"), label=WHATS)
    def what_happened(self, change: Change) -> tuple[str, Any]:
        return change.what, change.get_what_display()

    @column(_("changed"))
    def columns(self, change: Change) -> str:
        names = list(change.facts)
        return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "") or NOTHING

    @column(_("by"))
    def person(self, change: Any) -> str:
        return change.name_of_person or (NOTHING if change.by_id is None else f"ID {change.by_id}")

    @column(_("learned by"))
    def source_name(self, change: Change) -> Any:
        return source_word(change.source)

    @column(_("lag, s"))
    def lag(self, change: Change) -> str:
        return NOTHING if change.lag_s is None else f"{change.lag_s:.1f}"

    @column(_("facts"))
    def facts_json(self, change: Change) -> SafeString:
        return pretty_json(change.facts)


@admin.register(InboxEvent)
class InboxEventAdmin(NewsAdmin):
    """Those that were given up may be put back to waiting; nothing else is decided here."""

    actions = ("try_again",)
    id_field = "entity_id"
    search_fields = ("entity_id",)
    list_display = ("received_at", "event", "entity_id", "state_label", "attempts", "done_at", "note")
    list_filter = (("state", ChoicesDropdownFilter),)
    fields = (
        *("received_at", "event", "entity_id", "user_id", "is_offline", "state", "attempts", "next_attempt_at"),
        *("done_at", "note", "data_json"),
    )
    readonly_fields = fields

    @admin.action(description=_("Try again what was given up"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> None:
        state, now = InboxEvent.State, timezone.now()
        failed = queryset.filter(state=state.FAILED)
        count = failed.update(state=state.WAITING, attempts=0, next_attempt_at=now, done_at=None, note="")
        told = ngettext("%(count)d event waits again.", "%(count)d events wait again.", count)
        messages.success(request, told % {"count": count})

    @column(_("state"), label=STATES)
    def state_label(self, event: InboxEvent) -> tuple[str, Any]:
        return event.state, event.get_state_display()

    @column(_("data"))
    def data_json(self, event: InboxEvent) -> SafeString:
        return pretty_json(event.data)


class LeftFilter(admin.SimpleListFilter):
    title = _("left different")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return queryset.filter(left__gt=0)
            case "no":
                return queryset.filter(left=0)
        return queryset


@admin.register(Drift)
class DriftAdmin(NewsAdmin):
    list_display = (
        *("at", "kind_name", "portal_rows", "mirror_rows", "missing", "surplus", "different", "compared", "left_label"),
        "note",
    )
    list_filter = (KindFilter, LeftFilter)
    fields = (
        *("at", "kind_name", "portal_rows", "mirror_rows", "missing", "surplus", "different", "compared", "left"),
        "note",
    )
    readonly_fields = fields

    @column(_("left as they are"), label={"none": "success", "some": "danger"})
    def left_label(self, drift: Drift) -> tuple[str, int]:
        return ("some" if drift.left else "none"), drift.left


@admin.register(Repair)
class RepairAdmin(NewsAdmin):
    search_fields = ("portal_id",)
    list_display = ("at", "kind_name", "mirrored", "why", "portal_page")
    list_filter = (KindFilter,)
    fields = ("at", "kind_name", "mirrored", "portal_page", "why", "facts_json")
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if term and not (term.isdecimal() and len(term) < 19):
            return queryset.none(), False
        return super().get_search_results(request, queryset, term)

    @column(_("what"))
    def why(self, repair: Repair) -> Any:
        return REPAIRS.get(repair.what, repair.what)

    @column(_("facts"))
    def facts_json(self, repair: Repair) -> SafeString:
        return pretty_json(repair.facts)


REPAIRS: dict[str, Any] = {
    "missing": _("was missing in the mirror"),
    "surplus": _("was gone from the portal"),
    "different": _("was different"),
}


def mirrored_row(kind: str, portal_id: object) -> str | SafeString:
    """Link to the row in its list, found by portal ID: no query of its own, however long the list."""
    if kind not in PORTAL_PATHS:
        return str(portal_id)
    url = reverse(f"admin:crm_mirror_{kind}_changelist", query={"q": portal_id})
    return format_html('<a class="text-link" href="{}">{}</a>', url, portal_id)
