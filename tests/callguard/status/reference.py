"""The statuses on both sides: the portal's own page of the values, and edits here."""

from __future__ import annotations

import copy

from django.utils import timezone

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, History, Origin
from callguard.status import reference
from crm_mirror.models import Status
from crm_mirror.sandbox import custom_fields, references
from crm_mirror.sandbox.data import status_field
from crm_mirror.sync import statuses

ROOT = Actor("root", Role.ADMINISTRATOR)
MARINA = Actor("Марина Кузнецова", Role.SUPERVISOR, 9)
NAMES = ["В ожидании", "В обработке", "В работе"]


class Values:
    """The portal's own page of the values, as an administrator uses it there."""

    def __init__(self, portal):
        self.portal = portal
        self.is_list = portal.status_field["USER_TYPE_ID"] == "enumeration"

    @property
    def rows(self):
        if self.is_list:
            return self.portal.status_field["LIST"]
        return [row for row in self.portal.store.statuses if row["ENTITY_ID"] == status_field.REFERENCE]

    @property
    def key(self):
        return "VALUE" if self.is_list else "NAME"

    @property
    def names(self):
        return [row[self.key] for row in sorted(self.rows, key=lambda row: int(row["SORT"]))]

    def row(self, name):
        return next(row for row in self.rows if row[self.key] == name)

    def id_of(self, name):
        return self.row(name)["ID" if self.is_list else "STATUS_ID"]

    def rename(self, old, new):
        self.row(old)[self.key] = new

    def move(self, name, sort):
        self.row(name)["SORT"] = str(sort)

    def answer(self):
        """What a look has in its hands."""
        field, at = copy.deepcopy(self.portal.status_field), timezone.now()
        if self.is_list:
            return statuses.list_in(field, seen_at=at)
        return statuses.reference_in(copy.deepcopy(self.rows), status_field.REFERENCE, field=field, seen_at=at)

    def add(self, name):
        if self.is_list:
            self.rows.append(custom_fields.new_item(self.portal.store, {"VALUE": name}, len(self.rows)))
        else:
            references.add_value(self.portal.store, status_field.REFERENCE, f"THEIRS_{name}"[:50], name)

    def delete(self, name):
        (self.rows if self.is_list else self.portal.store.statuses).remove(self.row(name))


def here(name):
    return Status.objects.get(name=name)


def edit(status, /, *, at=None, **wanted):
    return reference.edit({here(status).pk: wanted}, by=ROOT, origin=Origin.ADMIN, at=at or timezone.now())


def add(name, **facts):
    return reference.add(name, by=ROOT, origin=Origin.ADMIN, at=timezone.now(), **facts)


def told(name):
    """(origin, before, after, ground) of the status, oldest first."""
    lines = History.objects.filter(about=About.REFERENCE, object_id=here(name).pk).order_by("id")
    return [(line.origin, line.before, line.after, line.ground) for line in lines]


def agreed():
    """Nothing waits on either side."""
    return not Status.objects.filter(edited_at__isnull=False).exists()
