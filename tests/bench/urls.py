from django.urls import include, path

from tests.bench import floors

urlpatterns = [
    path("floor/noop/", floors.Noop.as_view()),
    path("floor/bearer/", floors.Bearer.as_view()),
    path("floor/lookup/", floors.LookUp.as_view()),
    path("floor/insert/", floors.Insert.as_view()),
    path("floor/empty/", floors.empty),
    path("", include("config.urls")),
]
