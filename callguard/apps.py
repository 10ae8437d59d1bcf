from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallguardConfig(AppConfig):
    name = "callguard"
    verbose_name = _("Call Guard")

    def ready(self) -> None:
        from callguard import checks  # noqa: F401 -- registers them; Django wants its settings ready first
