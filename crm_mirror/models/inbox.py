"""What the portal told us, stored before anything is done about it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InboxEvent(models.Model):
    """One event as it came: a hint to look, never data. Access tokens that came with it are not kept."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("not ours")  # an event that we do not know, or without a readable ID
        FAILED = "failed", _("given up")  # after many tries; a person may put it back to waiting

    received_at = models.DateTimeField(_("received"))
    event = models.CharField(_("event"), max_length=64)  # upper case, ONCRMCOMPANYUPDATE
    entity_id = models.CharField(_("portal ID"), max_length=128, blank=True)  # of a call its call ID
    user_id = models.PositiveBigIntegerField(_("by"), null=True, blank=True)  # who acted, where the portal says so
    data = models.JSONField(_("data"), default=dict, blank=True)
    is_offline = models.BooleanField(_("fetched from the portal's queue"), default=False)
    # Of an offline event, so that one fetched twice is stored once; empty for those that were sent to us.
    message_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(_("next try"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("event of the portal")
        verbose_name_plural = _("events of the portal")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["message_id"], condition=~models.Q(message_id=""), name="offline_event_once"
            ),
        ]
        indexes = [  # the worker's question, on the few rows that wait
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="waiting"), name="inbox_waiting"),
            # how many wait, since when, and how many were given up: freshness
            models.Index(
                fields=["state", "received_at"],
                condition=models.Q(state__in=["waiting", "failed"]),
                name="inbox_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.entity_id}"
