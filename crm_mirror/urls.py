"""Addresses that the portal calls. Stable: they are written into the portal's settings (contract.md)."""

from django.urls import path

from crm_mirror.views import PortalEvents

urlpatterns = [path("bitrix/events/", PortalEvents.as_view(), name="portal-events")]
