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
