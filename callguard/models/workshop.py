"""The rules workshop: a set of rules that is being worked on and paints nothing yet."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleDraft(models.Model):
    """At most one row (`slot`). `rules`: rows as a version keeps them (rules.snapshot_of)."""

    slot = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    based_on = models.PositiveIntegerField(_("begun from version"))
    rules = models.JSONField(_("rules"))
    revision = models.PositiveIntegerField(default=1, editable=False)  # one more with each save: two people, one draft
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("draft of the rules")
        verbose_name_plural = _("drafts of the rules")

    def __str__(self) -> str:
        return f"{self.based_on}+"
