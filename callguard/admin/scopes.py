"""Pages that everybody opens for his own: each reader gets the rows that callguard.access.scopes lets him see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from callguard.access.acting import acting
from callguard.access.actors import NOBODY, Actor
from callguard.access.scopes import is_visible, may_open, visible
from crm_mirror.admin.pieces import Linking

if TYPE_CHECKING:
    from crm_mirror.admin.base import AdminPages
else:
    AdminPages = object

SEEN_BY = "_callguard_seen_by"  # attribute of a row that was read for somebody: him


class Scoped(Linking, AdminPages):
    """Put before an admin class. Lists, searches, exports, pages, histories and what is offered to choose from obey."""

    def may_see(self, request: HttpRequest, obj: Model | None = None) -> bool:
        actor = acting(request)
        return may_open(self.model, actor) and (obj is None or was_read_for(obj, actor) or is_visible(obj, to=actor))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Everything that Django's admin reads of the model goes through here, autocompletes and actions too."""
        return visible(super().get_queryset(request), to=acting(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """None, as if there were no such row, for who may not see it."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            setattr(row, SEEN_BY, acting(request))
        return row

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a foreign key's field offers and accepts."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return visible(rows, to=acting(request))

    def openable(self, row: Any, linked: QuerySet[Any]) -> QuerySet[Any]:
        actor = reader_of(row)
        if actor.is_administrator:
            return linked
        return visible(linked, to=actor) if may_open(linked.model, actor) else linked.none()


def reader_of(row: Model) -> Actor:
    """For whom the row's page was read; NOBODY for a row of a list, so that what is not asked for is not shown."""
    actor: Actor = getattr(row, SEEN_BY, NOBODY)
    return actor


def was_read_for(row: Model, actor: Actor) -> bool:
    return reader_of(row) is actor
