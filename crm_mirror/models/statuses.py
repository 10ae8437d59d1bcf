"""The company status, which the portal lacks and this product adds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.Model):
    """One value of the company status. `value` is what the portal's field stores: a STATUS_ID or a list item's ID.

    The seeded three carry placeholder values until the first sync finds values of the same names in the portal; rules
    point at the row, so they hold on any portal.
    """

    value = models.CharField(_("value in the portal"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=255)
    sort = models.IntegerField(_("order"), default=500)
    in_portal = models.BooleanField(_("known to the portal"), default=False)
    retired_at = models.DateTimeField(_("retired since"), null=True, blank=True)

    class Meta:
        verbose_name = _("company status")
        verbose_name_plural = _("company statuses")
        ordering = ["sort", "id"]

    def __str__(self) -> str:
        return self.name
