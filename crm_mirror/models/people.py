"""Employees and departments, as the portal knows them; nobody keeps a second list of people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Employee(models.Model):
    """One user of the portal. Integrators and bots are missing from `user.get`, yet may be responsible for a client."""

    portal_id = models.PositiveBigIntegerField(_("portal ID"), unique=True)
    name = models.CharField(_("name"), max_length=255)
    position = models.CharField(_("position"), max_length=255, blank=True)
    active = models.BooleanField(_("works here"), default=True)
    user_type = models.CharField(_("account type"), max_length=32, blank=True)  # employee, extranet, email …
    department_ids = models.JSONField(_("departments"), default=list, blank=True)  # portal IDs
    # None: nobody has told us yet. Unknown is not "no" (status-and-roles.md).
    is_portal_admin = models.BooleanField(_("administrator of the portal"), null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    read_ticket = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)  # as in entities

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """One department. `head_id` is None while the post is vacant, `parent_id` at the root."""

    portal_id = models.PositiveBigIntegerField(_("portal ID"), unique=True)
    name = models.CharField(_("name"), max_length=255)
    sort = models.IntegerField(_("order"), default=500)
    parent = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        to_field="portal_id",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("parent department"),
    )
    head = models.ForeignKey(
        Employee,
        models.DO_NOTHING,
        to_field="portal_id",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("head"),
    )
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    read_ticket = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)  # as in entities

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["sort", "name"]

    def __str__(self) -> str:
        return self.name
