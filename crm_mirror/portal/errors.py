"""What can go wrong with a portal: one class for each cause, with its remedy. Messages never hold an address or token.

docs: _includes/system-errors, limits; rest.md §1. Proxies before a boxed portal add answers of their own.
"""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """Marks a remedy for translation; the doors translate it (crm_mirror.words), logs keep it as it is."""
    return text


class PortalError(Exception):
    """A call that gave no result. `code` is the portal's own, "" where it has none."""

    remedy = gettext_noop("Look at the portal's own log; repeat the command when the portal answers again.")
    retryable = False

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class PortalUnreachable(PortalError):
    """No connection, a connection that broke, no answer in time."""

    retryable = True
    remedy = gettext_noop(
        "Check that this server reaches the portal (address, DNS, firewall, proxy), then run the command again."
    )


class PortalSlow(PortalUnreachable):
    """No answer in time, or HTTP 504: the cloud cuts a request at 60 s (docs: limits). Ask for less at once."""

    remedy = gettext_noop(
        "The portal takes too long: run the command again when it is less busy; it goes on where it was."
    )


class PortalFaulty(PortalError):
    """HTTP 5xx, an HTML page, a cut-off answer: whatever stands before the portal's own words."""

    retryable = True
    remedy = gettext_noop(
        "Usually it passes: run the command again. If not, look at the portal's web server and PHP error log."
    )


class PortalBusy(PortalError):
    """HTTP 503 `QUERY_LIMIT_EXCEEDED`: the request allowance is spent (docs: limits)."""

    retryable = True
    remedy = gettext_noop(
        "It was retried for long: another program shares the allowance, or BITRIX_RATE_PER_SECOND is too high."
    )


class MethodExhausted(PortalError):
    """HTTP 429 `OPERATION_TIME_LIMIT`: this method's time budget is spent. `reset_in`: seconds."""

    retryable = True
    remedy = gettext_noop("The method is left alone until its budget is back; run the command again in ten minutes.")

    def __init__(self, message: str, *, code: str = "", status: int = 0, reset_in: float | None = None) -> None:
        super().__init__(message, code=code, status=status)
        self.reset_in = reset_in


class PortalOverloaded(PortalError):
    """HTTP 503 `OVERLOAD_LIMIT`: the vendor blocked the portal's REST by hand."""

    remedy = gettext_noop("Ask the vendor's support why REST is blocked for this portal.")


class PortalClosed(PortalError):
    """`PORTAL_DELETED`: deleted in the cloud; on a boxed portal the public part is closed by a setting."""

    remedy = gettext_noop("Open the portal to visitors again (main module's settings), or connect another portal.")


class WrongToken(PortalError):
    """HTTP 401: the webhook was deleted, mistyped, or its owner was dismissed (rest.md trap 13)."""

    remedy = gettext_noop(
        "Create an incoming webhook as an administrator and put its address into BITRIX_WEBHOOK_URL; "
        "a local application: open it in the portal as an administrator, that connects it again."
    )


class TokenExpired(PortalError):
    """HTTP 401 `expired_token`: the access token ran out; it is refreshed once and the call repeated."""

    remedy = gettext_noop(
        "Compare the clocks of the portal and of this server; then open the application in the portal again."
    )


class ApplicationLost(PortalError):
    """The authorization server renews the application's tokens no more: removed, or silent for 180 days.

    docs: settings/oauth/error-codes (`invalid_grant`, `invalid_client`)
    """

    remedy = gettext_noop(
        "Open the application in the portal as an administrator: that connects it again. Where it is gone, add a new "
        "one; BITRIX_APP_ID and BITRIX_APP_SECRET must be those on its page."
    )


class NotAllowed(PortalError):
    """HTTP 403: a missing scope, lost rights, or a plan without REST (rest.md traps 13, 14)."""

    remedy = gettext_noop(
        "Give the webhook or application the rights crm, user, department and telephony, let it act for an active "
        "administrator, and check that the portal's plan includes REST."
    )


class HttpsNeeded(PortalError):
    """`INVALID_REQUEST`: the portal takes https only."""

    remedy = gettext_noop("Write BITRIX_WEBHOOK_URL or BITRIX_PORTAL_URL with https://.")


class MethodMissing(PortalError):
    """`ERROR_METHOD_NOT_FOUND`: a module is missing, or the portal is older than the method."""

    remedy = gettext_noop("Update the portal or install the module that the method belongs to.")


class CallRefused(PortalError):
    """HTTP 400, often with an empty code and only a text: "Not found", "Access denied" (docs: crm-company-get)."""

    remedy = gettext_noop("The portal's words say what it did not like about this call.")


class Misused(PortalError):
    """The call itself is wrong (a batch in a batch, too many commands): a bug of ours."""

    remedy = gettext_noop("Please report this as a bug, with the version of Call Guard.")


class PortalMoved(PortalError):
    """A redirect that must not be followed: to plain http, or round in a circle."""

    remedy = gettext_noop("Open the portal in a browser and put the address it really has into .env.")


BY_CODE: dict[str, type[PortalError]] = {
    "QUERY_LIMIT_EXCEEDED": PortalBusy,
    "OPERATION_TIME_LIMIT": MethodExhausted,
    "OVERLOAD_LIMIT": PortalOverloaded,
    "INTERNAL_SERVER_ERROR": PortalFaulty,
    "ERROR_UNEXPECTED_ANSWER": PortalFaulty,
    "PORTAL_DELETED": PortalClosed,
    "NO_AUTH_FOUND": WrongToken,
    "EXPIRED_TOKEN": TokenExpired,
    "INSUFFICIENT_SCOPE": NotAllowed,
    "INVALID_CREDENTIALS": NotAllowed,
    "USER_ACCESS_ERROR": NotAllowed,
    "ACCESS_DENIED": NotAllowed,
    "WRONG_AUTH_TYPE": NotAllowed,
    "INVALID_REQUEST": HttpsNeeded,
    "ERROR_BATCH_METHOD_NOT_ALLOWED": Misused,
    "ERROR_BATCH_LENGTH_EXCEEDED": Misused,
    "ERROR_METHOD_NOT_FOUND": MethodMissing,
}

HALTING = (PortalOverloaded, PortalClosed, WrongToken, NotAllowed)  # rest.md §1: stop, alert
NEEDS_NO_SCOPE = frozenset({"batch", "profile"})


def halts_everything(error: PortalError, method: str) -> bool:
    """Whether a request that failed so shows that all others will. A 403 may be for one method's scope alone."""
    return isinstance(error, HALTING) and (not isinstance(error, NotAllowed) or method.lower() in NEEDS_NO_SCOPE)


def passes(error: PortalError) -> bool:
    """Whether the same call may succeed later: it passes by itself, or it stops every call alike until mended."""
    lost = (PortalOverloaded, PortalClosed, WrongToken, TokenExpired, ApplicationLost, HttpsNeeded, PortalMoved)
    return error.retryable or isinstance(error, lost)


def as_noted(error: PortalError) -> str:
    """Class and words, for `same_again`."""
    return f"{type(error).__name__}: {error}"


def same_again(noted: str, *, seconds: float) -> PortalError:
    """The error of the request that found everything halted, said again without asking the portal."""
    name, _, words = noted.partition(": ")
    kind = next((kind for kind in HALTING if kind.__name__ == name), PortalError)
    return kind(f"{words} (asked again in {seconds:.0f} s; `manage.py doctor` asks at once)")


def error_class(code: str, status: int) -> type[PortalError]:
    """By the portal's code, else by the HTTP status. Status 0: an error of one command in a batch."""
    known = BY_CODE.get(code.upper())
    if known:
        return known
    if status == 401:
        return WrongToken
    if status == 403:
        return NotAllowed
    if status == 429:
        return MethodExhausted
    if status == 504:
        return PortalSlow
    return PortalFaulty if status >= 500 else CallRefused


def says_not_found(error: object) -> bool:
    """Whether the row is gone by the portal's word: "Access denied" bears the same empty code, so the text decides.

    docs: api-reference/crm/companies/crm-company-get
    """
    return isinstance(error, CallRefused) and "not found" in str(error).casefold()
