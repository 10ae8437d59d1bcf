from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import Employee


class Substitution(models.Model):
    """From the first to the last day, both included, the other's clients are as good as the substitute's own."""

    substitute = models.ForeignKey(
        Employee,
        models.CASCADE,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("substitute"),
    )
    substituted = models.ForeignKey(
        Employee,
        models.CASCADE,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("absent employee"),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="substitution_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=~models.Q(substitute=models.F("substituted")),
                name="nobody_substitutes_himself",
                violation_error_message=_("Nobody can substitute himself."),
            ),
        ]
        indexes = [  # callguard.lookup: whom does the caller substitute today?
            models.Index(fields=["substitute", "last_day"], name="substitution_by_substitute"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} → {self.substituted}"
