"""Which clients carry a number, as telephony sees them: contacts, then companies, then leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.registry import METHODS

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

ORDER = ("CONTACT", "COMPANY", "LEAD")


def entities_with(portal: Portal, number: str, user_id: int) -> list[dict[str, Any]]:
    """Rows of telephony.externalCall.searchCrmEntities, through the portal's own duplicate search."""
    found = portal.call("crm.duplicate.findbycomm", {"type": "PHONE", "values": [number]}, user_id)
    if not found:
        return []
    return [_row(portal, kind, int(one), user_id) for kind in ORDER for one in found.get(kind, [])]


def _row(portal: Portal, kind: str, entity_id: int, user_id: int) -> dict[str, Any]:
    entity = portal.call(METHODS[f"crm.{kind.lower()}.get"].name, {"id": entity_id}, user_id)
    responsible = int(entity["ASSIGNED_BY_ID"])
    user = portal.store.user(responsible) or {}
    person = " ".join(str(entity.get(key) or "") for key in ("NAME", "LAST_NAME")).strip()
    phones = ("WORK_PHONE", "PERSONAL_PHONE", "PERSONAL_MOBILE")
    return {
        "CRM_ENTITY_TYPE": kind,
        "CRM_ENTITY_ID": entity_id,
        "ASSIGNED_BY_ID": responsible,
        "NAME": person if kind == "CONTACT" else entity.get("TITLE") or person,
        "ASSIGNED_BY": {
            "ID": str(responsible),
            "TIMEMAN_STATUS": "CLOSED",
            "USER_PHONE_INNER": user.get("UF_PHONE_INNER") or None,
            **{key: user.get(key) or None for key in phones},
        },
    }
