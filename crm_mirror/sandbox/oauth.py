"""Signing in: the portal's page where an employee agrees, and the authorization server that hands out tokens.

docs: settings/oauth/index, settings/oauth/auto-renewal, settings/oauth/error-codes
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from crm_mirror.sandbox.envelope import dumps
from crm_mirror.sandbox.params import BadBody, decoded
from crm_mirror.sandbox.wire import HTML, Reply, Request

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

DESCRIPTIONS = {
    "invalid_request": "Invalid request",
    "invalid_client": "Invalid client",
    "invalid_grant": "Invalid grant",
    "PAYMENT_REQUIRED": "Payment required",
}


def reply(portal: Portal, request: Request) -> Reply:
    try:
        params = decoded(request.query, request.body, request.header("content-type"))
    except BadBody:
        return _refusal("invalid_request")
    if request.path.rstrip("/") == "/oauth/authorize":
        return _authorize(portal, params)
    if request.path.rstrip("/") == "/oauth/token":
        return _token(portal, params)
    return Reply(404, b"<h1>Not found</h1>", HTML)


def _authorize(portal: Portal, params: dict[str, Any]) -> Reply:
    """The page to choose an employee; with `user_id` the way back to the application. Errors are shown, not sent."""
    client_id = str(params.get("client_id", ""))
    app = portal.config.apps.get(client_id)
    if app is None or not app.installed or not app.redirect:
        return Reply(400, _page("Приложение не найдено", "<p>Application not found</p>"), HTML)
    chosen = str(params.get("user_id", ""))
    if not chosen:
        return Reply(200, _page("Вход в приложение", _people(portal, params)), HTML)
    if not chosen.isdigit() or not portal.is_active(int(chosen)):
        return Reply(403, _page("Доступ запрещён", "<p>Access denied</p>"), HTML)
    back = {
        "code": portal.tokens.new_code(client_id, int(chosen)),
        "state": str(params.get("state", "")),
        "domain": portal.config.host,
        "member_id": portal.config.member_id,
        "scope": ",".join(sorted(app.scopes)),
        "server_domain": portal.config.host,
    }
    joint = "&" if urlsplit(app.redirect).query else "?"
    return Reply(302, b"", HTML, {"Location": f"{app.redirect}{joint}{urlencode(back)}"})


def _token(portal: Portal, params: dict[str, Any]) -> Reply:
    client_id = str(params.get("client_id", ""))
    grant = params.get("grant_type")
    app = portal.config.apps.get(client_id)
    if grant not in {"authorization_code", "refresh_token"} or not client_id:
        return _refusal("invalid_request")
    if app is None or not app.installed or params.get("client_secret") != app.secret:
        return _refusal("invalid_client", 401)
    if not portal.config.rest_available:
        return _refusal("PAYMENT_REQUIRED")
    if grant == "authorization_code":
        issued = portal.tokens.redeem_code(client_id, str(params.get("code", "")))
    else:
        issued = portal.tokens.redeem_refresh(client_id, str(params.get("refresh_token", "")))
    return Reply(200, dumps(issued)) if issued else _refusal("invalid_grant")


def _refusal(code: str, status: int = 400) -> Reply:
    return Reply(status, dumps({"error": code, "error_description": DESCRIPTIONS[code]}))


def _people(portal: Portal, params: dict[str, Any]) -> str:
    kept = {key: str(params[key]) for key in ("client_id", "state") if key in params}
    rows = []
    for user in portal.store.users():
        if user["ACTIVE"]:
            name = escape(f"{user.get('NAME') or ''} {user.get('LAST_NAME') or ''}")
            address = escape("/oauth/authorize/?" + urlencode(kept | {"user_id": user["ID"]}))
            rows.append(f'<li><a href="{address}">{name}</a></li>')
    return f"<p>Кто вы?</p><ul>{''.join(rows)}</ul>"


def _page(title: str, body: str) -> bytes:
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f"<!DOCTYPE html><html lang=ru><head>{head}</head><body><h1>{title}</h1>{body}</body></html>".encode()
