"""A palette's new version: legible, numbered, kept for the stored verdicts that name it."""

from collections.abc import Mapping
from datetime import datetime
from math import floor
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from callguard import contrast, history
from callguard.access.actors import Actor, actor_of
from callguard.models import About, Account, Origin, Palette, PaletteDraft, PaletteVersion

LOOK = (  # what a version keeps: everything that an administrator edits
    *("severity", "label_ru", "label_en", "icon", *contrast.STRIPES, "text"),
    *(f"{button}_{part}" for button in contrast.BUTTONS for part in ("background", "text")),
)
COLOURS = LOOK[4:]


def values_of(palette: Palette) -> dict[str, Any]:
    """The palette's look by field name, as a version stores it."""
    return {name: getattr(palette, name) for name in LOOK}


def palette_json(values: Mapping[str, Any], *, code: str, version: int, language: str) -> dict[str, Any]:
    """`palette` of a verdict (contract.md) from a look by field name. No query."""
    stripes = [values[stripe] for stripe in contrast.STRIPES]
    return {
        "code": code,
        "version": version,
        "label": values["label_en" if language.startswith("en") else "label_ru"],
        "icon": values["icon"],
        "background": stripes[0],
        "stripes": stripes,
        "text": values["text"],
        "buttons": {
            button: {"background": values[f"{button}_background"], "text": values[f"{button}_text"]}
            for button in contrast.BUTTONS
        },
    }


def problems_of(palette: Palette) -> dict[str, list[str]]:
    """What is illegible, in words, by the field to change; empty when the palette may be published."""
    problems: dict[str, list[str]] = {}
    for failure in contrast.failures({name: getattr(palette, name) for name in COLOURS}):
        problems.setdefault(failure.pair.front, []).append(sentence_for(failure, palette))
    return problems


def sentence_for(failure: contrast.Failure, palette: Palette) -> str:
    """E.g. “text” #777777 on “base” #888888: contrast 1.26 : 1, at least 4.5 : 1 is needed. …"""
    pair = failure.pair
    return _(
        "“%(front)s” %(front_colour)s on “%(back)s” %(back_colour)s: contrast %(ratio)s : 1, at least %(needed)s : 1 "
        "is needed. The nearest colour that passes: %(nearest)s."
    ) % {
        "front": name_of(pair.front),
        "front_colour": getattr(palette, pair.front),
        "back": name_of(pair.back),
        "back_colour": getattr(palette, pair.back),
        "ratio": floor(failure.ratio * 100) / 100,  # never rounded up to a ratio that would have passed
        "needed": f"{pair.needed:g}",
        "nearest": failure.nearest,
    }


def name_of(field: str) -> str:
    """What the field is called, in the language that is active."""
    return str(Palette._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # a plain field, no relation


@transaction.atomic
def publish(palette: Palette, *, by: Account | None, at: datetime) -> PaletteVersion:
    """Save the palette as its next version. ValidationError, by field, when it is malformed or illegible."""
    check(palette)
    palette.version = _next_version(palette)
    before = PaletteVersion.objects.filter(palette_id=palette.pk).order_by("-version").first()
    palette.save()
    published = PaletteVersion.objects.create(
        palette=palette, version=palette.version, published_at=at, published_by=by, values=values_of(palette)
    )
    history.note(
        About.PALETTE,
        palette.code,
        before=before.values if before else None,
        after=published.values,
        by=actor_of(by) if by else None,
        origin=Origin.ADMIN,
        at=at,
        title=palette.label_ru,
    )
    return published


@transaction.atomic
def remove(palette: Palette, *, by: Actor, at: datetime) -> None:
    """Remove it with its versions; the history keeps how it looked. ProtectedError while a rule paints with it."""
    history.note(
        About.PALETTE,
        palette.code,
        before=values_of(palette),
        after=None,
        by=by,
        origin=Origin.ADMIN,
        at=at,
        title=palette.label_ru,
    )
    palette.delete()


def roll_back(version: PaletteVersion, *, by: Account | None, at: datetime) -> PaletteVersion:
    """Put an earlier look in force again, as the next version: the past stays as it was. Raises as `publish`."""
    palette = version.palette
    for name, value in version.values.items():
        setattr(palette, name, value)
    return publish(palette, by=by, at=at)


def save_draft(palette: Palette, *, by: Account | None, at: datetime) -> PaletteDraft:
    """Keep the look of this instance without painting anybody's card with it. Raises as `publish`."""
    check(palette)
    kept = {"values": values_of(palette), "saved_by": by, "saved_at": at}
    return PaletteDraft.objects.update_or_create(palette_id=palette.pk, defaults=kept)[0]


def discard_draft(palette_id: int) -> None:
    PaletteDraft.objects.filter(palette_id=palette_id).delete()


def check(palette: Palette) -> None:
    """Raises ValidationError, by field, when the palette is malformed or illegible."""
    palette.full_clean()
    if problems := problems_of(palette):
        raise ValidationError(problems)


def _next_version(palette: Palette) -> int:
    """One more than the stored row says, which stays locked until the new version is in."""
    stored = Palette.objects.select_for_update().filter(pk=palette.pk).values_list("version", flat=True).first()
    return (stored or 0) + 1
