from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmMirrorConfig(AppConfig):
    name = "crm_mirror"
    verbose_name = _("Mirror of the CRM")

    def ready(self) -> None:
        from crm_mirror import checks  # noqa: F401 - registers them; needs the models
