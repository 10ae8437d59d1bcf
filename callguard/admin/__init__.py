"""The admin's pages, one module per thing edited."""

from callguard.admin import (
    accounts,
    beat,
    calls,
    companies,
    disputes,
    history,
    mirror,
    notices,
    palettes,
    rules,
    site,
    statuses,
    substitutions,
)

__all__ = [
    "accounts",
    "beat",
    "calls",
    "companies",
    "disputes",
    "history",
    "mirror",
    "notices",
    "palettes",
    "rules",
    "site",
    "statuses",
    "substitutions",
]
