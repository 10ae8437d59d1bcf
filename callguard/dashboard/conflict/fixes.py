"""What is to be put right in the data when a dispute was right, so that the same call is not painted again tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from callguard.models import Call, Dispute, DisputeReason, Substitution
from crm_mirror.admin.pieces import portal_url
from crm_mirror.models import Company, Contact, ContactCompany, Entity, Lead, PhoneNumber

ENTITIES: dict[str, type[Entity]] = {"company": Company, "contact": Contact, "lead": Lead}  # by Call.entity_type


@dataclass(frozen=True)
class Fix:
    """`url`: where it is done, "" while no portal is connected. `done`: it shows by now."""

    words: str
    url: str
    done: bool

    @property
    def is_elsewhere(self) -> bool:
        """In the portal, not here."""
        return not self.url.startswith("/")


def fix_for(said: Dispute, *, caller: str) -> Fix | None:
    """By the dispute's reason; None where the data is right. `caller`: his name. At most two queries."""
    make = MAKERS.get(said.reason)
    return make(said.call, caller) if make and said.call.entity_id else None


def entity_of(call: Call) -> Entity | None:
    """The entity that was called as it is now, or what it was merged into. One query."""
    if call.entity_type not in ENTITIES or call.entity_id is None:
        return None
    rows = ENTITIES[call.entity_type]._default_manager.select_related("responsible")
    found: Entity | None = rows.filter(portal_id=call.survivor_id or call.entity_id).first()
    return found


def hand_over(call: Call, caller: str) -> Fix:
    entity = entity_of(call)
    words = _("Make %(caller)s the responsible of %(client)s.") % {"caller": caller, "client": title_of(call, entity)}
    return Fix(words, address_of(call), bool(entity) and entity.responsible_id == call.caller_id)  # type: ignore[union-attr]  # there it is


def link_contact(call: Call, caller: str) -> Fix:
    contact = call.verdict.get("contact")
    if not contact:
        words = _("Put the number %(number)s into the contact it belongs to, and the contact into its company.")
        return Fix(words % {"number": call.number}, address_of(call), not carries(call, "company", call.entity_id))
    words = _("Link the contact %(contact)s to the company it works for.") % {"contact": contact["title"]}
    company_id = call.survivor_id or call.entity_id or 0
    linked = ContactCompany.objects.filter(contact_id=contact["id"], company_id=company_id)
    return Fix(words, portal_url("contact", contact["id"]), not linked.exists())


def clean_number(call: Call, caller: str) -> Fix:
    """Where the number stands: in tier 2 it is the contact's."""
    contact = call.verdict.get("contact")
    kind, portal_id = ("contact", contact["id"]) if contact else (call.entity_type, call.survivor_id or call.entity_id)
    title = contact["title"] if contact else title_of(call, entity_of(call))
    words = _("Remove the number %(number)s from %(client)s.") % {"number": call.number, "client": title}
    return Fix(words, portal_url(kind, portal_id), not carries(call, kind, portal_id))


def enter_substitution(call: Call, caller: str) -> Fix:
    day = localdate(call.rung_at)
    people = {"substitute": call.caller_id, "substituted": call.responsible_id}
    covering = Substitution.objects.filter(
        **{f"{side}_id": one for side, one in people.items()}, first_day__lte=day, last_day__gte=day
    )
    given = people | {"first_day": day.isoformat(), "last_day": day.isoformat()}
    url = f"{reverse('admin:callguard_substitution_add')}?{urlencode(given)}"
    return Fix(_("Enter the substitution: %(caller)s stood in.") % {"caller": caller}, url, covering.exists())


MAKERS: dict[str, Callable[[Call, str], Fix]] = {
    DisputeReason.MINE: hand_over,
    DisputeReason.CONTACT: link_contact,
    DisputeReason.NUMBER: clean_number,
    DisputeReason.STOOD_IN: enter_substitution,
}


def carries(call: Call, kind: str, portal_id: int | None) -> bool:
    return PhoneNumber.objects.filter(e164=call.number, entity_type=kind, entity_id=portal_id or 0).exists()


def address_of(call: Call) -> str:
    return portal_url(call.entity_type, call.survivor_id or call.entity_id)


def title_of(call: Call, entity: Entity | None) -> str:
    frozen = (call.verdict.get("entity") or {}).get("title")
    return str((entity and entity.title) or frozen or f"ID {call.entity_id}")
