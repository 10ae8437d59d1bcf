from django.db import models
from django.utils.translation import gettext_lazy as _


class KnownRole(models.Model):
    """What an employee was when we last looked (access.roles), so that the history tells only of what changed."""

    employee_id = models.PositiveBigIntegerField(_("employee"), unique=True)  # portal ID
    role = models.CharField(_("role"), max_length=16)

    class Meta:
        verbose_name = _("known role")
        verbose_name_plural = _("known roles")

    def __str__(self) -> str:
        return f"{self.employee_id} {self.role}"
