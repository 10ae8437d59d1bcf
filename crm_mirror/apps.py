from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmMirrorConfig(AppConfig):
    name = "crm_mirror"
    verbose_name = _("Mirror of the CRM")
