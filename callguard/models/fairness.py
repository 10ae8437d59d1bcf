"""Why a conflict blames nobody: the grounds, each with a switch, and the excuses found, each with its proof."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call


class Ground(models.TextChoices):
    """Grounds of an excuse. All but DECISION are found by callguard.fairness; DECISION is somebody's word."""

    SUBSTITUTION = "substitution", _("stood in for the responsible")
    MANAGER = "manager", _("the caller is the responsible's manager")
    STALE_MIRROR = "stale_mirror", _("the mirror was out of date")
    RESPONSIBLE_GONE = "responsible_gone", _("the responsible was dismissed or absent")
    CONTESTED = "contested", _("the number belongs to several")
    JUST_CHANGED = "just_changed", _("responsible or status changed around the call")
    CALLED_BACK = "called_back", _("the client had called before")
    FORWARDED = "forwarded", _("the portal forwarded the call")
    OWN_ERROR = "own_error", _("our own error")
    NOT_SHOWN = "not_shown", _("the card showed no colour")
    DECISION = "decision", _("a supervisor's decision")


class ExcuseRule(models.Model):
    """The switch of one ground, one row each (seeded). `minutes`: how far the ground reaches, where it has a reach."""

    ground = models.CharField(_("ground"), max_length=32, choices=Ground, unique=True)
    enabled = models.BooleanField(_("excuses"), default=True)
    minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)

    class Meta:
        verbose_name = _("excuse rule")
        verbose_name_plural = _("excuse rules")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_ground_display()


class Excuse(models.Model):
    """A ground found for one conflict, kept whether its switch is on or not. `proof`: facts, IDs, times (ISO 8601)."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="excuses", verbose_name=_("call"))
    ground = models.CharField(_("ground"), max_length=32, choices=Ground)
    proof = models.JSONField(_("proof"), default=dict)
    noted_at = models.DateTimeField(_("noted"))
    noted_by = models.ForeignKey(  # of a decision; None: found by the program
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["call", "ground"], name="excuse_once_per_ground")]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.ground}"
