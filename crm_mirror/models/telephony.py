"""Calls that have ended, as the portal's telephony tells them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EndedCall(models.Model):
    """The end of one call, from its event or from the portal's statistics (docs: voximplant-statistic-get)."""

    call_id = models.CharField(_("call ID"), max_length=128, unique=True)
    user_id = models.PositiveBigIntegerField(_("employee"), null=True, blank=True)
    call_type = models.PositiveSmallIntegerField(_("type"), null=True, blank=True)  # 1 out, 2 in, 3 redirected, 4 back
    phone = models.CharField(_("number as the portal has it"), max_length=255, blank=True)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    duration = models.PositiveIntegerField(_("duration, s"), default=0)
    code = models.CharField(_("code"), max_length=16, blank=True)  # 200 success, 304 missed, 603-S cancelled …
    by_statistics = models.BooleanField(_("from the statistics"), default=False)  # its word beats the event's
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("ended call")
        verbose_name_plural = _("ended calls")
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return self.call_id

    @property
    def answered(self) -> bool:
        """Whether somebody talked: code 200 (docs: CALL_FAILED_CODE)."""
        return self.code == "200"
