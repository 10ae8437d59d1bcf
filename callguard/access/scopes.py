"""Which rows somebody may look at, model by model: the one place that lists, pages, searches and figures ask.

Administrators see everything. Of a model that is not listed here nobody else sees anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from callguard.access.actors import Actor
from callguard.access.policies import (
    may_administer,
    may_edit_palettes,
    may_judge_disputes,
    may_read_history,
    may_see_substitutions,
    may_sign_in,
)
from callguard.models import (
    About,
    Call,
    CleaningItem,
    CleaningPart,
    Comment,
    Conflict,
    Decision,
    Dispute,
    Excuse,
    History,
    Palette,
    Substitution,
    Takeover,
)
from crm_mirror.models import Company, Contact, Deal, Employee, EntityType, Lead, PhoneNumber, Status

Row = TypeVar("Row", bound=Model)
CARRIERS: dict[str, type[Model]] = {
    EntityType.COMPANY: Company,
    EntityType.CONTACT: Contact,
    EntityType.LEAD: Lead,
}


@dataclass(frozen=True)
class Scope:
    """`opens`: who may open the model's list at all; `rows`: those in it that are for him, administrators aside."""

    opens: Callable[[Actor], bool]
    rows: Callable[[Actor], Q]


def visible(rows: QuerySet[Row], *, to: Actor) -> QuerySet[Row]:
    """Those of the rows that he may look at. Joins no query of its own to the one that reads them."""
    if may_administer(to):
        return rows
    scope = SCOPES.get(rows.model)
    return rows.filter(scope.rows(to)) if scope and may_sign_in(to) else rows.none()


def is_visible(row: Model, *, to: Actor) -> bool:
    """Whether he may look at this row. One query, none for administrators."""
    return may_administer(to) or visible(type(row)._default_manager.filter(pk=row.pk), to=to).exists()


def may_open(model: type[Model], actor: Actor) -> bool:
    """Whether the list of the model's rows is a page for him, be it empty."""
    scope = SCOPES.get(model)
    return may_administer(actor) or (scope is not None and scope.opens(actor))


# --- Model by model ----------------------------------------------------------------------------------------------
def of_his_people(field: str) -> Callable[[Actor], Q]:
    """Rows whose `field` is the portal ID of somebody whose clients and calls he sees (policies.may_see_…_of)."""
    return lambda actor: Q(**{f"{field}__in": actor.sees})


def carried_by_his_clients(actor: Actor) -> Q:
    found = Q()
    for kind, model in CARRIERS.items():
        ids = visible(model._default_manager.all(), to=actor).order_by().values("portal_id")
        found |= Q(entity_type=kind, entity_id__in=ids)
    return found


def about_his_clients(actor: Actor) -> Q:
    """Lines about companies of his people, and about palettes and substitutions he sees; history keeps IDs as text."""
    companies, substitutions = (
        visible(model._default_manager.all(), to=actor).order_by().values(text=Cast(field, CharField()))
        for model, field in ((Company, "portal_id"), (Substitution, "pk"))
    )
    of_companies = Q(about__in=[About.STATUS, About.RESPONSIBLE], object_id__in=companies)
    of_palettes = Q(about=About.PALETTE) if may_edit_palettes(actor) else Q()
    return of_companies | of_palettes | Q(about=About.SUBSTITUTION, object_id__in=substitutions)


def about_clients_of_his(actor: Actor) -> Q:
    """What is to be cleaned up about a client of his people, be it others' as well."""
    parts = CleaningPart.objects.filter(responsible_id__in=actor.sees)
    return Q(pk__in=parts.order_by().values("item_id"))


def everything(actor: Actor) -> Q:
    return Q()


CLIENTS = Scope(may_sign_in, of_his_people("responsible_id"))
CALLS = Scope(may_sign_in, of_his_people("caller_id"))
SCOPES: dict[type[Model], Scope] = {
    Company: CLIENTS,
    Contact: CLIENTS,
    Lead: CLIENTS,
    Deal: CLIENTS,
    PhoneNumber: Scope(may_sign_in, carried_by_his_clients),
    Call: CALLS,
    Conflict: CALLS,
    CleaningItem: Scope(may_sign_in, about_clients_of_his),
    **dict.fromkeys((Comment, Decision, Excuse, Takeover), Scope(may_sign_in, of_his_people("call__caller_id"))),
    Dispute: Scope(may_judge_disputes, of_his_people("by_id")),
    Employee: Scope(may_sign_in, of_his_people("portal_id")),
    Substitution: Scope(may_see_substitutions, of_his_people("substituted_id")),
    History: Scope(may_read_history, about_his_clients),
    Palette: Scope(may_edit_palettes, everything),
    Status: Scope(may_administer, everything),  # chosen from by others, edited by administrators
}
