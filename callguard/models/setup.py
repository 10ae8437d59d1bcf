from django.db import models
from django.utils.translation import gettext_lazy as _


class PortalLook(models.Model):
    """What was seen when somebody last looked at the portal: at most one row of each kind, replaced by the next look.

    The pages of the set-up show it instead of asking the portal whenever they are opened.
    """

    class What(models.TextChoices):
        FINDINGS = "findings", _("checks")
        SURVEY = "survey", _("what the portal lacks")

    what = models.CharField(_("what"), max_length=16, choices=What, primary_key=True)
    at = models.DateTimeField(_("time"))
    mark = models.CharField(_("mark of the settings"), max_length=64)  # under other settings the look is worth nothing
    language = models.CharField(_("language"), max_length=8)  # of the words in `said`
    said = models.JSONField(_("said"))

    class Meta:
        verbose_name = _("look at the portal")
        verbose_name_plural = _("looks at the portal")

    def __str__(self) -> str:
        return f"{self.what} {self.at}"
