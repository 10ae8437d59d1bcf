from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import Employee


class Account(AbstractUser):
    """Somebody who signs in here. `employee` says who that is in the portal; verdicts are asked in that name."""

    employee = models.ForeignKey(
        Employee,
        models.SET_NULL,
        to_field="portal_id",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="accounts",
        verbose_name=_("employee"),
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")


class AdministratorList(models.Model):
    """At most one row: the list of the portal's administrators (Employee.is_portal_admin) was confirmed to be whole."""

    confirmed_at = models.DateTimeField(_("confirmed"))
    confirmed_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("list of administrators")
        verbose_name_plural = _("list of administrators")

    def __str__(self) -> str:
        return str(self.confirmed_at)
