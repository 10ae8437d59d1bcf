"""What we hold to be the status of a company: what was accepted last, and what is on its way to the portal."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import OutboxCall


class CompanyStatus(models.Model):
    """One row per company whose status somebody has changed since we look. What the portal shows is in the mirror."""

    company_id = models.PositiveBigIntegerField(_("company"), unique=True)  # portal ID
    accepted = models.CharField(_("accepted status"), max_length=64, null=True, blank=True)  # Status.value  # noqa: DJ001
    accepted_at = models.DateTimeField(_("accepted"))
    # What is on its way to the portal, set here or put back; its state and the portal's words are in the call.
    sent = models.ForeignKey(
        OutboxCall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("on its way")
    )
    # What the portal did not take, until somebody allowed sets a status; its words are in the call.
    refused = models.ForeignKey(
        OutboxCall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("refused by the portal")
    )
    flagged_at = models.DateTimeField(_("doubtful since"), null=True, blank=True)  # until somebody allowed sets one

    class Meta:
        verbose_name = _("status of a company")
        verbose_name_plural = _("statuses of companies")
        indexes = [models.Index(fields=["flagged_at"], condition=models.Q(flagged_at__isnull=False), name="doubtful")]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.accepted}"


class Newcomer(models.Model):
    """A company that was created while the portal had no status to begin with; it waits here for the first one."""

    company_id = models.PositiveBigIntegerField(_("company"), unique=True)  # portal ID

    class Meta:
        verbose_name = _("new company without a status")
        verbose_name_plural = _("new companies without a status")

    def __str__(self) -> str:
        return str(self.company_id)
