"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "dashboard"
urlpatterns: list[URLPattern] = []
