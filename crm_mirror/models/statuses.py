"""The company status, which the portal lacks and this product adds: edited here and in the portal."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_mirror.models.outbox import OutboxCall


class Status(models.Model):
    """One value of the company status. `value` is what the portal's field stores: a STATUS_ID or a list item's ID.

    The seeded three carry placeholder values until the first sync finds values of the same names in the portal; rules
    point at the row, so they hold on any portal. One made here carries one until the portal has made it too.
    """

    value = models.CharField(_("value in the portal"), max_length=64, unique=True)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=255)
    sort = models.IntegerField(_("order"), default=500)
    colour = models.CharField(  # ours alone: a list of the portal has no colours
        _("colour in lists"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("Write the colour as #rrggbb, e.g. #c62828."))],
    )
    in_portal = models.BooleanField(_("known to the portal"), default=False)
    retired_at = models.DateTimeField(_("retired since"), null=True, blank=True)
    # By a person here; else it is retired for as long as the portal lacks it.
    retired_here = models.BooleanField(_("retired here"), default=False)

    # The exchange with the portal (sync.exchange): what it had last, and what of ours it does not have yet.
    portal_name = models.CharField(_("name in the portal"), max_length=255, blank=True)
    portal_sort = models.IntegerField(_("order in the portal"), null=True, blank=True)
    exchanged_at = models.DateTimeField(
        _("taken by the portal"), null=True, blank=True
    )  # an earlier look proves nothing
    edited_at = models.DateTimeField(_("edited here"), null=True, blank=True)  # and not in the portal yet
    # The call that carries the edit, at most one at a time; after a refusal it keeps the portal's words.
    sent = models.ForeignKey(
        OutboxCall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sent")
    )
    sent_name = models.CharField(max_length=255, blank=True)
    sent_sort = models.IntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("company status")
        verbose_name_plural = _("company statuses")
        ordering = ["sort", "id"]

    def __str__(self) -> str:
        return self.name


class StatusField(models.Model):
    """How the portal keeps the statuses, as last seen: what a write to them needs. One row, none before the first look.

    `items`: rows of crm.status.list, or those of the field's own LIST, in the portal's words.
    """

    kind = models.CharField(_("kind"), max_length=32)  # USER_TYPE_ID: crm_status or enumeration
    field_id = models.CharField(_("field"), max_length=32)
    reference = models.CharField(_("reference"), max_length=64, blank=True)  # ENTITY_ID; "" for a list
    items = models.JSONField(_("values"), default=list)
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("status field")
        verbose_name_plural = _("status fields")

    def __str__(self) -> str:
        return f"{self.kind} {self.reference or self.field_id}"
