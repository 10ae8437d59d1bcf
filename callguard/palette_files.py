"""A palette as a file, to be taken to another installation. JSON: `{"callguard_palette": 1, "code": …, …}`."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callguard.models import Palette
from callguard.palettes import LOOK, check, values_of

MARK, FORMAT = "callguard_palette", 1
LARGEST = 16 * 1024  # bytes; a palette has about 600


def exported(palette: Palette) -> str:
    return json.dumps({MARK: FORMAT, "code": palette.code, **values_of(palette)}, ensure_ascii=False, indent=2) + "\n"


def imported(text: bytes) -> Palette:
    """The palette in the file: the known one of that code with the file's look, or a new one; not saved.

    Raises ValidationError that says what is wrong with the file.
    """
    told = _object_in(text)
    palette = Palette.objects.filter(code=str(told["code"])).first() or Palette(code=str(told["code"]))
    for name in LOOK:
        setattr(palette, name, told[name])
    check(palette)
    return palette


def _object_in(text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise ValidationError(_("The file is too large for a palette."))
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ValidationError(_("The file is no JSON.")) from error
    if not isinstance(told, dict) or told.get(MARK) != FORMAT:
        raise ValidationError(_("The file is no palette of Call Guard."))
    if missing := [name for name in ("code", *LOOK) if name not in told]:
        raise ValidationError(_("The file lacks: %(fields)s.") % {"fields": ", ".join(missing)})
    return told
