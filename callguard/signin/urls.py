"""Signing in with the portal account. `return/` stands in the application's settings in the portal: it stays."""

from django.urls import path

from callguard.signin import views

app_name = "signin"
urlpatterns = [
    path("", views.start, name="start"),
    path("return/", views.back, name="return"),
]
