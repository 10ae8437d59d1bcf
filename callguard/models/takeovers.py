from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call


class Takeover(models.Model):
    """After a conflict its client's responsible became the caller. People by portal ID."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="takeover", verbose_name=_("call"))
    moved_at = models.DateTimeField(_("moved"))  # by the portal's word, else when we saw it
    from_id = models.PositiveBigIntegerField(_("from"), null=True, blank=True)
    to_id = models.PositiveBigIntegerField(_("to"))
    moved_by_id = models.PositiveBigIntegerField(_("by"), null=True, blank=True)
    undone_at = models.DateTimeField(_("given back"), null=True, blank=True)  # the responsible is another one again

    class Meta:
        verbose_name = _("takeover")
        verbose_name_plural = _("takeovers")
        ordering = ["-moved_at"]
        indexes = [models.Index(fields=["to_id", "moved_at"], name="takeover_by_person")]  # a person's KPI

    def __str__(self) -> str:
        return f"{self.from_id} → {self.to_id}"
