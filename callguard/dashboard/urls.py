"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import path

from callguard.access.acting import for_those
from callguard.access.policies import may_set_notices, may_sign_in
from callguard.dashboard import export, listing, notices, overview, person

app_name = "dashboard"
signed_in = for_those(may_sign_in)  # whose figures they are the question and the policies say
urlpatterns = [
    path("", signed_in(overview.page), name="overview"),
    path("me/", signed_in(person.own), name="me"),
    path("people/<int:person_id>/", signed_in(person.page), name="person"),
    path("calls/", signed_in(listing.page), name="calls"),
    path("calls/as.<slug:kind>", signed_in(listing.export), name="calls-file"),
    path("tables/<slug:code>/", signed_in(overview.whole), name="whole"),
    path("tables/<slug:code>.<slug:kind>", signed_in(export.table), name="table"),
    path("notices/", for_those(may_set_notices)(notices.page), name="notices"),
]
