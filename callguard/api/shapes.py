"""What the API answers, in words for OpenAPI. Answers are not made with these: a test holds real ones against them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from callguard.api.problems import MEDIA_TYPE, TITLES, TYPE_PREFIX
from callguard.models import Tier
from callguard.verdict import Reason

Shape = serializers.Serializer[Any]
COLOUR = r"^#[0-9a-f]{6}$"


def colour() -> serializers.RegexField:
    return serializers.RegexField(COLOUR)


class ButtonShape(Shape):
    background = colour()
    text = colour()


class ButtonsShape(Shape):
    answer = ButtonShape(help_text="The green ones")
    hangup = ButtonShape(help_text="The red ones")
    other = ButtonShape()


class PaletteShape(Shape):
    code = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()
    icon = serializers.CharField()
    background = colour()
    stripes = serializers.ListField(child=colour(), min_length=3, max_length=3)
    text = colour()
    buttons = ButtonsShape()


class PersonShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()


class EntityShape(Shape):
    type = serializers.ChoiceField(choices=["company", "contact", "lead"])
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)


class LinkingContactShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    responsible = PersonShape(allow_null=True)


class StatusShape(Shape):
    id = serializers.CharField()
    name = serializers.CharField()


class MirrorShape(Shape):
    synced_at = serializers.DateTimeField(allow_null=True)
    age_s = serializers.IntegerField(allow_null=True)
    fresh = serializers.BooleanField()


class VerdictShape(Shape):
    colour = serializers.CharField(help_text="A palette's code, or none")
    tier = serializers.ChoiceField(choices=Tier.values, allow_null=True)
    own = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    message = serializers.CharField(help_text="For the person at the phone, in the language of Accept-Language")
    entity = EntityShape(allow_null=True, help_text="The decisive entity")
    contact = LinkingContactShape(allow_null=True, help_text="In step 2 the contact that led to the company")
    responsible = PersonShape(allow_null=True)
    status = StatusShape(allow_null=True)
    matches = serializers.IntegerField()
    contested = serializers.BooleanField()
    palette = PaletteShape(allow_null=True)
    mirror = MirrorShape()
    rules_version = serializers.IntegerField()
    number = serializers.CharField(allow_null=True, help_text="E.164")


class CallShape(VerdictShape):
    call_id = serializers.CharField()


@extend_schema_serializer(component_name="Problem")
class ProblemShape(Shape):
    """RFC 9457."""

    type = serializers.ChoiceField(choices=[(TYPE_PREFIX + code, str(code)) for code in TITLES])
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


@extend_schema_serializer(component_name="InputProblem")
class InputProblemShape(ProblemShape):
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


WHEN = {
    400: "A field is missing or wrong (`errors` says which), or the body is not a JSON object.",
    401: "No card token, or one that proves nothing.",
    403: "The employee is unknown or dismissed, or the account is not linked to one.",
    404: "The caller has no such call.",
    405: "Another method is wanted.",
    409: "The call ID belongs to another caller.",
    411: "A body of unknown length.",
    413: "The body is larger than 16 KiB.",
    415: "The body is not application/json.",
    429: "Too many requests of this caller; Retry-After says when to come back.",
    500: "Something broke; the log says what.",
    503: "The database does not answer.",
}


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The error answers of an operation, by status and media type."""
    return {(status, MEDIA_TYPE): problem_response(status) for status in statuses}


def problem_response(status: int) -> OpenApiResponse:
    return OpenApiResponse(InputProblemShape if status == 400 else ProblemShape, description=WHEN[status])
