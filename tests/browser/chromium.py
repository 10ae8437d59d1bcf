"""Which Chromium the tests and the bench run, and how."""

from __future__ import annotations

import os
import shutil

QUIET = ("gpu", "quic", "background-networking", "component-update", "sync")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
# The portal's page has no address of its own network: the browser would ask a person before it reaches this machine.
ARGUMENTS.append("--disable-features=LocalNetworkAccessChecks")


def program() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")
