"""Sums of calls that the figures are read from. Written by callguard.tallies alone; rows of one bucket are replaced
together, so that they always say what the calls themselves say. People by portal ID, days of settings.TIME_ZONE.
"""

from django.db import models


class ConflictState(models.TextChoices):
    """What became of a conflict: exactly one of these (callguard.tallies.measures)."""

    PENDING = "pending"
    EXCUSED = "excused"
    BLAMED = "blamed"


class TallyState(models.Model):
    """One row: who holds it writes tallies, the others wait."""

    ONLY = 1

    time_zone = models.CharField(max_length=64, blank=True)  # whose days these are; another setting: all anew
    # While all is counted anew, the next day to be counted; days before it are right already.
    next_day = models.DateField(null=True, blank=True)
    # Of the days before this one no call is left (callguard.privacy), so their tallies are all there is: never anew.
    sealed_before = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.time_zone


class PersonSums(models.Model):
    """Of a person's calls, and of what became of his conflicts."""

    caller = models.PositiveBigIntegerField()
    calls = models.PositiveIntegerField()
    outgoing = models.PositiveIntegerField()
    to_leads = models.PositiveIntegerField()
    on_deals = models.PositiveIntegerField()
    conflicts = models.PositiveIntegerField()
    pending = models.PositiveIntegerField()
    excused = models.PositiveIntegerField()
    blamed = models.PositiveIntegerField()
    heeded = models.PositiveIntegerField()
    proceeded = models.PositiveIntegerField()
    takeovers = models.PositiveIntegerField()
    unseen = models.PositiveIntegerField()
    unseen_proceeded = models.PositiveIntegerField()

    class Meta:
        abstract = True


class CallTally(PersonSums):
    """The calls of a person on a day."""

    day = models.DateField()

    class Meta:
        constraints = [  # its index also serves the figures of some people
            models.UniqueConstraint(fields=["caller", "day"], name="call_tally_once"),
        ]
        indexes = [models.Index(fields=["day"], name="call_tally_by_day")]  # the figures of everybody

    def __str__(self) -> str:
        return f"{self.day} {self.caller}"


class CallWeek(PersonSums):
    """The same of a week: a year of many people is read from a seventh of the rows."""

    week = models.DateField()  # its Monday

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "week"], name="call_week_once")]
        indexes = [models.Index(fields=["week"], name="call_week_by_week")]

    def __str__(self) -> str:
        return f"{self.week} {self.caller}"


class ConflictTally(models.Model):
    """Conflicts that are alike in everything that figures tell apart. `responsible` None: nobody was."""

    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    caller = models.PositiveBigIntegerField()
    responsible = models.PositiveBigIntegerField(null=True)
    tier = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=ConflictState)
    conflicts = models.PositiveIntegerField()
    heeded = models.PositiveIntegerField()
    proceeded = models.PositiveIntegerField()
    takeovers = models.PositiveIntegerField()
    unseen = models.PositiveIntegerField()
    unseen_proceeded = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["day"], name="conflict_tally_by_day"),  # the figures of everybody
            models.Index(fields=["caller", "day"], name="conflict_tally_by_caller"),  # of some; a bucket's rows
            models.Index(fields=["day"], condition=models.Q(takeovers__gt=0), name="conflict_tally_takeovers"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.caller}"
