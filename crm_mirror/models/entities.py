"""Companies, contacts, leads, deals and the links between them, one row per portal row, deleted ones included."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models.people import Employee
from crm_mirror.models.statuses import Status


class EntityQuerySet(models.QuerySet[Any]):
    def live(self) -> EntityQuerySet:
        """Rows that exist in the portal as far as we know."""
        return self.filter(deleted_at=None)


class Entity(models.Model):
    """What every mirrored CRM row has. Times are instants; `missing_since` is a full pass's suspicion only."""

    portal_id = models.PositiveBigIntegerField(_("portal ID"), unique=True)
    title = models.CharField(_("name"), max_length=512)
    # Rows arrive in any order and a responsible may never arrive (integrators, bots): no database constraint.
    responsible = models.ForeignKey(
        Employee,
        models.DO_NOTHING,
        to_field="portal_id",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("responsible"),
    )
    created_by_id = models.PositiveBigIntegerField(_("created by"), null=True, blank=True)
    modified_by_id = models.PositiveBigIntegerField(_("changed by"), null=True, blank=True)
    created_at = models.DateTimeField(_("created in the portal"), null=True, blank=True)
    modified_at = models.DateTimeField(_("changed in the portal"), null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted since"), null=True, blank=True)
    merged_into_id = models.PositiveBigIntegerField(_("merged into"), null=True, blank=True)
    # Number of the request that brought the row last (RequestAllowance.tickets).
    read_ticket = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)

    objects = EntityQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["portal_id"]
        indexes = [
            # the suspected ones: none or a handful among a million
            models.Index(
                fields=["missing_since"],
                condition=models.Q(missing_since__isnull=False, deleted_at=None),
                name="%(class)s_suspected",
            ),
            # where sync.merges looks for what was merged of late
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="%(class)s_graves"),
        ]

    def __str__(self) -> str:
        return self.title


class Company(Entity):
    status = models.ForeignKey(
        Status,
        models.DO_NOTHING,
        to_field="value",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("status"),
    )
    is_my_company = models.BooleanField(_("own legal entity"), default=False)
    lead_id = models.PositiveBigIntegerField(_("made from lead"), null=True, blank=True)

    class Meta(Entity.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")


class Contact(Entity):
    company_id = models.PositiveBigIntegerField(_("main company"), null=True, blank=True)
    lead_id = models.PositiveBigIntegerField(_("made from lead"), null=True, blank=True)
    links_ticket = models.PositiveBigIntegerField(
        default=0, db_default=0, editable=False
    )  # as read_ticket, of its companies

    class Meta(Entity.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")


class Lead(Entity):
    status_id = models.CharField(_("stage"), max_length=64, blank=True)
    semantic = models.CharField(_("outcome"), max_length=1, blank=True)  # P in progress, S success, F failure
    moved_at = models.DateTimeField(_("stage since"), null=True, blank=True)  # of a closed one: when it was closed
    company_id = models.PositiveBigIntegerField(_("company"), null=True, blank=True)
    contact_id = models.PositiveBigIntegerField(_("contact"), null=True, blank=True)

    class Meta(Entity.Meta):
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            *Entity.Meta.indexes,
            # what was converted in a period, whose it is
            models.Index(fields=["moved_at"], condition=models.Q(semantic="S", deleted_at=None), name="lead_converted"),
        ]


class Deal(Entity):
    stage_id = models.CharField(_("stage"), max_length=64, blank=True)
    semantic = models.CharField(_("outcome"), max_length=1, blank=True)  # P in progress, S success, F failure
    moved_at = models.DateTimeField(_("stage since"), null=True, blank=True)  # of a closed one: when it was closed
    category_id = models.PositiveBigIntegerField(_("pipeline"), null=True, blank=True)
    closed = models.BooleanField(_("closed"), default=False)
    company_id = models.PositiveBigIntegerField(_("company"), null=True, blank=True)
    contact_id = models.PositiveBigIntegerField(_("contact"), null=True, blank=True)
    lead_id = models.PositiveBigIntegerField(_("made from lead"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)

    class Meta(Entity.Meta):
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes = [
            *Entity.Meta.indexes,
            # what was won in a period, whose it is
            models.Index(fields=["moved_at"], condition=models.Q(semantic="S", deleted_at=None), name="deal_won"),
            # deals of a client
            models.Index(fields=["company_id"], name="deal_by_company"),
            models.Index(fields=["contact_id"], name="deal_by_contact"),
            models.Index(fields=["lead_id"], name="deal_by_lead"),
        ]


class ContactCompany(models.Model):
    """A contact works for a company; many to many. Both ends are portal IDs. It counts until its row is removed."""

    contact_id = models.PositiveBigIntegerField(_("contact"))
    company_id = models.PositiveBigIntegerField(_("company"))
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("contact of a company")
        verbose_name_plural = _("contacts of companies")
        constraints = [  # its index also serves tier 2 of callguard.lookup
            models.UniqueConstraint(fields=["contact_id", "company_id"], name="link_once"),
        ]
        indexes = [
            models.Index(fields=["company_id"], name="link_by_company"),
            models.Index(
                fields=["missing_since"], condition=models.Q(missing_since__isnull=False), name="link_suspected"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} – {self.company_id}"
