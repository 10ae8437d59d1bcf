"""What nobody could do without: each view does what the one above does and one thing more, the plain way.

The verdict is measured against the last of them, in the same process, on the same database, in the same minute.
"""

from __future__ import annotations

import uuid
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callguard.models import Call
from crm_mirror.models import PhoneNumber


def empty(request: HttpRequest) -> HttpResponse:
    """A page of nothing."""
    return HttpResponse()


class Noop(APIView):
    """A DRF view that parses its body and answers."""

    authentication_classes: Any = []
    permission_classes: Any = []

    def post(self, request: Request) -> Response:
        self.work(request.data)
        return Response({"ok": True})

    def work(self, asked: Any) -> None:
        """Nothing."""


class Bearer(Noop):
    """… and checks a token's signature."""

    def work(self, asked: Any) -> None:
        token = self.request.headers["Authorization"].removeprefix("Bearer ")
        jwt.decode(token, settings.CARD_TOKEN_SECRET, algorithms=["HS256"], audience="callguard")


class LookUp(Bearer):
    """… and reads one row by its index."""

    def work(self, asked: Any) -> None:
        super().work(asked)
        PhoneNumber.objects.filter(e164=asked["phone"]).first()


class Insert(LookUp):
    """… and writes one row."""

    def work(self, asked: Any) -> None:
        super().work(asked)
        Call.objects.create(
            call_id=uuid.uuid4().hex,
            caller_id=1,
            rung_at=timezone.now(),
            direction=asked["direction"],
            number=asked["phone"],
            colour="none",
            reason="unknown_number",
            rules_version=1,
            verdict={},
        )
