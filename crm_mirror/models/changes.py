"""The feed of what changed, written in the transaction of the mirror row: how others learn without being imported."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """One change of one mirrored row, as we saw it: what happened in between two looks nobody knows.

    IDs are given in the order of commit (sync.writer), so a reader that remembers the last ID misses nothing.
    What the very first pass over a kind brings is the beginning, not a change.
    """

    class What(models.TextChoices):
        CREATED = "created", _("created")
        UPDATED = "updated", _("changed")
        DELETED = "deleted", _("deleted")
        REVIVED = "revived", _("restored")
        MERGED = "merged", _("merged into another")
        ENDED = "ended", _("call ended")

    at = models.DateTimeField(_("seen"))
    kind = models.CharField(_("kind"), max_length=32)  # sync.kinds names, "call" for ended calls
    portal_id = models.CharField(_("portal ID"), max_length=128)  # of a call its call ID
    what = models.CharField(_("what"), max_length=16, choices=What)
    # {column: [before, after]}, "numbers" and, of kind "link", "company_ids" among them; merged: {"into": portal ID}
    facts = models.JSONField(_("facts"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    by_id = models.PositiveBigIntegerField(_("by"), null=True, blank=True)  # who changed it last, by the portal's word
    modified_at = models.DateTimeField(_("changed in the portal"), null=True, blank=True)
    # Seconds from the change to the mirror by the portal's clock; None where the portal does not tell when it was.
    lag_s = models.FloatField(_("lag, s"), null=True, blank=True)
    source = models.CharField(_("learned by"), max_length=16)  # sync.look.Source
    echo_of = models.PositiveBigIntegerField(_("echo of our call"), null=True, blank=True)  # id of the OutboxCall

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "portal_id"], name="change_by_entity"),  # an object's page
            models.Index(fields=["kind", "id"], name="change_by_kind"),  # lag of the newest
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.portal_id} {self.what}"


class ChangeReader(models.Model):
    """How far a reader of the feed has come. Moved in the transaction of what the reader did with the changes."""

    name = models.CharField(max_length=64, unique=True)
    last_id = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
