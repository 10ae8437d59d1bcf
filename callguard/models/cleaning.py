"""What is to be put right in the portal so that verdicts are right: one row for each thing found, kept when mended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import EntityType


class Flaw(models.TextChoices):
    """Kinds of what is found, in the order in which they mislead callers."""

    SHARED = "shared", _("a number of several responsibles")
    APART = "apart", _("a contact and its company with different responsibles")
    LOOSE = "loose", _("a contact without the company that has its number")
    KNOWN_LEAD = "known_lead", _("a lead of a known client")
    UNREADABLE = "unreadable", _("a phone that cannot be read")
    NO_STATUS = "no_status", _("a company without a status")


class CleaningItem(models.Model):
    """`key` tells it from others of its kind, night after night. `number`: E.164, or the text that is no number."""

    flaw = models.CharField(_("what is wrong"), max_length=16, choices=Flaw)
    key = models.CharField(max_length=320)
    number = models.CharField(_("number"), max_length=255, blank=True)
    rings = models.PositiveIntegerField(_("calls of late"), default=0)
    first_seen_at = models.DateTimeField(_("found"))
    seen_at = models.DateTimeField(_("last seen"))
    gone_at = models.DateTimeField(_("put right"), null=True, blank=True)

    class Meta:
        verbose_name = _("thing to clean")
        verbose_name_plural = _("things to clean")
        constraints = [models.UniqueConstraint(fields=["flaw", "key"], name="cleaning_once")]
        indexes = [  # the queue, those that rang most first
            models.Index(fields=["flaw", "-rings", "id"], condition=models.Q(gone_at=None), name="cleaning_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.flaw} {self.key}"


class CleaningPart(models.Model):
    """An entity that an item is about, by portal ID, with its responsible; `place` 0: the one to be changed."""

    item = models.ForeignKey(CleaningItem, models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField()
    entity_type = models.CharField(_("kind"), max_length=16, choices=EntityType)
    entity_id = models.PositiveBigIntegerField(_("portal ID"))
    responsible_id = models.PositiveBigIntegerField(_("responsible"), null=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["item", "entity_type", "entity_id"], name="cleaning_part_once"),
        ]
        indexes = [models.Index(fields=["responsible_id"], name="cleaning_by_person")]  # whose items they are

    def __str__(self) -> str:
        return f"{self.entity_type} {self.entity_id}"


class CleaningDay(models.Model):
    """How much there was to clean on a day, and how much had been put right since the look before."""

    flaw = models.CharField(_("what is wrong"), max_length=16, choices=Flaw)
    day = models.DateField(_("day"))
    open = models.PositiveIntegerField(_("open"))
    fixed = models.PositiveIntegerField(_("put right"), default=0)

    class Meta:
        verbose_name = _("day of cleaning")
        verbose_name_plural = _("days of cleaning")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["flaw", "day"], name="cleaning_day_once")]

    def __str__(self) -> str:
        return f"{self.flaw} {self.day}"


class CleaningLook(models.Model):
    """The last look through the mirror, or the one under way. One row."""

    begun_at = models.DateTimeField(_("begun"), null=True)  # None: nobody looks
    finished_at = models.DateTimeField(_("finished"), null=True)

    def __str__(self) -> str:
        return f"{self.finished_at}"
