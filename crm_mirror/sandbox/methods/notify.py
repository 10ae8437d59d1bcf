"""Notifications to employees. Docs: api-reference/chats/notifications. Kept in portal.memory["notifications"]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_mirror.sandbox.registry import Answer, Call, Refused, method

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

FIRST_ID = 12_345


@method("im.notify.personal.add", scope="im")
def personal_add(call: Call, portal: Portal) -> Answer:
    """From the token's user to an employee; the notification's ID."""
    return Answer(_notified(call, portal, "personal"))


@method("im.notify.system.add", scope="im")
def system_add(call: Call, portal: Portal) -> Answer:
    """From the portal to an employee; the notification's ID."""
    return Answer(_notified(call, portal, "system"))


def _notified(call: Call, portal: Portal, sender: str) -> int:
    user_id = str(call.param("USER_ID", default=""))
    message = str(call.param("MESSAGE", default="")).strip()
    if not user_id.isdigit() or int(user_id) <= 0:
        raise Refused(400, "USER_ID_EMPTY", "User ID can't be empty")
    if not message:
        raise Refused(400, "MESSAGE_EMPTY", "Message can't be empty")
    # a webhook's tag needs a client ID to be unique in; without one it is not kept
    context = call.app_id or str(call.param("CLIENT_ID", default=""))
    tag = str(call.param("TAG", default="")) if context else ""
    with portal.lock:
        kept = portal.memory.setdefault("notifications", [])
        number: int = portal.memory.get("notification_id", FIRST_ID - 1) + 1
        portal.memory["notification_id"] = number
        if tag:  # a tag is unique: the older notification with it goes away
            kept[:] = [item for item in kept if (item["context"], item["tag"]) != (context, tag)]
        kept.append(
            {
                "id": number,
                "user_id": int(user_id),
                "message": message,
                "tag": tag,
                "context": context,
                "sender": sender,
                "from": call.user_id,
            }
        )
    return number
