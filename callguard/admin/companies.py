"""Companies with how their status stands: seen in the list, changed on the page or for many at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callguard.access.acting import acting
from callguard.admin import bulk_status, standings
from callguard.admin.history import WithHistory
from callguard.admin.scopes import Scoped
from callguard.models import About, Origin
from callguard.status.change import NoSuchStatus, NotAllowed, set_status
from callguard.status.standing import State, companies_in, names_of_statuses, needing_somebody, standings_of
from crm_mirror.admin import entities
from crm_mirror.admin.base import column
from crm_mirror.models import Company

NEEDY = "attention"  # StandingFilter: those that wait for somebody
MOST_ASKED = 200  # companies of one question of the list's script


class StandingFilter(admin.SimpleListFilter):
    title = _("how the status stands")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        states = (State.PENDING, State.REFUSED, State.FLAGGED)
        return [(NEEDY, _("refused or doubtful")), *((state, standings.LABELS[state][0]) for state in states)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "attention":
                return queryset.filter(portal_id__in=needing_somebody())
            case "pending" | "refused" | "flagged" as state:
                return queryset.filter(portal_id__in=companies_in(State(state)))
        return queryset


admin.site.unregister(Company)


@admin.register(Company)
class CompanyPages(Scoped, WithHistory, entities.CompanyAdmin):
    """Companies of his people; whose status he may change, the verb says."""

    list_display = ("title", "standing", "responsible_name", "is_my_company", "presence", "modified_at", "portal_page")
    facts: Any = ("title", "responsible_name", "is_my_company", "portal_page")  # the status stands above them
    list_filter: ClassVar[Any] = (StandingFilter, *entities.CompanyAdmin.list_filter)
    list_disable_select_all = True  # "all" of a list that is not counted is offered by the preview, once it is counted
    actions = ["change_statuses"]
    change_form_outer_before_template = "callguard/admin/company_status.html"

    class Media:
        js = ("callguard/admin/standings.js",)

    history_about = (
        About.STATUS,
        About.RESPONSIBLE,
    )
    history_key = "portal_id"

    # --- The list ----------------------------------------------------------------------------------------------------
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows, each with its standing: two queries for all of them."""
        changelist: Any = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        found, names = standings_of(rows), names_of_statuses()
        for row in rows:
            row.standing_badge = standings.badge(found[row.portal_id], names, url=self._standings_url())
        changelist.result_list = rows
        return changelist

    @column(_("status"), ordering="status__sort")
    def standing(self, row: Any) -> SafeString:
        badge: SafeString = row.standing_badge
        return badge

    @admin.action(description=_("Change the status…"), permissions=["view"])
    def change_statuses(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """A preview first; nothing is changed yet."""
        ids = list(queryset.order_by("portal_id").values_list("portal_id", flat=True)[: bulk_status.MOST + 1])
        if len(ids) > bulk_status.MOST:
            told = gettext("These are more than %(most)d companies. Narrow the list with its filters first.")
            messages.error(request, told % {"most": bulk_status.MOST})
            return None
        return bulk_status.preview(request, self, ids, list_query=request.GET.urlencode())

    # --- The page ----------------------------------------------------------------------------------------------------
    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if company := context.get("original"):
            context.update(standings.panel(company, by=acting(request), url=self._standings_url()))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        def door(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("statuses/", door(self.statuses_view), name="crm_mirror_company_statuses"),
            path("standings/", door(self.standings_view), name="crm_mirror_company_standings"),
            path("<path:object_id>/status/", door(self.status_view), name="crm_mirror_company_status"),
            *super().get_urls(),
        ]

    def status_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A button of the page was pressed: set the status, and back to the page, which shows what becomes of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        company = self.get_object(request, unquote(object_id))
        if company is None or not self.has_view_permission(request, company):
            raise Http404
        if company.deleted_at:
            messages.error(request, gettext("The portal no longer has this company."))
        else:
            self._set_status(request, company, request.POST.get("status", ""))
        return HttpResponseRedirect(reverse("admin:crm_mirror_company_change", args=[company.pk]))

    def _set_status(self, request: HttpRequest, company: Company, value: str) -> None:
        try:
            standing = set_status(company, value, by=acting(request), origin=Origin.ADMIN, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except NoSuchStatus as error:
            messages.error(request, str(error))
            return
        if standing.sent_id is None:
            messages.success(request, gettext("The status is accepted."))
        else:
            messages.success(request, gettext("The status is on its way to the portal."))

    def statuses_view(self, request: HttpRequest) -> HttpResponse:
        """The preview's buttons."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:crm_mirror_company_changelist"))
        return bulk_status.answer(request, self)

    def standings_view(self, request: HttpRequest) -> JsonResponse:
        """How these stand by now: what the pages' script asks for while something is on its way."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = [one for one in request.GET.getlist("company")[:MOST_ASKED] if one.isdecimal() and len(one) < 19]
        rows = list(self.get_queryset(request).filter(portal_id__in=asked))
        return JsonResponse(standings.pieces(rows, part=request.GET.get("part", ""), url=self._standings_url()))

    def _standings_url(self) -> str:
        return reverse("admin:crm_mirror_company_standings")
