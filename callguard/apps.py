from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallguardConfig(AppConfig):
    name = "callguard"
    verbose_name = _("Call Guard")
