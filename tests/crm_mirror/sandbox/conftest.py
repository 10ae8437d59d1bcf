"""A small portal of its own for each test of the sandbox: one administrator, one salesman, one application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import SandboxServer, running

CLIENT_ID = "local.test.1"
SECRET = "application-secret"
ADMIN, SALESMAN = 1, 2

Ask = Callable[..., requests.Response]


def salesman(**facts: Any) -> dict[str, Any]:
    return {"ID": str(SALESMAN), "ACTIVE": True, "NAME": "Иван", "LAST_NAME": "Продажин", "IS_ADMIN": False} | facts


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    apps = {CLIENT_ID: App(secret=SECRET, redirect="https://callguard.example/oauth/?a=1")}
    with running("empty", limits_on=False, apps=apps) as server:
        server.portal.store.put_user(salesman())
        yield server


@pytest.fixture
def ask(server: SandboxServer) -> Iterator[Ask]:
    """ask("profile", {…}) by the administrator's webhook; `token=` as an application, `json=False` as a form."""
    with requests.Session() as session:

        def call(method: str, params: Any = None, *, token: str = "", webhook: str = "", **how: Any) -> Any:
            address = f"{server.url}/rest/{method}" if token else (webhook or server.webhook) + method
            params = (params or {}) | ({"auth": token} if token else {})
            return session.post(address, json=params, timeout=10, allow_redirects=False, **how)

        yield call


@pytest.fixture
def app_token(server: SandboxServer) -> str:
    """Access token of the application, as the administrator."""
    return str(server.portal.issue_tokens(CLIENT_ID, ADMIN)["access_token"])


@pytest.fixture
def salesman_hook(server: SandboxServer) -> str:
    return server.webhook_of(SALESMAN)
