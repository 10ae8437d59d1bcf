"""A call that ended, in its three shapes: row of the statistics, answer of `finish`, facts of ONVOXIMPLANTCALLEND."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.envelope import PhpObject
from crm_mirror.sandbox.registry import Call
from crm_mirror.sandbox.values import to_int, to_real

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

SAME_IN_FINISH = [
    *("CALL_ID", "EXTERNAL_CALL_ID", "PHONE_NUMBER", "PORTAL_NUMBER", "COST_CURRENCY", "CALL_FAILED_CODE"),
    *("CALL_FAILED_REASON", "REST_APP_ID", "REST_APP_NAME", "COMMENT", "CRM_ENTITY_TYPE"),
]
SAME_IN_EVENT = [
    *("CALL_ID", "CALL_TYPE", "PHONE_NUMBER", "PORTAL_NUMBER", "PORTAL_USER_ID", "CALL_DURATION"),
    *("CALL_START_DATE", "COST_CURRENCY", "CALL_FAILED_CODE", "CALL_FAILED_REASON", "CRM_ACTIVITY_ID"),
]


def app_number(call: Call, portal: Portal) -> str:
    return str(list(portal.config.apps).index(call.app_id or "") + 1)


def statistic_of(call: Call, portal: Portal, known: dict[str, Any], user_id: int, number: int) -> dict[str, Any]:
    """A row as voximplant.statistic.get shows it."""
    duration = to_int(call.param("DURATION", default=0))
    app = portal.config.apps[call.app_id or ""]
    client = known["answer"]
    return {
        "ID": str(number),
        "PORTAL_USER_ID": str(user_id),
        "PORTAL_NUMBER": str(known["line"] or "REST_APP:"),
        "PHONE_NUMBER": known["number"],
        "CALL_ID": client["CALL_ID"],
        "EXTERNAL_CALL_ID": known["outer_id"],
        "CALL_CATEGORY": "external",
        "CALL_LOG": None,
        "CALL_DURATION": str(duration),
        "CALL_START_DATE": known["started"],
        "CALL_RECORD_URL": call.param("RECORD_URL"),
        "CALL_VOTE": str(to_int(call.param("VOTE", default=0))) if call.param("VOTE") else None,
        "COST": f"{to_real(call.param('COST', default=0)):.4f}",
        "COST_CURRENCY": str(call.param("COST_CURRENCY", default="")),
        "CALL_FAILED_CODE": str(call.param("STATUS_CODE") or ("200" if duration else "304")),
        "CALL_FAILED_REASON": str(call.param("FAILED_REASON", default="")),
        "CRM_ENTITY_TYPE": client["CRM_ENTITY_TYPE"],
        "CRM_ENTITY_ID": str(client["CRM_ENTITY_ID"]) if client["CRM_ENTITY_ID"] else None,
        "CRM_ACTIVITY_ID": str(7000 + number),
        "REST_APP_ID": app_number(call, portal),
        "REST_APP_NAME": app.title,
        "TRANSCRIPT_ID": None,
        "TRANSCRIPT_PENDING": "N",
        "SESSION_ID": None,
        "REDIAL_ATTEMPT": None,
        "COMMENT": None,
        "RECORD_DURATION": None,
        "RECORD_FILE_ID": None,
        "CALL_TYPE": known["kind"],
    }


def finish_facts(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of `finish`: the row again, with other types."""
    return {key: row[key] for key in SAME_IN_FINISH} | {
        "PORTAL_USER_ID": int(row["PORTAL_USER_ID"]),
        "INCOMING": row["CALL_TYPE"],
        "CALL_DURATION": int(row["CALL_DURATION"]),
        "CALL_START_DATE": PhpObject(),
        "CALL_STATUS": int(row["CALL_FAILED_CODE"] == "200"),
        "CALL_VOTE": int(row["CALL_VOTE"]) if row["CALL_VOTE"] else None,
        "COST": float(row["COST"]),
        "CRM_ACTIVITY_ID": int(row["CRM_ACTIVITY_ID"]),
        "CRM_ENTITY_ID": int(row["CRM_ENTITY_ID"]) if row["CRM_ENTITY_ID"] else None,
        "ID": int(row["ID"]),
    }


def end_facts(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in SAME_IN_EVENT} | {"COST": row["COST"].rstrip("0").rstrip(".") or "0"}
