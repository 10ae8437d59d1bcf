"""For whoever watches the server: is it alive, is it ready. No sign-in, and no word that a stranger could use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callguard import health


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when everything is there that a good verdict needs, else 503; either way each part by name.

    `alerts` say what a person should see to; they alone make nobody unready.
    """
    now = timezone.now()
    findings = health.readiness(at=now)
    everything = all(finding.ok for finding in findings)
    parts = {finding.name: {"ok": finding.ok, "detail": finding.detail} for finding in findings}
    told = [{"code": alert.code, "text": alert.text} for alert in health.alerts_if_any(at=now)]
    return JsonResponse({"ready": everything, "parts": parts, "alerts": told}, status=200 if everything else 503)
