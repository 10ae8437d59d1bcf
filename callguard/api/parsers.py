"""The body of a request: one JSON object, small, and nothing but JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from callguard.api.problems import LengthRequired, TooLarge


class LimitedJSONParser(BaseParser):
    """At most API_BODY_LIMIT bytes, as announced and as counted. Raises TooLarge (413) or ParseError (400).

    Not DRF's own parser: that one reads the whole body first, takes any value for an object, and dies of deep nesting.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        announced = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0
        if int(announced) > settings.API_BODY_LIMIT:
            raise TooLarge
        body = stream.read(settings.API_BODY_LIMIT + 1)
        if len(body) > settings.API_BODY_LIMIT:
            raise TooLarge
        return json_object(body)


def unpacked(environ: Mapping[str, Any]) -> BinaryIO:
    """The body of a chunked request, which Django takes for an empty one (it reads what Content-Length announces).

    Read here, to the limit, where the server says that its stream ends with the body; LengthRequired (411) elsewhere.
    """
    if not environ.get("wsgi.input_terminated"):
        raise LengthRequired
    return BytesIO(environ["wsgi.input"].read(settings.API_BODY_LIMIT + 1))


def json_object(body: bytes) -> dict[str, Any]:
    """The object that the body is. Raises ParseError."""
    try:
        parsed = json.loads(body.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError(_("The body is not JSON in UTF-8.")) from error
    if not isinstance(parsed, dict):
        raise ParseError(_("The body is not a JSON object."))
    return parsed


def refuse_constant(name: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(name)
