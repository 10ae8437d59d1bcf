"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import path

from callguard.access.acting import for_those
from callguard.access.policies import may_set_notices
from callguard.dashboard import notices

app_name = "dashboard"
urlpatterns = [
    path("notices/", for_those(may_set_notices)(notices.page), name="notices"),
]
