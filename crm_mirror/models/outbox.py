"""Calls to the portal that must happen: written in the transaction of their cause, delivered at least once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxCall(models.Model):
    """One call. Those of one `entity` go out in the order of their IDs; a dead one does not hold up the next."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("under way")  # sent, answer not yet recorded: may have been carried out
        DONE = "done", _("accepted")
        REFUSED = "refused", _("refused by the portal")  # its own words are in `error`; repeating would not help
        DEAD = "dead", _("given up")  # after many tries; a person may send it again

    created_at = models.DateTimeField(_("written"))
    entity = models.CharField(_("about"), max_length=64)  # "company:12": what keeps its order
    purpose = models.CharField(_("purpose"), max_length=32)  # "status", "notice" …
    method = models.CharField(_("method"), max_length=64)
    params = models.JSONField(_("parameters"), default=dict)
    # How to see whether it was carried out, asked before repeating it: {"method", "params", "expect": {field: value}}.
    # With "only_if": {field: [values]} asked before the first sending too, and sent only while one of them is shown.
    check_call = models.JSONField(_("check"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(_("next try"))
    sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    result = models.JSONField(_("answer"), null=True, blank=True)
    echoed_at = models.DateTimeField(_("seen back"), null=True, blank=True)  # recognised in the feed as our own

    class Meta:
        verbose_name = _("call to the portal")
        verbose_name_plural = _("calls to the portal")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state__in=["waiting", "sending"]), name="outbox_due"
            ),
            models.Index(fields=["entity", "id"], name="outbox_by_entity"),  # order
            models.Index(  # sync.echoes: what was sent of late and not seen back yet
                fields=["sent_at"],
                condition=models.Q(state__in=["sending", "done"], echoed_at=None),
                name="outbox_unseen",
            ),
            models.Index(  # how many wait, since when, and how many were given up: freshness
                fields=["state", "created_at"],
                condition=models.Q(state__in=["waiting", "sending", "dead"]),
                name="outbox_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.entity}"
