"""Addresses of the whole site; each room names its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="demo:page" if settings.DEMO else "admin:index")),
    path("admin/", include("callguard.admin.urls")),
    path("admin/", include("callguard.admin.box")),
    path("admin/", admin.site.urls),
    path("dashboard/", include("callguard.dashboard.urls")),
    path("signin/", include("callguard.signin.urls")),
    path("bitrix/cloud/", include("callguard.bitrix_cloud.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("callguard.api.urls")),
    path("", include("crm_mirror.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("callguard.demo.urls")))

handler400 = "callguard.api.problems.bad_request"
handler403 = "callguard.api.problems.not_allowed"
handler404 = "callguard.api.problems.not_found"
handler500 = "callguard.api.problems.broken"
