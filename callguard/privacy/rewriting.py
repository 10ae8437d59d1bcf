"""Personal data taken out of calls and of all that hangs on them: what they rested on, what was said about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from callguard.masks import masked, masked_json
from callguard.models import Call, Comment, Decision, Dispute, Excuse

AT_ONCE = 200
GONE = "***"
NAMING = frozenset({"title", "message", "name"})  # keys of texts that may name a person
Rewrite = Callable[[Any], Any]  # of a JSON value or a text

# What hangs on calls and may name numbers and people, with its columns. History is append-only and is not here.
HANGING: dict[type[Model], tuple[str, ...]] = {
    Excuse: ("proof",),
    Dispute: ("comment", "evidence", "decided_words", "told"),
    Comment: ("text",),
    Decision: ("words",),
}


def in_stretches(calls: QuerySet[Call], work: Callable[[list[Call]], None], *, at_most: int | None = None) -> int:
    """The calls handed to `work` in stretches of a transaction each, so that nobody who records a call waits long.

    Returns how many; `at_most` so many, to the end of a stretch.
    """
    done, last = 0, 0
    while at_most is None or done < at_most:
        with transaction.atomic():
            stretch = list(calls.filter(pk__gt=last).order_by("pk").select_for_update()[:AT_ONCE])
            work(stretch)
        done += len(stretch)
        if len(stretch) < AT_ONCE:
            break
        last = stretch[-1].pk
    return done


def mask_calls(calls: Sequence[Call]) -> None:
    """Mask the numbers in these calls. A fixed number of statements."""
    for call in calls:
        call.number = masked(call.number)
    Call.objects.bulk_update(calls, ["number"])
    rewrite_calls(calls, masked_json)


def rewrite_calls(calls: Sequence[Call], rewrite: Rewrite) -> None:
    """Rewrite what each verdict was and rested on, and what hangs on the calls."""
    changed = []
    for call in calls:
        new = rewrite(call.verdict), rewrite(call.evidence)
        if new != (call.verdict, call.evidence):
            call.verdict, call.evidence = new
            changed.append(call)
    Call.objects.bulk_update(changed, ["verdict", "evidence"])
    for model, columns in HANGING.items():
        rewrite_rows(model._default_manager.filter(call__in=calls), columns, rewrite)


def rewrite_rows(rows: Iterable[Model], columns: Collection[str], rewrite: Rewrite) -> None:
    """Of the rows only those that say something else now are written."""
    for row in rows:
        new = {column: rewrite(getattr(row, column)) for column in columns}
        changed = [column for column in columns if new[column] != getattr(row, column)]
        for column in changed:
            setattr(row, column, new[column])
        if changed:
            row.save(update_fields=changed)


# --- People ----------------------------------------------------------------------------------------------------------
def without_names(value: Any, names: Collection[str]) -> Any:
    """A copy in which these names are starred out of what people read, and numbers are masked.

    A text by itself is read; of JSON only what stands under a key of NAMING: the rest is structure, like a tier.
    """
    return masked_json(_starred(value, names))


def _starred(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, str):
        return replaced(value, names, GONE)
    if isinstance(value, list):
        return [_starred(one, names) if not isinstance(one, str) else one for one in value]
    if isinstance(value, dict):
        return {
            key: _starred(one, names) if key in NAMING or not isinstance(one, str) else one
            for key, one in value.items()
        }
    return value


def replaced(text: str, names: Collection[str], by: str) -> str:
    """Whole words only: Иван is not in Иванов. The longer names first: one may hold another."""
    if not names:
        return text
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda _found: by, text)


def without_person(value: Any, portal_id: int) -> Any:
    """A copy in which this employee goes by his ID wherever he stands as {id, name}."""
    if isinstance(value, list):
        return [without_person(one, portal_id) for one in value]
    if not isinstance(value, dict):
        return value
    copy = {key: without_person(one, portal_id) for key, one in value.items()}
    return copy | {"name": nameless(portal_id)} if value.get("id") == portal_id and "name" in value else copy


def nameless(portal_id: int) -> str:
    return f"ID {portal_id}"


def persons_in(call: Call) -> set[str]:
    """Names of the private people a call's facts speak of: contacts and leads, not companies nor employees."""
    given, names = call.verdict, set()
    entity, contact = given.get("entity"), given.get("contact")
    if entity and entity["type"] != "company":
        names.add(entity["title"])
    if contact:
        names.add(contact["title"])
    for step in (call.evidence or {}).get("steps", ()):
        for found in step["found"]:
            candidate = found["candidate"]
            names.update({candidate["title"]} if candidate["tier"] in ("contact", "lead") else ())
            names.update({candidate["contact"]["title"]} if candidate["contact"] else ())
    return {name for name in names if len(name) > 1}
