"""Who changed what, when, from what to what, and where it came from. Rows are added and never touched again."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(Exception):
    """Somebody tried to change or delete history. The database itself refuses as well (see the migrations)."""


class About(models.TextChoices):
    STATUS = "status", _("status of a company")
    RESPONSIBLE = "responsible", _("responsible of a company")
    REFERENCE = "reference", _("company statuses")
    RULE = "rule", _("rules")
    PALETTE = "palette", _("palette")
    SUBSTITUTION = "substitution", _("substitution")
    ROLE = "role", _("role")
    ADMINISTRATORS = "administrators", _("list of administrators")
    CONFLICT = "conflict", _("conflict")
    EXCUSE = "excuse", _("excuse rules")
    PERSON = "person", _("personal data")
    NOTICES = "notices", _("notices")


class Origin(models.TextChoices):
    ADMIN = "admin", _("here, in the administration")
    API = "api", _("here, through the API")
    COMMAND = "command", _("here, by a command")
    PORTAL = "portal", _("in the portal")
    GUARD = "guard", _("the guard on the status")
    NEWCOMERS = "newcomers", _("new companies begin with a status")


class HistoryQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("history is not changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("history is not deleted")


class History(models.Model):
    """`before`, `after`: what the object was, a value or {field: value}. `ground`: a rule's reason, if any."""

    at = models.DateTimeField(_("time"))
    about = models.CharField(_("about"), max_length=16, choices=About)
    object_id = models.CharField(_("object"), max_length=64)  # a company's portal ID, a palette's code …
    title = models.CharField(_("name"), max_length=512, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, blank=True, encoder=DjangoJSONEncoder)
    actor_id = models.PositiveBigIntegerField(_("employee"), null=True, blank=True)  # portal ID, where it is known
    actor_name = models.CharField(_("who"), max_length=255, blank=True)
    origin = models.CharField(_("where"), max_length=16, choices=Origin)
    ground = models.CharField(_("why"), max_length=32, blank=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("history")
        verbose_name_plural = _("history")
        ordering = ["-id"]
        indexes = [models.Index(fields=["about", "object_id", "-id"], name="history_of_object")]

    def __str__(self) -> str:
        return f"{self.about} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("history is not changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("history is not deleted")
