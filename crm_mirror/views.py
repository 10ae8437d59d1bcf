"""What the portal calls: checked, stored, answered at once. The work is the worker's (sync.events).

docs: api-reference/events/index, safe-event-handlers: a slow handler is called less often, and no event comes twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from kombu import Connection, Producer
from rest_framework.exceptions import APIException, ParseError, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from crm_mirror import inbox
from crm_mirror.connection import application_tokens
from crm_mirror.portal.records import storable
from crm_mirror.portal.secret import Secret, SecretBytes, hidden
from crm_mirror.tasks import drain_inbox

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024  # the portal's longest event has some 2 KB
MOST_FIELDS = 500
NUDGED, NUDGE_EVERY = "crm_mirror.inbox.nudged", 0.5  # seconds: a burst of events makes few tasks
NUDGE_LASTS = 60  # seconds: those that nobody heard in time do not pile up
BROKER_AWAY = 30.0  # seconds in which no request waits for a broker that was not there
BROKER_PATIENCE = 1  # seconds


class TooLarge(APIException):
    status_code = 413
    default_code = "too-large"
    default_detail = _("No event of the portal is as large as this.")


class PortalEvents(APIView):
    """POST /bitrix/events/: 200 after one INSERT, 403 without the right application token, 400 or 413 for garbage."""

    http_method_names = ["post"]
    authentication_classes = permission_classes = throttle_classes = ()  # the application token is all there is
    schema = None  # not for people's scripts

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # whatever the portal says it accepts

    def post(self, request: Request) -> HttpResponse:
        told = told_by(request)
        if not is_from_the_portal(told):
            raise PermissionDenied
        inbox.store(told, at=timezone.now())
        nudge_the_worker()
        return HttpResponse()


def told_by(request: Request) -> dict[str, Any]:
    """The body as a tree. Raises ParseError (400) or TooLarge (413)."""
    try:
        body = SecretBytes(request.read(MOST_BYTES + 1))
    except UnreadablePostError as error:
        raise ParseError from error
    if len(body) > MOST_BYTES:
        raise TooLarge
    try:
        if request.content_type.partition(";")[0].strip() == "application/json":
            parsed = json.loads(body)
        else:
            text = Secret(body.decode(errors="replace"))
            parsed = tree_of(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except (ValueError, RecursionError):
        raise ParseError from None  # the cause quotes what it could not read
    if not isinstance(parsed, dict):
        raise ParseError
    return parsed | {"auth": hidden(parsed.get("auth"))}


def tree_of(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`data[FIELDS][ID]`, `5` → {"data": {"FIELDS": {"ID": "5"}}}, as PHP reads a form (docs: data-encoding)."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        node = tree
        for piece in path:
            if not isinstance(node.get(piece), dict):
                node[piece] = {}
            node = node[piece]
        node[last] = value
    return tree


def is_from_the_portal(told: dict[str, Any]) -> bool:
    auth = told.get("auth")
    given = auth.get("application_token") if isinstance(auth, dict) else None
    if not isinstance(given, str) or not given:
        return False
    return any([constant_time_compare(storable(given), token) for token in application_tokens()])  # noqa: C419 - all


def nudge_the_worker() -> None:
    """Let a worker look into the inbox now. The beat comes round anyway, so a broken broker is no reason to fail."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return
    try:
        if cache.add(NUDGED, True, NUDGE_EVERY):
            _send_nudge()
    except Exception as error:  # noqa: BLE001 - each driver raises its own
        cache.set(NUDGED, True, BROKER_AWAY)
        logger.warning("event stored, worker not told (%s): the beat comes round", type(error).__name__)


def _send_nudge() -> None:
    options = {"socket_connect_timeout": BROKER_PATIENCE, "socket_timeout": BROKER_PATIENCE}  # Redis; others pass over
    url = settings.CELERY_BROKER_URL
    with Connection(url, connect_timeout=BROKER_PATIENCE, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_PATIENCE)
        drain_inbox.apply_async(producer=Producer(broker), retry=False, countdown=NUDGE_EVERY, expires=NUDGE_LASTS)
