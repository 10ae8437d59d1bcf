"""The site with its demonstration, as `make demo` serves it."""

from django.urls import include, path

from config.urls import urlpatterns as site

urlpatterns = [*site, path("demo/", include("callguard.demo.urls"))]
