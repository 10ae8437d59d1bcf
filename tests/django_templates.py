"""Lets Babel read `{% translate %}` and `{% blocktranslate %}`: Django's own templatizer makes Python of a template."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Babel's extraction interface: (line, function, messages, comments) of one template."""
    code = templatize(fileobj.read().decode(), origin=getattr(fileobj, "name", None))
    flush_left = "\n".join(line.strip() for line in code.splitlines())  # a template's indentation is not Python's
    yield from extract_python(io.BytesIO(flush_left.encode()), keywords, comment_tags, options)
