"""Where each pass over the portal stands, what could not be read, and the request allowance all processes share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SyncCursor(models.Model):
    """How far the pass over one kind has come. Written in the transaction of the page it describes."""

    kind = models.CharField(_("kind"), max_length=32, unique=True)  # sync.kinds names
    pass_started_at = models.DateTimeField(_("pass began"), null=True, blank=True)
    last_id = models.PositiveBigIntegerField(_("last ID read"), default=0)
    expected = models.PositiveBigIntegerField(_("rows the portal announced"), null=True, blank=True)
    seen = models.PositiveBigIntegerField(_("rows seen in this pass"), default=0)
    flawless = models.BooleanField(_("no error in this pass"), default=True)
    by_admin = models.BooleanField(_("begun with an administrator's token"), default=False)
    # As of when the last complete pass speaks: its beginning.
    finished_at = models.DateTimeField(_("last complete pass"), null=True, blank=True)

    class Meta:
        verbose_name = _("sync cursor")
        verbose_name_plural = _("sync cursors")
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.kind


class SyncRun(models.Model):
    """One run of `manage.py sync`. `report` is the JSON object that the command prints last."""

    started_at = models.DateTimeField(_("began"))
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    full = models.BooleanField(_("everything"), default=False)
    ok = models.BooleanField(_("succeeded"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering = ["-started_at"]
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class Quarantine(models.Model):
    """A portal row that could not be read, with the reason; it leaves when a later pass reads it."""

    kind = models.CharField(_("kind"), max_length=32)
    portal_id = models.CharField(_("portal ID"), max_length=64, blank=True)  # text: the ID itself may be malformed
    reason = models.TextField(_("reason"))
    row = models.JSONField(_("row as the portal sent it"))
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("row in quarantine")
        verbose_name_plural = _("quarantine")
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "portal_id"], name="quarantined_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.portal_id}"


class SyncLease(models.Model):
    """Who syncs right now: at most one process. A dead holder's lease runs out, or is taken over."""

    name = models.CharField(max_length=32, unique=True)
    holder = models.CharField(max_length=255, blank=True)  # host:process:random
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.holder


class RequestAllowance(models.Model):
    """The portal's leaky bucket as we know it, one row per portal, shared by all processes (compare-and-set)."""

    portal = models.CharField(max_length=255, unique=True)  # origin, e.g. https://portal.example
    level = models.FloatField(default=0)  # requests in the bucket at `updated_at`
    updated_at = models.FloatField(default=0)  # seconds since the epoch
    blocked_until = models.FloatField(default=0)  # the portal said "too many": nobody asks before

    def __str__(self) -> str:
        return self.portal


class MethodPause(models.Model):
    """A method whose time budget is spent (HTTP 429 OPERATION_TIME_LIMIT): nobody calls it before `until`."""

    portal = models.CharField(max_length=255)
    method = models.CharField(max_length=128)
    until = models.FloatField()  # seconds since the epoch

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "method"], name="pause_once_per_method")]

    def __str__(self) -> str:
        return self.method
