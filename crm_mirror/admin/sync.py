"""How the mirror is kept: runs, how far each pass has come, and the rows that could not be read."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.paginator import InfinitePaginator

from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, portal_link, pretty_json
from crm_mirror.admin.search import words_in
from crm_mirror.admin.sync_page import begin_view, progress_view, sync_page
from crm_mirror.models import Quarantine, SyncCursor, SyncRun
from crm_mirror.sync.work import Work
from crm_mirror.words import work_word


class WorkFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(work, work_word(work)) for work in (Work.FULL, Work.DELTA, Work.RECONCILE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(work=self.value()) if self.value() else queryset


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    """Also the home of the sync page."""

    paginator = InfinitePaginator  # a run a minute
    show_full_result_count = False
    ordering = ("-id",)
    list_display = ("started_at", "state", "work_done", "duration", "seen", "written", "requests")
    list_filter = (("ok", BooleanRadioFilter), WorkFilter)
    fields = ("started_at", "finished_at", "duration", "state_words", "work_done", "error", "report_json")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        views = {"page": sync_page, "progress": progress_view, "begin": begin_view}
        return [*(self.url_of(name, view) for name, view in views.items()), *super().get_urls()]

    def url_of(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        return path(
            f"{name}/", self.admin_site.admin_view(partial(view, pages=self)), name=f"crm_mirror_syncrun_{name}"
        )

    @column(_("state"), label={"done": "success", "failed": "danger", "running": "info"})
    def state(self, run: SyncRun) -> tuple[str, Any]:
        if run.ok is None:
            return ("running", _("running"))
        return ("done", _("succeeded")) if run.ok else ("failed", _("failed"))

    @column(_("state"))
    def state_words(self, run: SyncRun) -> Any:
        return self.state(run)[1]

    @column(_("work"))
    def work_done(self, run: SyncRun) -> Any:
        return work_word(run.work)

    @column(_("duration"))
    def duration(self, run: SyncRun) -> str:
        return (
            str(timedelta(seconds=round((run.finished_at - run.started_at).total_seconds())))
            if run.finished_at
            else NOTHING
        )

    @column(_("rows seen"))
    def seen(self, run: SyncRun) -> int:
        return total_of(run, "seen")

    @column(_("rows written"))
    def written(self, run: SyncRun) -> int:
        return total_of(run, "created") + total_of(run, "updated") + total_of(run, "deleted")

    @column(_("requests"))
    def requests(self, run: SyncRun) -> Any:
        return run.report.get("requests", NOTHING)

    @column(_("report"))
    def report_json(self, run: SyncRun) -> SafeString:
        return pretty_json(run.report)


@admin.register(SyncCursor)
class SyncCursorAdmin(ReadOnlyAdmin):
    list_display = ("kind", "true_at", "progress", "last_id", "flawless", "by_admin", "pass_started_at", "finished_at")
    fields = (*list_display, "seen", "expected")
    readonly_fields = fields

    @column(_("progress"))
    def progress(self, cursor: SyncCursor) -> str:
        return f"{cursor.seen} / {NOTHING if cursor.expected is None else cursor.expected}"


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    """The way out of it is in the portal: the next pass reads the corrected row."""

    search_fields = ("reason",)
    search_help_text = _("Reason")
    list_display = ("kind", "portal_id", "reason", "since", "seen_at", "portal_page")
    list_filter = ("kind",)
    fields = ("kind", "portal_id", "reason", "since", "seen_at", "portal_page", "row_json")
    readonly_fields = fields

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(words_in("reason", search_term)), False

    @column(_("portal"))
    def portal_page(self, row: Quarantine) -> str | SafeString:
        return portal_link(row.kind, row.portal_id)

    @column(_("row as the portal sent it"))
    def row_json(self, row: Quarantine) -> SafeString:
        return pretty_json(row.row)


def total_of(run: SyncRun, column: str) -> int:
    """Sum of a column over the kinds of the run's report (contract.md, `manage.py sync`)."""
    return sum(counts.get(column, 0) for counts in run.report.get("entities", {}).values())
