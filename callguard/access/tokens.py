"""Card tokens: the portal says, signed, which employee sits before the card (contract.md, "HTTP API")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.utils.translation import gettext as _

ALGORITHM = "HS256"
AUDIENCE = "callguard"
HOUR = timedelta(hours=1)
CLOCK_LEEWAY = timedelta(minutes=1)  # how far ahead the portal's clock may be when it signs for the longest time
PORTAL_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)  # fits the database's 64 bits
# Times are judged by us, against the clock we are handed; `iat` says nothing that `exp` does not.
CHECKS: Any = {"require": ["sub", "aud", "exp"], "verify_exp": False, "verify_iat": False}


class BadToken(Exception):
    """A card token that proves nothing; the text says why, for whoever sets the portal up."""


@dataclass(frozen=True)
class CardToken:
    """Whom a valid token speaks for. `is_portal_admin` is None when the portal did not say."""

    portal_id: int
    is_portal_admin: bool | None = None


def read(token: str, *, secret: str, max_age: timedelta, at: datetime) -> CardToken:
    """What the token claims, once it is proven. Raises BadToken."""
    claims = proven_claims(token, secret)
    check_time(claims["exp"], max_age=max_age, at=at)
    subject, admin = claims["sub"], claims.get("adm")
    if not PORTAL_ID.fullmatch(subject):
        raise BadToken(_("The token's sub is not a portal user ID."))
    if not isinstance(admin, bool | None):
        raise BadToken(_("The token's adm is neither true nor false."))
    return CardToken(int(subject), admin)


def proven_claims(token: str, secret: str) -> dict[str, Any]:
    """The claims of a token with our signature and for us. An `alg` other than ours is refused by PyJWT.

    What PyJWT raised is not passed on: its frames hold the secret.
    """
    if not secret:
        raise BadToken(_("This server accepts no card tokens: CARD_TOKEN_SECRET is not set."))
    try:
        return jwt.decode(token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, options=CHECKS)
    except jwt.InvalidAudienceError:
        raise BadToken(_("The token is meant for somebody else: its aud is not callguard.")) from None
    except jwt.MissingRequiredClaimError as error:
        raise BadToken(_("The token lacks %(claim)s.") % {"claim": error.claim}) from None
    except jwt.exceptions.InvalidSubjectError:
        raise BadToken(_("The token's sub is not a portal user ID.")) from None
    except (jwt.InvalidTokenError, ValueError, OverflowError, TypeError):
        raise BadToken(_("The token is not signed with this server's CARD_TOKEN_SECRET, or is damaged.")) from None


def check_time(expires: object, *, max_age: timedelta, at: datetime) -> None:
    """Refuse a token that has run out, or that would be good for longer than a leaked one may be."""
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise BadToken(_("The token's exp is not a number of seconds."))
    left = expires - at.timestamp()
    if not left > 0:  # so that NaN is refused as well
        raise BadToken(_("The token has run out."))
    if left > (max_age + CLOCK_LEEWAY).total_seconds():
        raise BadToken(_("The token is good for too long: at most %(hours)d hours.") % {"hours": max_age // HOUR})


def issued(token: CardToken, *, secret: str, ttl: timedelta, at: datetime) -> str:
    """A signed token for this employee, good for `ttl` from `at` on."""
    claims: dict[str, Any] = {"sub": str(token.portal_id), "aud": AUDIENCE, "exp": int((at + ttl).timestamp())}
    if token.is_portal_admin is not None:
        claims["adm"] = token.is_portal_admin
    return jwt.encode(claims, secret, algorithm=ALGORITHM)
