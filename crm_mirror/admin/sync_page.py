"""One page that tells whether to trust the mirror: how true it is, what is wrong, what waits, and two buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_mirror import freshness
from crm_mirror.admin import charts
from crm_mirror.admin import sync_figures as figures
from crm_mirror.admin.base import ReadOnlyAdmin
from crm_mirror.admin.launch import ORDERS, BrokerAway, Order, begin
from crm_mirror.admin.progress import Asked, asked_now, progress, run_of
from crm_mirror.alerts import alerts
from crm_mirror.allowance import resume

DAY = timedelta(days=1)


def sync_page(request: HttpRequest, pages: ReadOnlyAdmin) -> TemplateResponse:
    if not pages.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    found, day = alerts(at=now), freshness.measured_since(now - DAY)
    order, asked = what_was_asked(request) or going_on(at=now)
    tone, sentence = figures.trust(found, at=now)
    context = {
        **pages.admin_site.each_context(request),
        "title": _("Synchronisation"),
        "tone": tone,
        "sentence": sentence,
        "alerts": found,
        "kinds": list(figures.rows(at=now)),
        "charts": [charts.lag_chart(day, at=now), charts.requests_chart(at=now), charts.inbox_chart(at=now)],
        "sources": figures.sources(day),
        "allowance": list(figures.allowance(at=now)),
        "queues": list(figures.queues(at=now)),
        "progress": progress(order, asked, at=now),
        "progress_url": reverse("admin:crm_mirror_syncrun_progress") + "?" + query_of(order, asked),
        "orders": orders(),
    }
    return TemplateResponse(request, "crm_mirror/admin/sync_page.html", context)


def progress_view(request: HttpRequest, pages: ReadOnlyAdmin) -> JsonResponse:
    """What the page asks every other second while something goes on."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    order, asked = what_was_asked(request) or going_on(at=now)
    return JsonResponse(progress(order, asked, at=now).as_dict())


def begin_view(request: HttpRequest, pages: ReadOnlyAdmin) -> HttpResponse:
    """A button was pressed: the work is begun elsewhere, and the page shows how it goes."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = ORDERS.get(request.POST.get("order", ""))
    if order is None:
        raise Http404
    page, asked = reverse("admin:crm_mirror_syncrun_page"), asked_now(at=timezone.now())
    resume(settings.PORTAL_ORIGIN)  # whoever presses it may have put right what halted everything
    try:
        begin(order)
    except BrokerAway:
        messages.error(request, _("The broker does not answer: nobody was told. See: manage.py doctor"))
        return HttpResponseRedirect(page)
    return HttpResponseRedirect(f"{page}?{query_of(order, asked)}#progress")


def orders() -> list[tuple[Order, Any, Any]]:
    words = {
        "sync": (_("Sync now"), _("Reads what has changed; works off events and calls to the portal.")),
        "reconcile": (_("Reconcile now"), _("Compares rows with the portal's and puts right what differs.")),
    }
    return [(order, *words[name]) for name, order in ORDERS.items()]


# --- What was asked for ----------------------------------------------------------------------------------------------
def what_was_asked(request: HttpRequest) -> tuple[Order, Asked | None] | None:
    """From the address, so that the page may be loaded again; None when nothing readable stands there."""
    try:
        order = ORDERS[request.GET["order"]]
        at = datetime.fromtimestamp(int(request.GET["at"]), UTC)
        return order, Asked(at, int(request.GET["after"]))
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def going_on(*, at: datetime) -> tuple[Order, Asked | None]:
    """As if somebody had asked for what goes on: a page opened meanwhile shows it too, to its end."""
    for order in ORDERS.values():
        if run := run_of(order):
            return order, Asked(at, run.pk - 1)
    return ORDERS["sync"], None


def query_of(order: Order, asked: Asked | None) -> str:
    return urlencode({"order": order.name, "after": asked.after, "at": int(asked.at.timestamp())} if asked else {})
