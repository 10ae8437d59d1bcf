"""Pages of the administration that belong to no table: connecting the portal, and the list of its administrators."""

from django.urls import path

from callguard.access.acting import for_administrators as only
from callguard.admin import administrators, wizard

app_name = "setup"
urlpatterns = [
    path("setup/", only(wizard.page), name="page"),
    path("setup/check/", only(wizard.check), name="check"),
    path("setup/survey/", only(wizard.survey), name="survey"),
    path("setup/begin/", only(wizard.begin_sync), name="begin"),
    path("setup/progress/", only(wizard.sync_progress), name="progress"),
    path("setup/<slug:code>/", only(wizard.step), name="step"),
    path("administrators/", only(administrators.page), name="administrators"),
    path("administrators/change/", only(administrators.change), name="change-administrators"),
]
