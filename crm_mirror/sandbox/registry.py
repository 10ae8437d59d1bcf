"""What a method of the simulated portal is: a function of the call and the portal, registered under its REST name.

Shapes shared by the protocol half (server, batch, limits, faults, oauth, events) and the data half (store, queries,
CRM methods). Nothing of the product is imported here, so a misreading of the docs cannot be shared with the client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal


@dataclass(frozen=True)
class Call:
    """One method call as the portal sees it: after authentication, before execution (a batch makes up to 50)."""

    method: str  # lower case, without ".json"
    params: dict[str, Any]  # decoded: PHP brackets are already nested dicts and lists; values as they were sent
    user_id: int
    is_admin: bool
    now: datetime  # aware, in the portal's zone
    scopes: frozenset[str] = frozenset({"crm", "user", "department", "telephony", "placement", "im"})
    app_id: str | None = None  # client ID of the application; None for a webhook

    def param(self, *names: str, default: Any = None) -> Any:
        """First parameter present under any of the names, tried as written, upper and lower case."""
        for name in names:
            for spelling in (name, name.upper(), name.lower()):
                if spelling in self.params:
                    return self.params[spelling]
        return default


@dataclass(frozen=True)
class Answer:
    """A method's result before the envelope. `total` and `next` only for lists; `next` is None on the last page."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass
class Refused(Exception):
    """An error answer. Classic CRM methods use code "" with HTTP 400; see rest.md §1 for the catalogue."""

    status: int
    code: str | int
    description: str
    extra: dict[str, Any] = field(default_factory=dict)  # further keys of the error body, where a sample shows some


@dataclass(frozen=True)
class Method:
    name: str
    run: Callable[[Call, Portal], Answer]
    scope: str | None  # None: needs no scope
    admin: bool  # only administrators
    application: bool  # only in application context (WRONG_AUTH_TYPE for a webhook)
    in_batch: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, *, scope: str | None = "crm", admin: bool = False, application: bool = False, in_batch: bool = True
) -> Callable[[Callable[[Call, Portal], Answer]], Callable[[Call, Portal], Answer]]:
    """Register a function as a REST method; names are matched in lower case."""

    def register(run: Callable[[Call, Portal], Answer]) -> Callable[[Call, Portal], Answer]:
        METHODS[name.lower()] = Method(name, run, scope, admin, application, in_batch)
        return run

    return register
