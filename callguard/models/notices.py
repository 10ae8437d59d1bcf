"""Who is told of what: the switches, what each supervisor chose, what was told, and the letters on their way."""

from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call
from crm_mirror.models import Employee, OutboxCall


class Rhythm(models.TextChoices):
    """How often a supervisor hears how his people called."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    NEVER = "never", _("never")


class Weekday(models.IntegerChoices):
    """As datetime.date.weekday counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class NoticeSettings(models.Model):
    """One row (pk 1): the switches of an administrator. Times are local. The last two columns are the program's."""

    tells_responsible = models.BooleanField(
        _("tell the responsible"),
        default=True,
        help_text=_("A message in the portal when a colleague called his client and nothing excuses it."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=time(20))
    quiet_until = models.TimeField(
        _("quiet until"),
        null=True,
        blank=True,
        default=time(8),
        help_text=_("Nothing is sent in these hours: it comes when they are over. Both empty: never quiet."),
    )
    quiet_weekends = models.BooleanField(_("quiet on Saturday and Sunday"), default=False)
    digest_at = models.TimeField(_("digests come at"), default=time(9))
    digest_weekday = models.PositiveSmallIntegerField(
        _("weekly ones on"),
        choices=Weekday,
        default=Weekday.MONDAY,
        validators=[MinValueValidator(0), MaxValueValidator(6)],
    )
    rhythm = models.CharField(_("digests, unless one has chosen"), max_length=8, choices=Rhythm, default=Rhythm.WEEKLY)
    tells_since = models.DateTimeField(editable=False)  # conflicts of before are not told: switching on is no flood
    planned_on = models.DateField(null=True, editable=False)  # the last day whose digests are planned

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_has_both_ends",
                violation_error_message=_("Quiet hours have a beginning and an end."),
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class DigestChoice(models.Model):
    """What one person chose for his digest; without a row the settings' rhythm, by both ways."""

    employee = models.OneToOneField(
        Employee,
        models.CASCADE,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("employee"),
    )
    rhythm = models.CharField(_("digest"), max_length=8, choices=Rhythm, default=Rhythm.WEEKLY)
    by_portal = models.BooleanField(_("as a message in the portal"), default=True)
    by_email = models.BooleanField(_("by e-mail"), default=True)

    class Meta:
        verbose_name = _("choice of digest")
        verbose_name_plural = _("choices of digest")

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.rhythm}"


class Notice(models.Model):
    """Something that somebody is to be told, once. Its words are made when it goes out, of what is true then."""

    class Kind(models.TextChoices):
        CONFLICT = "conflict", _("his client was called")
        DIGEST = "digest", _("digest")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TOLD = "told", _("told")
        TOLD_BEFORE = "told_before", _("told before of the same client, caller and day")
        EXCUSED = "excused", _("excused meanwhile: not told")
        NOBODY = "nobody", _("nobody is there to be told")
        EMPTY = "empty", _("nothing to tell")

    key = models.CharField(_("what about"), max_length=64, unique=True)  # "conflict:12", "digest:day:2026-11-23:9"
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    employee_id = models.PositiveBigIntegerField(_("employee"))  # portal ID of who is told
    call = models.ForeignKey(
        Call, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name=_("call")
    )
    first_day = models.DateField(_("first day"), null=True, blank=True)  # of a digest
    last_day = models.DateField(_("last day"), null=True, blank=True)
    noted_at = models.DateTimeField(_("noted"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    sent = models.ForeignKey(  # its message in the portal
        OutboxCall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("call to the portal")
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="notice_waiting"),
            models.Index(fields=["employee_id", "-id"], name="notice_by_person"),  # what he was told already
        ]

    def __str__(self) -> str:
        return self.key


class Letter(models.Model):
    """An e-mail that must go out: written in the transaction of its cause, sent at least once, under one Message-ID."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("under way")  # handed to the mail server, its answer not yet recorded
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")  # a person may send it again

    key = models.CharField(_("what about"), max_length=64, unique=True)
    employee_id = models.PositiveBigIntegerField(_("employee"), null=True, blank=True)  # portal ID
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(_("next try"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state__in=["waiting", "sending"]), name="letter_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
