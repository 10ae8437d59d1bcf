""" "This is my client": what a caller says against the colour of his call."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call
from crm_mirror.models import Employee


class Dispute(models.Model):
    """The same words about the same call make no second row. `told`: [{id, name}] of those who were told."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="disputes", verbose_name=_("call"))
    by = models.ForeignKey(
        Employee,
        models.DO_NOTHING,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("caller"),
    )
    comment = models.CharField(_("comment"), max_length=500, blank=True)  # longer would not fit into the index below
    at = models.DateTimeField(_("time"))
    told = models.JSONField(_("told"), default=list)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["call", "comment"], name="dispute_once_in_these_words")]
        indexes = [models.Index(fields=["-at"], name="dispute_by_time")]  # the admin's list

    def __str__(self) -> str:
        return f"{self.call_id}: {self.comment}"
