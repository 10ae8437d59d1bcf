"""How a local application comes into the portal: an administrator opens it, or the portal calls it by itself.

docs: settings/app-installation/local-apps, settings/app-installation/installation-finish, settings/oauth/simple-way,
api-reference/common/events/on-app-install. Until it has said that it is installed, it gets no events.

GET /marketplace/app/?user_id=1 shows the application in a frame, as the portal's own page does;
POST /marketplace/app/finish stands for BX24.installFinish(), whose library talks to the vendor's portals only.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from crm_mirror.sandbox.access import ACCESS_LIFE_S
from crm_mirror.sandbox.events import Handler
from crm_mirror.sandbox.params import BadBody, decoded
from crm_mirror.sandbox.wire import HTML, Reply, Request

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PATH = "/marketplace/app"
EVENT = "ONAPPINSTALL"
TOLD = {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"}


def opening(portal: Portal, client_id: str, user_id: int) -> tuple[str, dict[str, str]]:
    """What the frame posts when this employee opens the application: address and form.

    To the address of the initial installation until that is finished, to the application's own page afterwards.
    """
    app, config = portal.config.apps[client_id], portal.config
    page = app.redirect if app.installed or not app.installer else app.installer
    query = {"DOMAIN": config.host, "PROTOCOL": int(config.https), "LANG": "ru", "APP_SID": secrets.token_hex(16)}
    issued = portal.tokens.issue(client_id, user_id)
    form = {
        "AUTH_ID": issued["access_token"],
        "AUTH_EXPIRES": str(ACCESS_LIFE_S),
        "REFRESH_ID": issued["refresh_token"],
        "SERVER_ENDPOINT": issued["server_endpoint"],
        "APPLICATION_TOKEN": config.application_token,
        "APPLICATION_SCOPE": issued["scope"],
        "member_id": config.member_id,
        "status": "L",
        "PLACEMENT": "DEFAULT",
    }
    return f"{page}{'&' if urlsplit(page).query else '?'}{urlencode(query)}", form


def call_back(portal: Portal, client_id: str, user_id: int) -> None:
    """An application without pages is added: the portal itself tells it its tokens, and takes it for installed."""
    portal.config.apps[client_id] = app = replace(portal.config.apps[client_id], installed=True)
    handler = Handler(0, EVENT, app.installer, client_id, user_id, token=portal.config.application_token)
    portal.events.post(handler, TOLD, user_id)


def finish(portal: Portal, client_id: str, user_id: int) -> None:
    """BX24.installFinish(): from now on the application is there for all, and hears of events; of this one first."""
    portal.config.apps[client_id] = replace(portal.config.apps[client_id], installed=True)
    portal.events.emit(EVENT, TOLD, user_id)


def reply(portal: Portal, request: Request) -> Reply:
    try:
        params = decoded(request.query, request.body, request.header("content-type"))
    except BadBody:
        return Reply(400, b"<h1>Bad request</h1>", HTML)
    client_id, user_id = next(iter(portal.config.apps), ""), str(params.get("user_id", "1"))
    if not client_id or not user_id.isdigit() or not portal.is_active(int(user_id)):
        return Reply(404, b"<h1>Not found</h1>", HTML)
    if request.path.rstrip("/") == f"{PATH}/finish" and request.verb == "POST":
        finish(portal, client_id, int(user_id))
        return Reply(303, b"", HTML, {"Location": f"{PATH}/?user_id={user_id}"})
    return Reply(200, _page(*opening(portal, client_id, int(user_id)), user_id), HTML)


def _page(address: str, form: dict[str, str], user_id: str) -> bytes:
    hidden = "".join(f'<input type=hidden name="{name}" value="{escape(value)}">' for name, value in form.items())
    return (
        '<!DOCTYPE html><html lang=ru><head><meta charset="utf-8"><title>Приложение</title></head><body>'
        f'<form id=open method=post target=app action="{escape(address)}">{hidden}</form>'
        f'<form method=post action="{PATH}/finish"><input type=hidden name=user_id value="{user_id}">'
        "<button>BX24.installFinish()</button></form>"
        '<iframe name=app style="width:100%;height:80vh"></iframe>'
        "<script>document.getElementById('open').submit()</script></body></html>"
    ).encode()
