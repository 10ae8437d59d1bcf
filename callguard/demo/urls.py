"""Addresses of the demonstration; `config.urls` includes them only when `settings.DEMO` is on."""

from django.urls import path

from callguard.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.page, name="page"),
    path("token/", views.token, name="token"),
    path("book/", views.book, name="book"),
    path("about/", views.about, name="about"),
    path("record/", views.record, name="record"),
]
