"""One row per call whose card asked. The facts are frozen at ring time; added later are how the call ended, where the
client was merged into another, which one that is, and what came of it: excused or not, taken over, its current deal.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import Employee


class Direction(models.TextChoices):
    """As the portal's card says it. Callback and call-list calls are outgoing."""

    OUTGOING = "outgoing", _("outgoing")
    INCOMING = "incoming", _("incoming")
    INCOMING_TRANSFER = "incomingTransfer", _("incoming, transferred")
    CALLBACK = "callback", _("callback")


class EndedBy(models.TextChoices):
    """Whose word the end of a call is. Telephony's beats the card's."""

    CARD = "card", _("the call card")
    TELEPHONY = "telephony", _("telephony")


class Call(models.Model):
    """A verdict as it was given. `verdict` is the whole answer (verdict.md §3); the columns are what lists ask for."""

    call_id = models.CharField(_("call ID"), max_length=128, unique=True)
    caller = models.ForeignKey(
        Employee,
        models.DO_NOTHING,
        to_field="portal_id",
        db_constraint=False,
        related_name="+",
        verbose_name=_("caller"),
    )
    rung_at = models.DateTimeField(_("time"))
    direction = models.CharField(_("direction"), max_length=16, choices=Direction)
    number = models.CharField(_("number"), max_length=16, blank=True)  # E.164; empty when none could be taken
    colour = models.CharField(_("colour"), max_length=32)  # a palette's code or none
    tier = models.CharField(_("step"), max_length=16, blank=True)
    reason = models.CharField(_("reason"), max_length=32)
    entity_type = models.CharField(_("kind"), max_length=16, blank=True)
    entity_id = models.PositiveBigIntegerField(_("client's portal ID"), null=True, blank=True)
    responsible_id = models.PositiveBigIntegerField(_("responsible at that moment"), null=True, blank=True)
    conflict = models.BooleanField(_("conflict"), default=False)  # calls.is_conflict, decided once
    rules_version = models.PositiveIntegerField(_("version of the rules"))
    mirror_age = models.PositiveIntegerField(_("age of the mirror, s"), null=True, blank=True)
    verdict = models.JSONField(_("verdict"))
    status_value = models.CharField(_("status at that moment"), max_length=64, blank=True)  # Status.value
    contested = models.BooleanField(_("contested number"), default=False)
    shown = models.BooleanField(_("colour shown"), default=True)  # False: rung before COLOURS_SINCE
    # What the verdict rested on (callguard.evidence); None of calls that are older than this column.
    evidence = models.JSONField(_("evidence"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    answered = models.BooleanField(_("answered"), null=True, blank=True)
    duration = models.PositiveIntegerField(_("duration, s"), null=True, blank=True)
    ended_by = models.CharField(_("who says so"), max_length=16, choices=EndedBy, blank=True)
    # The entity lives on in this one of the same kind; the facts stay those of the entity that was called.
    survivor_id = models.PositiveBigIntegerField(_("merged into since"), null=True, blank=True)
    # Of conflicts: None while facts may still come that excuse it (callguard.fairness); until then nobody is blamed.
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    excused = models.BooleanField(_("excused"), default=False)  # an Excuse in force stands beside it
    taken_over = models.BooleanField(_("taken over"), default=False)  # a Takeover in force stands beside it
    deal_id = models.PositiveBigIntegerField(_("current deal of the caller"), null=True, blank=True)  # portal ID
    # Figures do not know this row, or its newest state, yet (callguard.tallies). Whoever changes a row's facts sets it.
    untallied = models.BooleanField(default=True, db_default=True, editable=False)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-rung_at"]
        indexes = [
            models.Index(fields=["-rung_at"], name="call_by_time"),  # the admin's list
            models.Index(fields=["conflict", "-rung_at"], name="call_by_conflict"),  # the list of conflicts
            models.Index(fields=["entity_type", "entity_id"], name="call_by_client"),  # merges
            models.Index(fields=["caller", "rung_at"], name="call_by_caller"),  # a person's calls, and a day's of them
            models.Index(fields=["number", "rung_at"], name="call_by_number"),  # who rang before, how often
            models.Index(  # conflicts about a person's clients
                fields=["responsible_id", "rung_at"], condition=models.Q(conflict=True), name="conflict_by_responsible"
            ),
            models.Index(
                fields=["rung_at"], condition=models.Q(conflict=True, judged_at=None), name="conflict_unjudged"
            ),
            models.Index(  # callguard.notices: whose responsible is to hear of it
                fields=["judged_at"],
                condition=models.Q(conflict=True, excused=False, judged_at__isnull=False),
                name="conflict_blamed",
            ),
            models.Index(  # reports.lists: how many are blamed, from the index alone
                fields=["rung_at"],
                include=["id", "caller"],
                condition=models.Q(conflict=True, excused=False, judged_at__isnull=False),
                name="conflict_blamed_by_time",
            ),
            models.Index(fields=["rung_at"], condition=models.Q(untallied=True), name="call_untallied"),
            models.Index(  # reports.figures.contested_numbers, from the index alone
                fields=["rung_at"],
                include=["caller", "number", "id"],
                condition=models.Q(contested=True),
                name="call_contested",
            ),
            models.Index(  # reports.figures.by_ground, likewise
                fields=["rung_at"],
                include=["id", "caller", "status_value"],
                condition=models.Q(conflict=True, excused=True, judged_at__isnull=False),
                name="conflict_excused",
            ),
            models.Index(  # merges of what others were merged into
                fields=["survivor_id"], condition=models.Q(survivor_id__isnull=False), name="call_by_survivor"
            ),
        ]

    def __str__(self) -> str:
        return self.call_id
