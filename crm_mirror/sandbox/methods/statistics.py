"""Calls that ended. Docs: api-reference/telephony/voximplant/voximplant-statistic-get."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.filters_in_memory import matches, sorted_rows
from crm_mirror.sandbox.query import page_in_memory
from crm_mirror.sandbox.registry import Answer, Call, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

MOMENT = "CALL_START_DATE"


@method("voximplant.statistic.get", scope="telephony", admin=True)
def statistic_get(call: Call, portal: Portal) -> Answer:
    """Rows of all calls for who may view the statistics: in this portal, administrators."""
    wanted = call.param("FILTER") or {}
    conditions = {key: _comparable(key, value) for key, value in wanted.items()} if isinstance(wanted, dict) else {}
    rows = portal.memory.get("statistics", [])
    chosen = [row for row in rows if matches(row | {MOMENT: _instant(row[MOMENT])}, conditions)]
    if call.param("SORT"):
        chosen = sorted_rows(chosen, str(call.param("SORT")).upper(), str(call.param("ORDER", default="ASC")))
    page, total, following = page_in_memory(chosen, to_int(call.param("start", default=0)))
    return Answer(page, total, following)


def _comparable(key: str, value: Any) -> Any:
    """Moments are compared as instants, whatever offset they were written with."""
    return _instant(str(value)) if key.upper().endswith(MOMENT) else value


def _instant(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except ValueError:
        return text
