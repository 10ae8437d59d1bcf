"""The card's questions: parse, call, answer. What an answer looks like stands in `shapes`, for OpenAPI."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from callguard import calls, disputes
from callguard.access.policies import may_change_status, may_see_clients_of
from callguard.answer import veiled, verdict_for
from callguard.api import metrics, shapes
from callguard.api.auth import IsCaller, acting, caller_of
from callguard.api.parsers import unpacked
from callguard.api.problems import CallOfAnother, NoSuchCall, NoSuchCompany
from callguard.api.serializers import (
    DisputeSerializer,
    EndSerializer,
    LookUpSerializer,
    ResponsiblesSerializer,
    RingSerializer,
    StatusSerializer,
    is_call_id,
)
from callguard.api.shapes import problems
from callguard.models import Dispute, Origin
from callguard.status.change import NoSuchStatus, set_status
from callguard.status.permission import is_welcome
from callguard.status.standing import Standing, State, names_of_statuses, standing_of
from crm_mirror.models import Company

LANGUAGE = OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER, description="ru (default) or en")
ALWAYS = (401, 403, 405, 429, 500, 503)


class JSONOnly(BaseContentNegotiation):
    """Bodies by their media type; answers are JSON whatever Accept says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        media_type = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """What every address of the API has in common; who may ask and how often stands in settings."""

    content_negotiation_class = JSONOnly
    metadata_class = None

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            request._stream = unpacked(request.META)


def checked(serializer: type[Serializer[Any]], data: Any) -> Any:
    """The data as the serializer wants it. Raises ValidationError (400)."""
    return shared(serializer).run_validation(data)


@cache
def shared(serializer: type[Serializer[Any]]) -> Serializer[Any]:
    """One for all requests: validation keeps nothing in it, and making one costs a tenth of an answer."""
    return serializer()


class Calls(ApiView):
    permission_classes = (IsCaller,)  # the verdict's one statement finds out whether he works here

    @extend_schema(
        operation_id="record_call",
        summary="A call rings: its verdict, recorded",
        description="201 with a new verdict; 200 with the stored one when the same caller repeats the call.",
        parameters=[LANGUAGE],
        request=RingSerializer,
        responses={201: shapes.Call, 200: shapes.Call, **problems(400, 409, 411, 413, 415, *ALWAYS)},
    )
    def post(self, request: Request) -> Response:
        ring = calls.Ring(**checked(RingSerializer, request.data))
        try:
            with metrics.verdict_seconds.labels("call").time():
                call, is_new = calls.record_call(
                    ring, caller_id=caller_of(request).portal_id, at=timezone.now(), language=language()
                )
        except calls.CallBelongsToAnother as error:
            raise CallOfAnother from error
        if is_new:
            metrics.calls.labels(call.colour).inc()
        return Response(
            {"call_id": call.call_id, **veiled(call.verdict, shown=call.shown)}, status=201 if is_new else 200
        )


class Verdict(ApiView):
    permission_classes = (IsCaller,)  # as above

    @extend_schema(
        operation_id="verdict",
        summary="A verdict without a call",
        description="Nothing is stored.",
        parameters=[LookUpSerializer, LANGUAGE],
        responses={200: shapes.Verdict, **problems(400, *ALWAYS)},
    )
    def get(self, request: Request) -> Response:
        asked = checked(LookUpSerializer, request.query_params.dict())
        with metrics.verdict_seconds.labels("look-up").time():
            verdict = verdict_for(
                asked["phone"],
                caller_id=caller_of(request).portal_id,
                direction=asked["direction"],
                at=timezone.now(),
                language=language(),
            )
        return Response(verdict.for_card())


class CallEnd(ApiView):
    @extend_schema(
        operation_id="end_call",
        summary="The call is over",
        description="Own calls only. Saying it again changes nothing.",
        request=EndSerializer,
        responses={204: None, **problems(400, 404, 411, 413, 415, *ALWAYS)},
    )
    def post(self, request: Request, call_id: str) -> Response:
        asked = checked(EndSerializer, request.data)
        if not is_call_id(call_id):
            raise NoSuchCall
        try:
            calls.end_call(
                call_id,
                caller_id=caller_of(request).portal_id,
                answered=asked["answered"],
                duration=asked["duration_s"],
                at=timezone.now(),
            )
        except calls.CallNotFound as error:
            raise NoSuchCall from error
        return Response(status=204)


class CallDispute(ApiView):
    @extend_schema(
        operation_id="dispute_call",
        summary="“This is my client”",
        description="Own calls only. The caller's managers are told and decide. The same words again change nothing.",
        request=DisputeSerializer,
        responses={201: shapes.NotedDispute, **problems(400, 404, 411, 413, 415, *ALWAYS)},
    )
    def post(self, request: Request, call_id: str) -> Response:
        asked = checked(DisputeSerializer, request.data)
        if not is_call_id(call_id):
            raise NoSuchCall
        try:
            caller_id = caller_of(request).portal_id
            said = disputes.dispute(call_id, caller_id=caller_id, at=timezone.now(), **asked)
        except calls.CallNotFound as error:
            raise NoSuchCall from error
        return Response(dispute_answer(said), status=201)


def dispute_answer(said: Dispute) -> dict[str, Any]:
    """shapes.NotedDispute"""
    facts = {name: getattr(said, name) for name in ("comment", "reason", "at", "state", "due_at")}
    return {"call_id": said.call.call_id, **facts, "told": said.told}


class CompanyStatus(ApiView):
    @extend_schema(
        operation_id="company_status",
        summary="How the status of a company stands",
        description="For whoever may see the company: its responsible, his manager, administrators.",
        parameters=[LANGUAGE],
        responses={200: shapes.CompanyStatus, **problems(404, *ALWAYS)},
    )
    def get(self, request: Request, company_id: int) -> Response:
        company, actor = company_of(company_id), acting(request)
        if company is None or not may_see_clients_of(actor, company.responsible_id):
            raise NoSuchCompany
        return Response(status_answer(standing_of(company)))

    @extend_schema(
        operation_id="set_company_status",
        summary="Set the status of a company",
        description=(
            "For the responsible's manager and administrators. It goes out to the portal within seconds; GET tells "
            "what became of it."
        ),
        parameters=[LANGUAGE],
        request=StatusSerializer,
        responses={200: shapes.CompanyStatus, **problems(400, 404, 411, 413, 415, *ALWAYS)},
    )
    def patch(self, request: Request, company_id: int) -> Response:
        asked, actor = checked(StatusSerializer, request.data), acting(request)
        company = company_of(company_id)
        if company is None or not may_change_status(actor, company.responsible_id):
            raise PermissionDenied if company or not actor.is_administrator else NoSuchCompany
        try:
            set_status(company, asked["status"], by=actor, origin=Origin.API, at=timezone.now())
        except NoSuchStatus as error:
            raise ValidationError({"status": [str(error)]}) from error
        return Response(status_answer(standing_of(company)))


class CompanyStatusPermission(ApiView):
    """Asked by the package for boxed portals (callguard/bitrix_box) while somebody saves a company."""

    @extend_schema(
        operation_id="ask_company_status",
        summary="May I change this company's status in the portal?",
        description="204: the change would stay. 403 `permission-denied`: it would be put back. Nothing is stored, and "
        "no company is told of: one that is not known here is answered for by the responsibles named in the question.",
        parameters=[ResponsiblesSerializer],
        responses={204: None, **problems(400, *ALWAYS)},
    )
    def get(self, request: Request, company_id: int) -> Response:
        asked = checked(ResponsiblesSerializer, request.query_params)
        if not is_welcome(acting(request), company_id, named=asked["responsible"]):
            raise PermissionDenied
        return Response(status=204)


def company_of(portal_id: int) -> Company | None:
    found: Company | None = Company.objects.live().filter(portal_id=portal_id).first()
    return found


def status_answer(standing: Standing) -> dict[str, Any]:
    """shapes.CompanyStatus"""
    names = names_of_statuses()

    def named(value: str | None) -> dict[str, str] | None:
        return None if value is None else {"id": value, "name": names.get(value, value)}

    is_refused = standing.state == State.REFUSED
    refusal = {
        "status": named(standing.wanted),
        "message": standing.refusal,
        "portal_said": standing.quotation,
    }
    return {
        "company": standing.company_id,
        "status": named(standing.wanted if standing.state == State.PENDING else standing.value),
        "state": standing.state.value,
        "since": standing.since.isoformat() if standing.since else None,
        "refusal": refusal if is_refused else None,
    }


def language() -> str:
    """What the person at the phone reads: `ru`, or `en` where Accept-Language asks for it."""
    return get_language() or "ru"
