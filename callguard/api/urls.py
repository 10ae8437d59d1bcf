"""Addresses of the API and of its watchers. Stable: other people's scripts and cards know them (contract.md)."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from callguard.api import schema  # noqa: F401 -- registers how tokens and sessions are described
from callguard.api.kpi import Kpi
from callguard.api.metrics import metrics
from callguard.api.probes import alive, ready
from callguard.api.problems import nothing_here
from callguard.api.views import CallDispute, CallEnd, Calls, CompanyStatus, CompanyStatusPermission, Verdict

DOCS = SpectacularSwaggerSplitView  # its script at an address of its own: no inline script is allowed
urlpatterns = [
    path("api/v1/calls/", Calls.as_view(), name="calls"),
    # `path`, not `str`: the portal chooses call IDs, and one with a slash must end as well
    path("api/v1/calls/<path:call_id>/end/", CallEnd.as_view(), name="call-end"),
    path("api/v1/calls/<path:call_id>/dispute/", CallDispute.as_view(), name="call-dispute"),
    path("api/v1/companies/<int:company_id>/status/", CompanyStatus.as_view(), name="company-status"),
    path(
        "api/v1/companies/<int:company_id>/status/permission/",
        CompanyStatusPermission.as_view(),
        name="company-status-permission",
    ),
    path("api/v1/kpi/", Kpi.as_view(), name="kpi"),
    path("api/v1/verdict/", Verdict.as_view(), name="verdict"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", DOCS.as_view(url_name="schema", template_name="callguard/api/docs.html"), name="docs"),
    re_path(r"^api/", nothing_here),
    path("healthz", alive),
    path("readyz", ready),
    path("metrics", metrics),
]
