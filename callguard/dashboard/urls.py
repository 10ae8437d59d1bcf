"""Addresses of the dashboard: for supervisors about their people, for administrators about all."""

from __future__ import annotations

from django.urls import URLPattern, path

from callguard.dashboard.workshop import rules, trial, versions

app_name = "dashboard"
urlpatterns: list[URLPattern] = [
    path("rules/", rules.page, name="rules"),
    path("rules/draft/", rules.change, name="rules-draft"),
    path("rules/publish/", rules.publish, name="rules-publish"),
    path("rules/trial/", trial.page, name="rules-trial"),
    path("rules/versions/<int:number>/", versions.page, name="rules-version"),
    path("rules/versions/<int:number>/change/", versions.change, name="rules-version-change"),
]
