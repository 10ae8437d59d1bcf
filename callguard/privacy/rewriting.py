"""Personal data taken out of calls and of all that hangs on them: what they rested on, what was said about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from callguard.models import Call, Comment, Decision, Dispute, Excuse
from callguard.privacy.masks import masked, masked_json, masked_text

AT_ONCE = 200
GONE = "***"
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
    """A copy in which these names are starred out, wherever they stand in its texts, and numbers are masked."""
    return _each_text(value, lambda text: masked_text(_starred(text, names)))


def _starred(text: str, names: Collection[str]) -> str:
    for name in sorted(names, key=len, reverse=True):  # the longer first: one may hold another
        text = text.replace(name, GONE)
    return text


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


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: one if key in ("url", "link") else _each_text(one, change) for key, one in value.items()}
    return value


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
