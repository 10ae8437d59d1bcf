"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import path

from callguard.access.acting import for_administrators, for_those
from callguard.access.policies import may_set_notices, may_sign_in
from callguard.dashboard import disputes, export, listing, notices, overview, person
from callguard.dashboard.cleaning import page as cleaning
from callguard.dashboard.conflict import pages as conflict
from callguard.dashboard.kpi import pages as kpi
from callguard.dashboard.privacy import others, own
from callguard.dashboard.workshop import rules, trial, versions

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
    path("rules/", rules.page, name="rules"),
    path("rules/draft/", rules.change, name="rules-draft"),
    path("rules/publish/", rules.publish, name="rules-publish"),
    path("rules/trial/", trial.page, name="rules-trial"),
    path("rules/versions/<int:number>/", versions.page, name="rules-version"),
    path("rules/versions/<int:number>/change/", versions.change, name="rules-version-change"),
    path("conflicts/<int:pk>/", conflict.page, name="conflict"),
    path("calls/<int:pk>/", conflict.page, name="call"),
    path("conflicts/<int:pk>/decide/", conflict.decide, name="decide"),
    path("conflicts/<int:pk>/dispute/", conflict.dispute, name="dispute"),
    path("conflicts/<int:pk>/comment/", conflict.comment, name="comment"),
    path("disputes/", disputes.page, name="disputes"),
    path("kpi/", signed_in(kpi.page), name="kpi"),
    path("kpi/as.<slug:kind>", signed_in(kpi.export), name="kpi-file"),
    path("kpi/<slug:figure>/", signed_in(kpi.rows), name="kpi-rows"),
    path("kpi/<slug:figure>/as.<slug:kind>", signed_in(kpi.export_rows), name="kpi-rows-file"),
    path("cleaning/", signed_in(cleaning.page), name="cleaning"),
    path("cleaning/look/", for_administrators(cleaning.look), name="cleaning-look"),
    path("notices/", for_those(may_set_notices)(notices.page), name="notices"),
    path("privacy/", own.page, name="privacy"),
    path("privacy/mine.zip", own.take, name="privacy-take"),
    path("privacy/people/", others.page, name="personal-data"),
]
