"""Places in the portal's pages where our own pages stand; made by provisioning where an application connects.

docs: api-reference/widgets/call-card, api-reference/widgets/page-background-worker
"""

from __future__ import annotations

from typing import Any

PAGES: dict[str, str] = {  # placement → name of its address
    "CALL_CARD": "bitrix_cloud:card",
    "PAGE_BACKGROUND_WORKER": "bitrix_cloud:worker",
}


def options_of(placement: str, *, error_page: str) -> dict[str, Any]:
    """`OPTIONS` of placement.bind: the worker needs a page of ours that is told when it cannot be loaded."""
    return {"errorHandlerUrl": error_page} if placement == "PAGE_BACKGROUND_WORKER" else {}
