"""History: of each object on its own page, and all of it as a list that can be taken away as a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callguard.access.acting import acting
from callguard.access.scopes import may_open
from callguard.admin.history_words import Names, changes_of, entries, who, why
from callguard.admin.scopes import Scoped
from callguard.models import About, History
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, lines, pretty_json

if TYPE_CHECKING:
    from crm_mirror.admin.base import AdminPages
else:
    AdminPages = object

COLUMNS = ("at", "about", "object_id", "title", "before", "after", "actor_id", "actor_name", "origin", "ground")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is carried out by spreadsheets
AT_ONCE = 50  # lines of an object's page


class WithHistory(AdminPages):
    """Put before an admin class. Below each object stands its history, and the History button leads to all of it.

    Whoever may open the object reads how it became what it is; the list of everything has readers of its own.
    """

    change_form_outer_after_template = "callguard/admin/history_section.html"

    history_about: ClassVar[Sequence[About]]  # what the lines are about
    history_key = "pk"  # the attribute by which they name the object; "": every line about it

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj = context.get("original")
        context["show_history"] = obj is not None
        if obj is not None:
            rows = list(self._history_rows(obj)[: AT_ONCE + 1])
            context["history_entries"] = entries(rows[:AT_ONCE])
            context["history_goes_on"] = len(rows) > AT_ONCE
            context["history_url"] = self._history_url(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own says who pressed Save; ours says what became of what."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return super().history_view(request, object_id)  # Django's way to say that there is no such row
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        page = Paginator(self._history_rows(obj), AT_ONCE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History: %(object)s") % {"object": obj},
            "object": obj,
            "opts": self.opts,
            "history_entries": entries(list(page.object_list)),
            "history_url": self._history_url(request, obj),
            "page": page,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "callguard/admin/history_page.html", context)

    def _history_rows(self, obj: Any) -> QuerySet[History]:
        return History.objects.filter(about__in=self.history_about, **self._named(obj))

    def _named(self, obj: Any) -> dict[str, str]:
        return {"object_id": str(getattr(obj, self.history_key))} if self.history_key else {}

    def _history_url(self, request: HttpRequest, obj: Any) -> str:
        """The whole list, narrowed to this object; "" for who may not open it."""
        if not may_open(History, acting(request)):
            return ""
        query = {"about__in": ",".join(self.history_about), **self._named(obj)}
        return reverse("admin:callguard_history_changelist") + "?" + urlencode(query)


class Echo:
    """A file that hands back what is written to it: csv.writer, line by line."""

    def write(self, text: str) -> str:
        return text


@admin.register(History)
class HistoryAdmin(Scoped, ReadOnlyAdmin):
    list_display = ("at", "about", "title_or_id", "changes", "by_whom", "origin", "reason")
    list_filter = ("about", "origin")
    search_fields = ("=object_id", "title", "actor_name")
    date_hierarchy = "at"
    actions = ["export"]
    fields = ("at", "about", "object_id", "title", "changes", "by_whom", "origin", "reason", "was", "became")
    readonly_fields = ("changes", "by_whom", "reason", "was", "became")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names that the page's lines speak of are read for all of them at once."""
        changelist: Any = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        names = Names.of(rows)
        for row in rows:
            row.names = names
        changelist.result_list = rows
        return changelist

    @column(_("name"), ordering="title")
    def title_or_id(self, line: History) -> str:
        return line.title or line.object_id

    @column(_("what changed"))
    def changes(self, line: Any) -> str | SafeString:
        return lines(changes_of(line, getattr(line, "names", None) or Names.of([line])))

    @column(_("who"), ordering="actor_name")
    def by_whom(self, line: History) -> str:
        return who(line)

    @column(_("why"), ordering="ground")
    def reason(self, line: History) -> str:
        return why(line) or NOTHING

    @column(_("before"))
    def was(self, line: History) -> SafeString:
        return pretty_json(line.before)

    @column(_("after"))
    def became(self, line: History) -> SafeString:
        return pretty_json(line.after)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        """What is chosen, in UTF-8 with a byte-order mark, as spreadsheets want it."""
        headers = {"Content-Disposition": 'attachment; filename="history.csv"'}
        return StreamingHttpResponse(lines_of(queryset), content_type="text/csv; charset=utf-8", headers=headers)


def lines_of(rows: QuerySet[Any]) -> Iterator[str]:
    writer = csv.writer(Echo())  # writerow returns what Echo.write does
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows.values_list(*COLUMNS).iterator(chunk_size=1000):
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """As text: objects as JSON, nothing as an empty cell, and no formula."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
