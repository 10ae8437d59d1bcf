from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call


class ConflictManager(models.Manager["Conflict"]):
    def get_queryset(self) -> models.QuerySet[Conflict]:
        return super().get_queryset().filter(conflict=True)


class Conflict(Call):
    """A call to somebody else's client, painted red or yellow (verdict.md §4). Served by `call_by_conflict`."""

    objects: ClassVar[ConflictManager] = ConflictManager()

    class Meta:
        proxy = True
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ["-rung_at"]
