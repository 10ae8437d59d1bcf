"""Places in the portal's pages where an application shows itself. Docs: api-reference/widgets.

Errors of placement.bind come with HTTP 200, says its page (rest.md §10, trap 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PLACEMENTS = {
    "CALL_CARD": "telephony",
    "PAGE_BACKGROUND_WORKER": "placement",
    "REST_APP_URI": "placement",
    "LEFT_MENU": "placement",
    "TELEPHONY_ANALYTICS_MENU": "telephony",
    "IM_CONTEXT_MENU": "im",
    "USER_PROFILE_MENU": "user",
    "CRM_ANALYTICS_MENU": "crm",
}
for _kind in ("LEAD", "DEAL", "CONTACT", "COMPANY"):
    for _place in ("LIST_MENU", "LIST_TOOLBAR", "DETAIL_TAB", "DETAIL_TOOLBAR", "DETAIL_ACTIVITY"):
        PLACEMENTS[f"CRM_{_kind}_{_place}"] = "crm"
SINGLE = {"PAGE_BACKGROUND_WORKER", "REST_APP_URI"}  # one handler of an application, no more


@method("placement.bind", scope=None)
def bind(call: Call, portal: Portal) -> Answer:
    _check_application(call)
    placement = _checked_placement(call)
    handler = str(call.param("HANDLER", default=""))
    if not handler:
        raise _missing("HANDLER", 200)
    options = call.param("OPTIONS", default={}) or {}
    user_id = to_int(call.param("USER_ID", default=0))
    if user_id and placement != "PAGE_BACKGROUND_WORKER":
        raise Refused(200, "ERROR_PLACEMENT_USER_MODE", "User mode is not available")
    if placement == "PAGE_BACKGROUND_WORKER" and not (isinstance(options, dict) and options.get("errorHandlerUrl")):
        raise Refused(200, "EMPTY_ERROR_HANDLER_URL", "Option errorHandlerUrl is empty")
    with portal.lock:
        bound = _bound(portal, call)
        _check_free(bound, placement, handler)
        bound.append(
            {
                "placement": placement,
                "userId": user_id,
                "handler": handler,
                "options": options,
                "title": str(call.param("TITLE", default="")),
                "description": str(call.param("DESCRIPTION", default="")),
                "langAll": _languages(call),
            }
        )
    return Answer(True)


@method("placement.unbind", scope=None)
def unbind(call: Call, portal: Portal) -> Answer:
    """Of one handler, or all of the placement; how many went."""
    _check_application(call)
    placement = str(call.param("PLACEMENT", default="")).upper()
    if not placement:
        raise _missing("PLACEMENT", 400)
    handler, user_id = call.param("HANDLER"), call.param("USER_ID")
    with portal.lock:
        bound = _bound(portal, call)
        gone = [
            item
            for item in bound
            if item["placement"] == placement
            and handler in (None, "", item["handler"])
            and str(user_id or item["userId"]) == str(item["userId"])
        ]
        bound[:] = [item for item in bound if item not in gone]
    return Answer({"count": len(gone)})


@method("placement.get", scope=None)
def get(call: Call, portal: Portal) -> Answer:
    _check_application(call, admin=False)
    return Answer([dict(item) for item in _bound(portal, call)])


@method("placement.list", scope=None)
def placement_list(call: Call, portal: Portal) -> Answer:
    _check_application(call, admin=False)
    scope = call.param("SCOPE")
    is_full = str(call.param("FULL", default="")).lower() in {"1", "true", "y"}
    allowed = {str(scope)} if scope else set(PLACEMENTS.values()) if is_full else set(call.scopes)
    return Answer([name for name, needs in PLACEMENTS.items() if needs in allowed])


def _check_application(call: Call, *, admin: bool = True) -> None:
    if call.app_id is None:
        text = "Current authorization type is denied for this method Application context required"
        raise Refused(403, "WRONG_AUTH_TYPE", text)
    if admin and not call.is_admin:
        raise Refused(403, "ACCESS_DENIED", "Access denied!")


def _checked_placement(call: Call) -> str:
    placement = str(call.param("PLACEMENT", default="")).upper()
    if not placement:
        raise _missing("PLACEMENT", 200)
    if PLACEMENTS.get(placement) not in call.scopes:
        raise Refused(400, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    return placement


def _check_free(bound: list[dict[str, Any]], placement: str, handler: str) -> None:
    mine = [item for item in bound if item["placement"] == placement]
    if mine and placement in SINGLE:
        raise Refused(200, "ERROR_PLACEMENT_MAX_COUNT", "Placement max count")
    if any(item["handler"] == handler for item in mine):
        raise Refused(400, "ERROR_CORE", "Unable to set placement handler: Handler already binded")


def _languages(call: Call) -> Any:
    given = call.param("LANG_ALL") or {}
    if given:
        return given
    title = str(call.param("TITLE", default=""))
    return {"ru": {"TITLE": title, "DESCRIPTION": str(call.param("DESCRIPTION", default="")), "GROUP_NAME": ""}}


def _bound(portal: Portal, call: Call) -> list[dict[str, Any]]:
    bound: list[dict[str, Any]] = portal.memory.setdefault("placements", {}).setdefault(call.app_id, [])
    return bound


def _missing(argument: str, status: int) -> Refused:
    return Refused(status, "ERROR_ARGUMENT", f"Argument '{argument}' is null or empty", {"argument": argument})
