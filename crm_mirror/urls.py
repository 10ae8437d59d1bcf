"""Addresses that the portal calls. Stable: they are written into the portal's settings (contract.md)."""

from django.urls import path

from crm_mirror.installer import install

urlpatterns = [path("bitrix/install/", install, name="portal-install")]
