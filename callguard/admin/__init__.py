"""The admin's pages, one module per thing edited."""

from callguard.admin import (
    access_log,
    accounts,
    beat,
    calls,
    companies,
    disputes,
    excuses,
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
    "access_log",
    "accounts",
    "beat",
    "calls",
    "companies",
    "disputes",
    "excuses",
    "history",
    "mirror",
    "notices",
    "palettes",
    "rules",
    "site",
    "statuses",
    "substitutions",
]
