"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import URLPattern, path

from callguard.dashboard import disputes
from callguard.dashboard.conflict import pages as conflict

app_name = "dashboard"
urlpatterns: list[URLPattern] = [
    path("conflicts/<int:pk>/", conflict.page, name="conflict"),
    path("calls/<int:pk>/", conflict.page, name="call"),
    path("conflicts/<int:pk>/decide/", conflict.decide, name="decide"),
    path("conflicts/<int:pk>/dispute/", conflict.dispute, name="dispute"),
    path("conflicts/<int:pk>/comment/", conflict.comment, name="comment"),
    path("disputes/", disputes.page, name="disputes"),
]
