"""What was known while the phone rang: the same tomorrow, whatever becomes of the CRM."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callguard import explanation, messages
from callguard.access.actors import Actor
from callguard.access.policies import may_read_rules, may_see_calls_of
from callguard.calls import Conclusion, outcome_of
from callguard.dashboard.conflict.people import Names
from callguard.evidence import verdict_of
from callguard.models import Call, RuleSetVersion
from callguard.words import reason_label, tier_label
from crm_mirror.admin.pieces import NOTHING

Row = tuple[str, Any]  # name, value


def call_rows(call: Call, names: Names, reader: Actor) -> list[Row]:
    return [
        (_("time"), date_format(localtime(call.rung_at), "DATETIME_FORMAT")),
        (_("caller"), person(call.caller_id, names, reader)),
        (_("number"), call.number or NOTHING),
        (_("direction"), call.get_direction_display()),
    ]


def verdict_rows(call: Call, reader: Actor) -> list[Row]:
    given = call.verdict
    rows: list[Row] = [
        (_("client"), linked(given.get("entity"))),
        (_("through the contact"), linked(given.get("contact"))),
        (_("responsible at that moment"), responsible_then(given.get("responsible"))),
        (_("status at that moment"), (given.get("status") or {}).get("name", NOTHING)),
        (_("step"), tier_label(call.tier)),
        (_("reason"), reason_label(call.reason)),
        (_("clients behind the number"), given.get("matches", NOTHING)),
        (_("contested number"), _("yes") if call.contested else _("no")),
        (_("version of the rules"), version(call.rules_version, reader)),
        (_("age of the mirror"), mirror_words(call)),
    ]
    return [row for row in rows if row[1] != NOTHING or row[0] != _("through the contact")]


def end_rows(call: Call) -> list[Row]:
    """What happened then."""
    if call.ended_at is None:
        return [(_("outcome"), _("not known yet"))]
    return [
        (_("outcome"), outcome_words(call)),
        (_("ended"), date_format(localtime(call.ended_at), "DATETIME_FORMAT")),
        (_("talked for"), minutes(call.duration or 0)),
        (_("who says so"), call.get_ended_by_display() or NOTHING),
    ]


def steps_of(call: Call) -> list[dict[str, Any]]:
    """Why the verdict was what it was, in the reader's language; empty for calls that are older than evidence."""
    if not call.evidence:
        return []
    return [{**step, "title": tier_label(step["tier"])} for step in explanation.steps(verdict_of(call.evidence))]


def sentence_of(call: Call) -> str:
    """The card's sentence in the reader's language; of old calls as the card had it."""
    return messages.sentence(verdict_of(call.evidence)) if call.evidence else str(call.verdict.get("message") or "")


def outcome_words(call: Call) -> str:
    match outcome_of(call):
        case Conclusion.HEEDED:
            return _("heeded: never connected, the caller saw the colour and hung up")
        case Conclusion.PROCEEDED:
            return _("proceeded: they talked")
    return {True: _("they talked"), False: _("never connected"), None: _("not known yet")}[call.answered]


def minutes(seconds: int) -> str:
    """65 → 1:05; hours where there are any."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def mirror_words(call: Call) -> str:
    if call.mirror_age is None:
        return _("the portal had not been read completely")
    words = {"age": call.mirror_age, "limit": settings.MIRROR_STALE_AFTER}
    if (call.verdict.get("mirror") or {}).get("fresh"):
        return _("%(age)d s, fresh") % words
    return _("%(age)d s, out of date") % words


def responsible_then(person: dict[str, Any] | None) -> str:
    if not person:
        return _("nobody")
    return str(person["name"]) if person.get("active") else _("%(name)s (did not work here)") % {"name": person["name"]}


def version(number: int, reader: Actor) -> str | SafeString:
    """Which rules, since when, and what was noted at their publication; a link for those who may read them."""
    published = RuleSetVersion.objects.filter(version=number).first()
    if published is None:
        return str(number)
    words = _("%(version)d, in force since %(day)s") % {
        "version": number,
        "day": date_format(localtime(published.published_at), "SHORT_DATE_FORMAT"),
    }
    if not may_read_rules(reader):
        return words
    url = reverse("dashboard:rules-version", args=[number])
    return format_html('<a class="text-link" href="{}">{}</a>', url, words)


def person(portal_id: int, names: Names, reader: Actor) -> str | SafeString:
    """His name, a link to his record for those who may see it."""
    if not may_see_calls_of(reader, portal_id):
        return names.person(portal_id)
    url = reverse("dashboard:person", args=[portal_id])
    return format_html('<a class="text-link" href="{}">{}</a>', url, names.person(portal_id))


def linked(entity: dict[str, Any] | None) -> str | SafeString:
    """`entity` or `contact` of a verdict: its title, a link to the portal's page where there is one."""
    if not entity:
        return NOTHING
    title = entity["title"] or f"ID {entity['id']}"
    link = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return format_html(link, entity["url"], title) if entity.get("url") else str(title)
