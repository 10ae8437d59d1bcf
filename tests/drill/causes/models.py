"""What the drill's writers do: a cause, and in the same transaction the call to the portal that must follow."""

from django.db import models


class Cause(models.Model):
    """`token` is sent to the portal once, as a phone of the company and as its comment."""

    token = models.CharField(max_length=32, unique=True)
    company_id = models.PositiveBigIntegerField()

    class Meta:
        app_label = "causes"

    def __str__(self) -> str:
        return self.token
