"""The status of many companies at once: a preview of what would become of each, then the deed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callguard.access.acting import acting
from callguard.admin.standings import StatusForm
from callguard.models import Origin
from callguard.status.change import NoSuchStatus, Plan, in_batches, plan_for, set_statuses
from callguard.status.standing import names_of_statuses
from crm_mirror.models import Company

if TYPE_CHECKING:
    from callguard.admin.companies import CompanyPages

MOST = 10_000  # companies of one go
LISTED = 100  # of each kind that the preview shows by name


@dataclass(frozen=True)
class Group:
    """Companies that fare alike: how many, the first of them by name, and what is to be said of all."""

    title: str
    hint: str
    count: int
    rows: list[tuple[str, str]]  # company, what becomes of it

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def answer(request: HttpRequest, pages: CompanyPages) -> HttpResponse:
    """A button of the preview was pressed: show it for another status, or do it."""
    ids = visible_ids(request, pages, request.POST.get("companies", ""))
    value, list_query = request.POST.get("status", ""), request.POST.get("list_query", "")
    if "confirm" not in request.POST:
        return preview(request, pages, ids, value=value, list_query=list_query)
    try:
        done = set_statuses(ids, value, by=acting(request), origin=Origin.ADMIN, at=timezone.now())
    except NoSuchStatus as error:
        messages.error(request, str(error))
        return preview(request, pages, ids, list_query=list_query)
    tell(request, done)
    return HttpResponseRedirect(
        reverse("admin:crm_mirror_company_changelist") + (f"?{list_query}" if list_query else "")
    )


def preview(
    request: HttpRequest, pages: CompanyPages, ids: Sequence[int], *, value: str = "", list_query: str = ""
) -> TemplateResponse:
    """Without a value: only which companies were chosen."""
    names = names_of_statuses()
    form = StatusForm(value=value or None)
    offered = value in dict(form.fields["status"].choices)  # type: ignore[attr-defined]  # a ChoiceField
    plan = plan_for(ids, value, by=acting(request)) if offered else Plan()
    context = {
        **pages.admin_site.each_context(request),
        "title": _("Change the status of companies"),
        "opts": pages.opts,
        "form": form,
        "companies": ",".join(map(str, ids)),
        "first": next(iter(ids), ""),
        "count": len(ids),
        "chosen": [] if offered else names_of(ids[:LISTED]),
        "value": value if offered else "",
        "value_name": names.get(value, value),
        "groups": groups_of(plan, names.get(value, value)) if offered else [],
        "changes": len(plan.changes),
        "list_query": list_query,
        "list_url": reverse("admin:crm_mirror_company_changelist"),
    }
    return TemplateResponse(request, "callguard/admin/bulk_status.html", context)


def visible_ids(request: HttpRequest, pages: CompanyPages, sent: str) -> list[int]:
    """Of the portal IDs that the form brought back, those that whoever sent it may see."""
    asked = [int(one) for one in sent.split(",")[:MOST] if one.isdecimal() and len(one) < 19]
    rows = pages.get_queryset(request)
    seen = (rows.filter(portal_id__in=ids).values_list("portal_id", flat=True) for ids in in_batches(asked))
    return sorted(portal_id for some in seen for portal_id in some)


def names_of(ids: Sequence[int]) -> list[str]:
    return list(Company.objects.filter(portal_id__in=ids).order_by("portal_id").values_list("title", flat=True))


def groups_of(plan: Plan, status: str) -> list[Group]:
    """What would become of them, those that change first. Empty groups are left out."""
    groups = [
        _group(_("These change"), "", plan.changes, lambda one: f"{_shown(one)} → {status}"),
        _group(
            _("You may not change these"),
            _("Only the responsible's manager and administrators may. They stay as they are."),
            plan.forbidden,
            lambda one: _("responsible: %(name)s") % {"name": _responsible(one)},
        ),
        _group(_("These have it already"), "", plan.same, _shown),
    ]
    gone = Group(_("The portal no longer has these"), "", plan.gone, [])
    return [group for group in (*groups, gone) if group.count]


def _group(title: str, hint: str, companies: Sequence[Company], words: Any) -> Group:
    return Group(title, hint, len(companies), [(one.title, words(one)) for one in companies[:LISTED]])


def _shown(company: Company) -> str:
    return str(company.status or company.status_id or _("no status"))


def _responsible(company: Company) -> str:
    if company.responsible_id is None:
        return _("nobody")
    return str(company.responsible or f"ID {company.responsible_id}")


def tell(request: HttpRequest, done: Plan) -> None:
    """What was done, and what was not and why, in one message."""
    changed, passed_over = len(done.changes), len(done.forbidden) + done.gone
    said = [ngettext("%(count)d company is changed.", "%(count)d companies are changed.", changed) % {"count": changed}]
    if done.same:
        said.append(_("Had it already: %(count)d.") % {"count": len(done.same)})
    if done.forbidden:
        said.append(_("Not allowed: %(count)d.") % {"count": len(done.forbidden)})
    if done.gone:
        said.append(_("No longer in the portal: %(count)d.") % {"count": done.gone})
    level = messages.WARNING if passed_over or not changed else messages.SUCCESS
    messages.add_message(request, level, " ".join(said))
