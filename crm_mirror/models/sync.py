"""Where each pass over the portal stands, what could not be read, and the request allowance all processes share."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SyncCursor(models.Model):
    """How far the pass over one kind has come. Written in the transaction of the page it describes."""

    kind = models.CharField(_("kind"), max_length=32, unique=True)  # sync.kinds names
    pass_started_at = models.DateTimeField(_("pass began"), null=True, blank=True)
    pass_portal_at = models.DateTimeField(null=True, blank=True, editable=False)  # its beginning by the portal's clock
    last_id = models.PositiveBigIntegerField(_("last ID read"), default=0)
    expected = models.PositiveBigIntegerField(_("rows the portal announced"), null=True, blank=True)
    seen = models.PositiveBigIntegerField(_("rows seen in this pass"), default=0)
    flawless = models.BooleanField(_("no error in this pass"), default=True)
    by_admin = models.BooleanField(_("begun with an administrator's token"), default=False)
    # As of when the last complete pass speaks: its beginning.
    finished_at = models.DateTimeField(_("last complete pass"), null=True, blank=True)
    # As of when the mirror of this kind is true: moved by complete passes and by complete delta rounds alike.
    true_at = models.DateTimeField(_("true as of"), null=True, blank=True)

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
    work = models.CharField(_("work"), max_length=16, default="full sync")  # sync.work.Work
    ok = models.BooleanField(_("succeeded"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering = ["-started_at"]
        get_latest_by = "started_at"
        indexes = [models.Index(fields=["work", "id"], name="run_by_work")]  # the newest of each work: alerts, progress

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class Quarantine(models.Model):
    """A portal row that could not be read, with the reason; it leaves when a later pass reads it."""

    kind = models.CharField(_("kind"), max_length=32)
    portal_id = models.CharField(_("portal ID"), max_length=64, blank=True)  # text: the ID itself may be malformed
    reason = models.TextField(_("reason"))
    row = models.JSONField(_("row as the portal sent it"))
    since = models.DateTimeField(_("first seen"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("row in quarantine")
        verbose_name_plural = _("quarantine")
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "portal_id"], name="quarantined_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.portal_id}"


class DeltaCursor(models.Model):
    """What of a kind the next delta round reads: what changed since, and the rest of a mass change.

    Instants are the portal's (server.time); DATE_MODIFY has whole seconds, so the boundary is read again.
    """

    kind = models.CharField(_("kind"), max_length=32, unique=True)
    since = models.DateTimeField(_("changes read up to"), null=True, blank=True)
    # More rows changed than a round reads: they are worked off by ID while fresh ones go first.
    backlog_since = models.DateTimeField(_("mass change since"), null=True, blank=True)
    backlog_last_id = models.PositiveBigIntegerField(_("worked off up to ID"), default=0)
    # Kinds that tell no time of change (people, departments, links) are read round and round, some pages at a time.
    round_last_id = models.PositiveBigIntegerField(_("read round up to ID"), default=0)
    round_started_at = models.DateTimeField(_("reading round since"), null=True, blank=True)
    rounded_at = models.DateTimeField(_("last read round"), null=True, blank=True)
    # Rows by which the totals still differ after all that was done about it, and when: not looked into every minute.
    difference = models.BigIntegerField(_("rows that differ"), default=0)
    compared_at = models.DateTimeField(_("totals compared"), null=True, blank=True)

    class Meta:
        verbose_name = _("delta cursor")
        verbose_name_plural = _("delta cursors")

    def __str__(self) -> str:
        return self.kind


class Drift(models.Model):
    """What one reconciliation found for one kind: newest row = the figure that is shown."""

    kind = models.CharField(_("kind"), max_length=32)
    at = models.DateTimeField(_("compared"))
    portal_rows = models.PositiveBigIntegerField(_("rows in the portal"))
    mirror_rows = models.PositiveBigIntegerField(_("rows in the mirror"))
    missing = models.PositiveIntegerField(_("missing in the mirror"), default=0)
    surplus = models.PositiveIntegerField(_("gone from the portal"), default=0)
    different = models.PositiveIntegerField(_("different"), default=0)
    compared = models.PositiveIntegerField(_("rows compared field by field"), default=0)
    left = models.PositiveIntegerField(_("left as they are"), default=0)  # drift after this run
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("comparison with the portal")
        verbose_name_plural = _("comparisons with the portal")
        ordering = ["-at", "kind"]
        indexes = [models.Index(fields=["kind", "-at"], name="drift_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class Repair(models.Model):
    """One row that a reconciliation put right, and why."""

    kind = models.CharField(_("kind"), max_length=32)
    portal_id = models.PositiveBigIntegerField(_("portal ID"))
    at = models.DateTimeField(_("repaired"))
    what = models.CharField(_("what"), max_length=16)  # missing, surplus, different
    # {column: [mirror, portal]}, "row", "numbers", "unreadable", "company_ids" and "quarantine" among the columns
    facts = models.JSONField(_("facts"), default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("repaired row")
        verbose_name_plural = _("repaired rows")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.portal_id} {self.what}"


class Patrol(models.Model):
    """How far the field-by-field comparison of every row of a kind has come; it begins anew when it is through."""

    kind = models.CharField(_("kind"), max_length=32, unique=True)
    last_id = models.PositiveBigIntegerField(_("compared up to ID"), default=0)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("last time through"), null=True, blank=True)

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")

    def __str__(self) -> str:
        return self.kind


class SyncLease(models.Model):
    """Who does one kind of work right now: at most one process. A dead holder's lease runs out, or is taken over."""

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
    blocked_until = models.FloatField(default=0)  # nobody asks before: "too many", or see halted_because
    # Requests booked so far. Each carries its number: an answer to an earlier request never overwrites a later one's.
    tickets = models.PositiveBigIntegerField(default=0)
    pace = models.FloatField(default=1.0)  # share of the rate that is ours at `updated_at`; others use the address too
    paced_at = models.FloatField(default=0)  # when it was lowered last
    halted_because = models.CharField(max_length=255, blank=True)  # what only a person can put right (OVERLOAD_LIMIT)

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


class RequestMinute(models.Model):
    """Requests of one minute and purpose: what the sync page draws. Pruned."""

    portal = models.CharField(max_length=255)
    minute = models.DateTimeField()
    purpose = models.CharField(max_length=16)  # portal.limits.Purpose
    sent = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    waited = models.FloatField(default=0)  # seconds that requests waited for permission

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portal", "minute", "purpose"], name="request_minute_once")]
        indexes = [models.Index(fields=["minute"], name="request_minute_by_time")]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.purpose}"
