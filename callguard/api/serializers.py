"""What may be asked. Strict: a value of another type is refused, not turned into the right one."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from callguard.models import Direction, DisputeReason

CALL_ID_LENGTH = 128
PHONE_LENGTH = 255
LONGEST_CALL = 7 * 24 * 3600  # seconds; beyond it somebody sends milliseconds or a time of day


class Text(serializers.CharField):
    """A JSON string as it is: no number for a string, nothing trimmed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    """true or false; "yes" and 1 are something else."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Seconds(serializers.IntegerField):
    """A JSON integer."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


def is_call_id(text: str) -> bool:
    """Whether a call could have this ID: 1 to 128 characters, none of them a control character or half of a pair."""
    return 0 < len(text) <= CALL_ID_LENGTH and not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text)


def check_call_id(text: str) -> None:
    if not is_call_id(text):
        raise serializers.ValidationError(_("A call ID has no control characters."))


is_link = URLValidator(schemes=["http", "https"])


class LookUpSerializer(serializers.Serializer[Any]):
    """An empty phone is a hidden number, which has a verdict too."""

    phone = Text(max_length=PHONE_LENGTH, allow_blank=True, help_text="The number as the card shows it")
    direction = Choice(choices=Direction.choices, default=Direction.OUTGOING)


class RingSerializer(LookUpSerializer):
    call_id = Text(max_length=CALL_ID_LENGTH, validators=[check_call_id], help_text="The portal's ID of the call")
    direction = Choice(choices=Direction.choices)


class StatusSerializer(serializers.Serializer[Any]):
    status = Text(max_length=64, help_text="`id` of the status, as verdicts name it")


class Employees(serializers.ListField):
    """Portal IDs. Which of them is wrong does not matter: an error is a list of sentences, as with every field."""

    child = serializers.RegexField(r"^[1-9][0-9]{0,17}\Z", trim_whitespace=False)

    def run_child_validation(self, data: Any) -> Any:
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError:
            raise serializers.ValidationError([_("A portal user ID is a positive number.")]) from None


class ResponsiblesSerializer(serializers.Serializer[Any]):
    responsible = Employees(
        default=list,
        max_length=2,
        help_text="Portal ID of the company's responsible; twice when the same edit hands the company over",
    )


class EndSerializer(serializers.Serializer[Any]):
    answered = Flag()
    duration_s = Seconds(min_value=0, max_value=LONGEST_CALL)


class DisputeSerializer(serializers.Serializer[Any]):
    comment = Text(max_length=500, allow_blank=True, help_text="For whoever manages the caller; may be empty")
    reason = Choice(choices=DisputeReason.choices, default=DisputeReason.MINE)
    evidence = Text(max_length=2000, allow_blank=True, default="", help_text="What proves it, in words")
    link = Text(
        max_length=500,
        allow_blank=True,
        default="",
        validators=[is_link],
        help_text="Where the proof is, http(s)",
    )


class Day(serializers.DateField):
    """`2026-11-24`, nothing else; years as people live in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso-8601", input_formats=["%Y-%m-%d"], **kwargs)

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not 2000 <= found.year < 2200:
            raise serializers.ValidationError(_("Nobody called in that year."))
        return found


class KpiSerializer(serializers.Serializer[Any]):
    """Without days: the last thirty."""

    person = serializers.RegexField(
        r"^[1-9][0-9]{0,17}\Z", required=False, trim_whitespace=False, help_text="Portal ID; else everybody you see"
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name for an attribute."""
        first = Day(required=False, help_text="The first day; with `to` only")
        last = Day(required=False, help_text="The last day, included")
        return {"from": first, "to": last, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("from"), attrs.get("to")
        if (first is None) != (last is None):
            raise serializers.ValidationError({"to" if first else "from": [_("Give both days or none.")]})
        if first and last and first > last:
            raise serializers.ValidationError({"to": [_("The last day is before the first.")]})
        return attrs
