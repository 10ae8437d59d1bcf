""" "This is my client": what a caller says against the colour of his call, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call
from crm_mirror.models import Employee


class DisputeReason(models.TextChoices):
    """In the words of whoever disputes. From it follows what to put right in the data (dashboard.conflict.fixes)."""

    MINE = "mine", _("this is my client")
    CONTACT = "contact", _("the contact works for another company")
    NUMBER = "number", _("the number is not this client's")
    STOOD_IN = "stood_in", _("I stood in for the responsible")
    AGREED = "agreed", _("we had agreed that I call")
    OTHER = "other", _("something else")


class DisputeState(models.TextChoices):
    OPEN = "open", _("waiting for a decision")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


class Dispute(models.Model):
    """Of a call one at most is open: other words take the place of those before.

    `told`: [{id, name}] of those who were told.

    `due_at` None: it is older than deadlines, and nobody is reminded. `remind_at`: when somebody is reminded next; None
    when nobody is any more.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="disputes", verbose_name=_("call"))
    by = models.ForeignKey(
        Employee,
        models.DO_NOTHING,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("caller"),
    )
    reason = models.CharField(_("reason"), max_length=16, choices=DisputeReason, default=DisputeReason.MINE)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    evidence = models.TextField(_("what proves it"), max_length=2000, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    at = models.DateTimeField(_("time"))
    told = models.JSONField(_("told"), default=list)
    state = models.CharField(_("state"), max_length=16, choices=DisputeState, default=DisputeState.OPEN)
    due_at = models.DateTimeField(_("to be decided by"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("passed on to administrators"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_id = models.PositiveBigIntegerField(_("decided by"), null=True, blank=True)  # portal ID, where known
    decided_by_name = models.CharField(_("decided by"), max_length=255, blank=True)
    decided_words = models.TextField(_("what was said"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=Q(state="open"), name="dispute_one_open_of_call")
        ]
        indexes = [
            models.Index(fields=["-at"], name="dispute_by_time"),  # the admin's list
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="dispute_to_remind"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="dispute_open"),  # the list to decide from
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.comment}"
