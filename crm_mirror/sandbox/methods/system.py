"""The portal about itself: profile, rights, methods, time, features.

docs: api-reference/common/users, api-reference/common/system
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.access import DOCUMENTED_SCOPES
from crm_mirror.sandbox.envelope import stamp
from crm_mirror.sandbox.registry import METHODS, Answer, Call, Refused, method

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PROFILE = ("ID", "ADMIN", "NAME", "LAST_NAME", "PERSONAL_GENDER", "TIME_ZONE")
FEATURES = {"rest_offline_extended", "rest_auth_connector"}


@method("profile", scope=None)
def profile(call: Call, portal: Portal) -> Answer:
    """Basic facts on the token's user; needs no scope."""
    user = portal.store.user(call.user_id) or {}
    facts = {"PERSONAL_GENDER": "", "TIME_ZONE": "", **user, "ADMIN": call.is_admin}
    return Answer({key: facts[key] for key in PROFILE if key in facts})


@method("user.current", scope="user")
def user_current(call: Call, portal: Portal) -> Answer:
    """Docs: api-reference/user/user-current."""
    user = portal.store.user(call.user_id) or {}
    return Answer({key: value for key, value in user.items() if not key.startswith("IS_") or key == "IS_ONLINE"})


@method("user.admin", scope=None)
def user_admin(call: Call, portal: Portal) -> Answer:
    return Answer(call.is_admin)


@method("scope", scope=None)
def scope(call: Call, portal: Portal) -> Answer:
    """What the token may; with `full` everything there is."""
    return Answer(sorted(DOCUMENTED_SCOPES if _is_set(call.param("full")) else call.scopes))


@method("methods", scope=None)
def methods(call: Call, portal: Portal) -> Answer:
    """Names of the methods the token may call, of one scope if named, of all scopes with `full`."""
    wanted = call.param("scope")
    allowed = DOCUMENTED_SCOPES if _is_set(call.param("full")) else call.scopes
    if wanted is not None:
        allowed = allowed & {str(wanted)}
    names = [item.name for item in METHODS.values() if item.scope in allowed or (item.scope is None and not wanted)]
    return Answer(sorted(names))


@method("method.get", scope=None)
def method_get(call: Call, portal: Portal) -> Answer:
    found = METHODS.get(str(call.param("name", default="")).lower())
    is_available = bool(found and (found.scope is None or found.scope in call.scopes))
    return Answer({"isExisting": found is not None, "isAvailable": is_available})


@method("app.info", scope=None)
def app_info(call: Call, portal: Portal) -> Answer:
    """The application and the licence of the portal; a webhook is no application."""
    if call.app_id is None:
        raise Refused(400, "ACCESS_DENIED", "Access denied! Application context required")
    app = portal.config.apps[call.app_id]
    is_box = portal.config.edition == "box"
    return Answer(
        {
            "ID": list(portal.config.apps).index(call.app_id) + 1,
            "CODE": app.code or call.app_id,
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": app.installed,
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": "ru",
            "LICENSE": "ru_selfhosted" if is_box else "ru_pro100",
            "LICENSE_TYPE": "selfhosted" if is_box else "pro100",
            "LICENSE_FAMILY": "selfhosted" if is_box else "pro",
        }
    )


@method("server.time", scope=None)
def server_time(call: Call, portal: Portal) -> Answer:
    return Answer(stamp(call.now))


@method("feature.get", scope=None)
def feature_get(call: Call, portal: Portal) -> Answer:
    code: Any = call.param("CODE")
    if not code:
        raise Refused(400, "CODE_EMPTY", "CODE can't be empty")
    return Answer({"value": "Y" if code in FEATURES else "N"})


def _is_set(value: Any) -> bool:
    return str(value).lower() in {"1", "true", "y"}
