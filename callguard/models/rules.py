"""Rules are data: one row per (tier, status) → palette or no colour; every edit makes a new version of the set."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.palettes import Palette
from crm_mirror.models import Status


class Tier(models.TextChoices):
    """The four steps of the search, in order (verdict.md §2)."""

    COMPANY = "company", _("company")
    COMPANY_CONTACT = "company_contact", _("contact of a company")
    CONTACT = "contact", _("contact")
    LEAD = "lead", _("lead")


class StatusMatch(models.TextChoices):
    """Which entities a rule speaks of: those of one status, those without a status, or whatever no other rule names."""

    ONE = "one", _("this status")
    NONE = "none", _("no status")
    ANY = "any", _("any status")


class Rule(models.Model):
    """One row of the rule set in force. `palette` None: no colour."""

    tier = models.CharField(_("step"), max_length=16, choices=Tier)
    match = models.CharField(_("applies to"), max_length=4, choices=StatusMatch, default=StatusMatch.ONE)
    status = models.ForeignKey(Status, models.CASCADE, null=True, blank=True, verbose_name=_("company status"))
    palette = models.ForeignKey(
        Palette,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("palette"),
        help_text=_("Empty: the card keeps its own colours."),
    )
    applies_to_own = models.BooleanField(
        _("own clients too"), default=False, help_text=_("Paint the card even when the client is the caller's own.")
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "status"], name="rule_once_per_status"),
            models.UniqueConstraint(
                fields=["tier", "match"], condition=~models.Q(match="one"), name="rule_once_per_match"
            ),
            models.CheckConstraint(
                condition=models.Q(match="one", status__isnull=False)
                | (~models.Q(match="one") & models.Q(status=None)),
                name="rule_names_its_status",
                violation_error_message=_("Choose a status, or say that the rule is for no status or any status."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()}: {self.status or self.get_match_display()}"


class RuleSetVersion(models.Model):
    """What the rules were from `published_at` on. Verdicts name the version; `rules`: row snapshots."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    published_at = models.DateTimeField(_("since"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    rules = models.JSONField(_("rules"))
    # An administrator called it an error: the conflicts it made blame nobody (callguard.fairness).
    withdrawn_at = models.DateTimeField(_("withdrawn as an error"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of the rules")
        verbose_name_plural = _("versions of the rules")
        ordering = ["-version"]

    def __str__(self) -> str:
        return str(self.version)
