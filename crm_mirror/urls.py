"""What the portal calls by itself."""

from django.urls import path

from crm_mirror.installer import install
from crm_mirror.views import PortalEvents

urlpatterns = [
    path("bitrix/events/", PortalEvents.as_view(), name="portal-events"),
    path("bitrix/install/", install, name="portal-install"),
]
