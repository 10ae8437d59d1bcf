from django.db import models


class DealMark(models.Model):
    """How far the calls have been looked through for the deals they were about (callguard.kpi.noting). One row."""

    rung_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rung_until:%Y-%m-%d %H:%M}"
