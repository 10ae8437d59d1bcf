"""Importing this module registers every method of the portal."""

from __future__ import annotations

from crm_mirror.sandbox.methods import (  # noqa: F401 - imported to register themselves
    crm_entities,
    departments,
    users,
)
