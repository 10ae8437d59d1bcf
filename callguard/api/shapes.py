"""What the API answers, in words for OpenAPI. Answers are not made with these: a test holds real ones against them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from callguard.api.problems import MEDIA_TYPE, TITLES, TYPE_PREFIX
from callguard.models import DisputeReason, DisputeState, Tier
from callguard.status.standing import State
from callguard.verdict import Reason

Shape = serializers.Serializer[Any]
COLOUR = r"^#[0-9a-f]{6}$"
REASONS = [reason.value for reason in Reason]


def colour() -> serializers.RegexField:
    return serializers.RegexField(COLOUR)


class Button(Shape):
    background = colour()
    text = colour()


class Buttons(Shape):
    answer = Button(help_text="The green ones")
    hangup = Button(help_text="The red ones")
    other = Button()


class Palette(Shape):
    code = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field called like an argument of Field
    icon = serializers.CharField()
    background = colour()
    stripes = serializers.ListField(child=colour(), min_length=3, max_length=3)
    text = colour()
    buttons = Buttons()


class Person(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()


class Entity(Shape):
    type = serializers.ChoiceField(choices=["company", "contact", "lead"])
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)


class LinkingContact(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    responsible = Person(allow_null=True)


class Status(Shape):
    id = serializers.CharField()
    name = serializers.CharField()


class Refusal(Shape):
    status = Status(allow_null=True, help_text="What the portal did not take")
    message = serializers.CharField(help_text="Why and what to do, in the language of Accept-Language")
    portal_said = serializers.CharField(allow_blank=True, help_text="The portal's own words")


class CompanyStatus(Shape):
    company = serializers.IntegerField(help_text="The company's ID in the portal")
    status = Status(allow_null=True, help_text="What is on its way; else what counts now")
    state = serializers.ChoiceField(
        choices=[state.value for state in State],
        help_text=(
            "pending: on its way to the portal, ask again; accepted: it counts; refused: the portal did not take what "
            "was set (`refusal`), and what it shows stands; flagged: changed in the portal by who perhaps may not"
        ),
    )
    since = serializers.DateTimeField(
        allow_null=True, help_text="When it was accepted; null: nobody has changed it yet"
    )
    refusal = Refusal(allow_null=True, help_text="Until somebody sets a status again")


class Mirror(Shape):
    synced_at = serializers.DateTimeField(allow_null=True)
    age_s = serializers.IntegerField(allow_null=True)
    fresh = serializers.BooleanField()


class Verdict(Shape):
    colour = serializers.CharField(help_text="A palette's code, or none")
    tier = serializers.ChoiceField(choices=Tier.values, allow_null=True)
    own = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=REASONS)
    message = serializers.CharField(help_text="For the person at the phone, in the language of Accept-Language")
    entity = Entity(allow_null=True, help_text="The decisive entity")
    contact = LinkingContact(allow_null=True, help_text="In step 2 the contact that led to the company")
    responsible = Person(allow_null=True)
    status = Status(allow_null=True)
    matches = serializers.IntegerField()
    contested = serializers.BooleanField()
    palette = Palette(allow_null=True)
    mirror = Mirror()
    rules_version = serializers.IntegerField()
    number = serializers.CharField(allow_null=True, help_text="E.164")


class Call(Verdict):
    call_id = serializers.CharField()


class Told(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)


class NotedDispute(Shape):
    call_id = serializers.CharField()
    comment = serializers.CharField(allow_blank=True)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=DisputeState.values, help_text="What became of it so far")
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when it is to be decided")
    told = Told(many=True, help_text="Who hears of it in the portal: the caller's managers, else administrators")


class Sum(Shape):
    currency = serializers.CharField(allow_blank=True)
    amount = serializers.DecimalField(max_digits=20, decimal_places=2)


class Won(Shape):
    deals = serializers.IntegerField()
    sums = Sum(many=True, help_text="A line for each currency; none where nothing was earned")


class PersonKpi(Shape):
    person = Told()
    calls_to_leads = serializers.IntegerField(help_text="Outgoing calls to numbers that the CRM knew as leads only")
    calls_on_deals = serializers.IntegerField(help_text="Outgoing calls to clients with an open deal of the caller's")
    leads_converted = serializers.IntegerField()
    won = Won(help_text="Deals won in these days")
    taken = Won(help_text="Those of `won` from clients taken over from colleagues after a conflict")
    corrected = Won(help_text="`won` without `taken`")


class Kpi(Shape):
    # `from` and `to`, see get_fields
    complete = serializers.BooleanField(help_text="False: calls are still being counted, ask again in some minutes")
    mirror_age_s = serializers.IntegerField(allow_null=True, help_text="How old the mirror of the CRM is")
    people = PersonKpi(many=True, help_text="Who has any, who has won most first; a person asked for in any case")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name for an attribute."""
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class Problem(Shape):
    """RFC 9457."""

    type = serializers.RegexField(
        f"^{TYPE_PREFIX}[a-z-]+$",
        help_text=f"What happened, for programs: {TYPE_PREFIX} and one of: " + ", ".join(TITLES),
    )
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


class InputProblem(Problem):
    errors = serializers.DictField(  # type: ignore[assignment]  # a field called like a property of Serializer
        child=serializers.ListField(child=serializers.CharField())
    )


WHEN = {
    400: "A field is missing or wrong (`errors` says which), or the body is not a JSON object.",
    401: "No card token, or one that proves nothing.",
    403: "The employee is unknown, dismissed or not allowed to, or the account is not linked to one.",
    404: "There is no such call of this caller, or no company or employee of this ID that he may see.",
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
    return OpenApiResponse(InputProblem if status == 400 else Problem, description=WHEN[status])
