"""Which grounds excuse, by the switches. For the court and for the figures."""

from __future__ import annotations

from callguard.models import ExcuseRule, Ground


def grounds_in_force() -> frozenset[str]:
    """Those that excuse; a decision always does. One query."""
    enabled = ExcuseRule.objects.filter(enabled=True).values_list("ground", flat=True)
    return frozenset({*enabled, str(Ground.DECISION)})
