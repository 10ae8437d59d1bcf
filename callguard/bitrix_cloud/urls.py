"""Addresses that provisioning tells the portal: they stay."""

from django.urls import path

from callguard.bitrix_cloud import views

app_name = "bitrix_cloud"
urlpatterns = [
    path("card/", views.card, name="card"),
    path("worker/", views.worker, name="worker"),
    path("worker/failed/", views.worker_failed, name="worker_failed"),
    path("token/", views.fresh_token, name="token"),
]
