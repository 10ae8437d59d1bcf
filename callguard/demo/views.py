"""The demonstration: a call card on which any number can be dialled as any employee. Only under `settings.DEMO`."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.people import at_work
from callguard.access.tokens import CardToken, issued
from callguard.answer import verdict_for
from callguard.card_words import card_words
from callguard.demo.book import groups
from callguard.demo.told import told
from callguard.explanation import tier_words
from callguard.models import Call
from callguard.verdict import Tier
from crm_mirror.models import Company, Employee

TOKEN_LASTS = timedelta(hours=1)
# As strict as an administrator of a portal may be: card.js must work under it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    names = ("token", "book", "about", "record")
    config = {"urls": {name: reverse(f"demo:{name}") for name in names}, "words": card_words()}
    employees = callers()
    context = {
        "employees": employees,
        "first": first_caller(employees),
        "tiers": [tier_words(tier) for tier in Tier],
        "config": config,
    }
    response = render(request, "callguard/demo/page.html", context)
    response["Content-Security-Policy"] = POLICY
    return response


def callers() -> list[Employee]:
    """Who may sit at the phone: those who work here."""
    return list(at_work().order_by("portal_id"))


def first_caller(employees: list[Employee]) -> int | None:
    """Who sits at the phone at first: somebody with clients of his own, yet not with the most."""
    clients = Counter(Company.objects.live().values_list("responsible_id", flat=True))
    known = [portal_id for portal_id, _count in clients.most_common() if portal_id in {e.portal_id for e in employees}]
    return next(iter([*known[1:], *known]), None)


def chosen(request: HttpRequest) -> Employee:
    employee = request.GET.get("employee", "")
    if not employee.isdecimal():
        raise Http404
    return get_object_or_404(at_work(), portal_id=int(employee))


@require_GET
def token(request: HttpRequest) -> JsonResponse:
    """What a portal's page signs for its user; here for whomever the visitor chose."""
    card = CardToken(chosen(request).portal_id)
    signed = issued(card, secret=settings.CARD_TOKEN_SECRET, ttl=TOKEN_LASTS, at=timezone.now())
    return JsonResponse({"token": signed}, headers={"Cache-Control": "no-store"})


@require_GET
def book(request: HttpRequest) -> JsonResponse:
    found = groups(chosen(request).portal_id, at=timezone.now(), language=get_language() or "")
    return JsonResponse({"groups": found})


@require_GET
def about(request: HttpRequest) -> JsonResponse:
    """Whom the portal's card would show under a number, and the steps to its colour. Leaves no call record."""
    phone = request.GET.get("phone", "")[:255]
    caller = chosen(request).portal_id
    return JsonResponse(told(verdict_for(phone, caller_id=caller, at=timezone.now(), language=get_language())))


@require_GET
def record(request: HttpRequest) -> JsonResponse:
    """The record that the card's question left, for a link to it."""
    call = get_object_or_404(Call, call_id=request.GET.get("call_id", ""))
    text = _("Recorded as a conflict.") if call.conflict else _("Recorded, not a conflict.")
    return JsonResponse({"text": text, **_link(call)})


def _link(call: Call) -> dict[str, Any]:
    try:
        url = reverse("admin:callguard_call_change", args=[call.pk])
    except NoReverseMatch:
        return {}
    return {"url": url, "link": _("See the call in the administration")}
