"""The first page: is the mirror fresh, what has happened, and what waits for somebody. Cheap on any size of tables.

Its figures are of the rows that its reader may see; the machinery and what waits are told to administrators.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callguard import rules
from callguard.access.acting import acting
from callguard.access.actors import Actor
from callguard.access.policies import may_administer
from callguard.access.scopes import visible
from callguard.admin.wizard_steps import is_complete
from callguard.health import mirror_age
from callguard.models import Call, Conflict
from callguard.status.standing import needing_somebody
from crm_mirror.admin.tiles import COUNTED, Tile, about, capped, capped_count, shown
from crm_mirror.models import Company, Contact, Deal, Employee, Lead, PhoneNumber, Quarantine, SyncRun, UnreadablePhone

LATELY = timedelta(days=7)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: fills templates/callguard/admin/index.html."""
    now, actor = timezone.now(), acting(request)
    return {
        **context,
        "is_everybody": may_administer(actor),
        "setup_is_open": may_administer(actor) and not settings.DEMO and not is_complete(),
        "health_tiles": health(actor, at=now),
        "call_tiles": [conflicts(actor, since=now - LATELY), calls(actor, since=now - LATELY)],
        "mirror_tiles": list(mirrored(actor)),
    }


def health(actor: Actor, *, at: datetime) -> list[Tile]:
    """What is wrong everybody may know; the way to put it right is for administrators."""
    mirror = freshness(at=at)
    if may_administer(actor):
        return [mirror, statuses_to_settle(actor), *to_do()]
    return [replace(mirror, link=""), *([statuses_to_settle(actor)] if actor.manages else [])]


def freshness(*, at: datetime) -> Tile:
    link, title = reverse("admin:crm_mirror_syncrun_page"), _("Mirror")
    age = mirror_age(at=at)
    if age is None:
        running = SyncRun.objects.filter(ok=None).exists()
        hint = _("The first sync is running.") if running else _("Nothing mirrored yet. Run: manage.py sync --full")
        return Tile(title, _("empty"), hint, link, "plain" if running else "bad")
    figure = _("%(time)s ago") % {"time": timesince(at - timedelta(seconds=age), at)} if age >= 60 else _("just now")
    if age <= settings.MIRROR_STALE_AFTER:
        return Tile(title, figure, _("Read from the portal; fresh."), link, "good")
    return Tile(title, figure, _("Out of date. Run: manage.py sync"), link, "bad")


def statuses_to_settle(actor: Actor) -> Tile:
    """For who may set them: what the portal refused, and what somebody changed there who perhaps may not."""
    companies = Company.objects.live().filter(portal_id__in=needing_somebody())
    hint = _("Refused by the portal, or changed there by who perhaps may not: set or confirm them.")
    tile = waiting(_("Statuses to look at"), capped(visible(companies, to=actor)), hint, "crm_mirror_company")
    return replace(tile, link=f"{tile.link}?standing=attention")


def to_do() -> Iterator[Tile]:
    """What waits for somebody: each tile is calm when there is nothing."""
    yield waiting(
        _("Statuses without a rule"),
        len(rules.gaps()),
        _("Their companies give no colour: add rules."),
        "callguard_rule",
    )
    yield waiting(
        _("Rows in quarantine"),
        capped_count(Quarantine),
        _("Correct them in the portal: the next sync reads them."),
        "crm_mirror_quarantine",
    )
    yield waiting(
        _("Unreadable phones"),
        capped_count(UnreadablePhone),
        _("Calls from them are unknown numbers: clean them in the portal."),
        "crm_mirror_unreadablephone",
    )


def waiting(title: str, count: int, hint: str, model: str) -> Tile:
    link = reverse(f"admin:{model}_changelist")
    return Tile(title, shown(count), hint if count else _("Nothing to do."), link, "bad" if count else "good")


def conflicts(actor: Actor, *, since: datetime) -> Tile:
    seen = visible(Conflict.objects.filter(rung_at__gte=since), to=actor)
    recent = seen.values_list("answered", flat=True)[: COUNTED + 1]
    ends = list(recent)
    hint = ngettext("%(count)d was heeded: nobody talked.", "%(count)d were heeded: nobody talked.", ends.count(False))
    link = reverse("admin:callguard_conflict_changelist")
    if not ends:
        return Tile(_("Conflicts in 7 days"), "0", _("Nobody called a colleague's client."), link, "good")
    return Tile(_("Conflicts in 7 days"), shown(len(ends)), hint % {"count": ends.count(False)}, link)


def calls(actor: Actor, *, since: datetime) -> Tile:
    count = capped(visible(Call.objects.filter(rung_at__gte=since), to=actor))
    link = reverse("admin:callguard_call_changelist")
    hint = "" if count else _("No card has asked yet: put card.js on the portal's pages, or try a number here.")
    return Tile(_("Calls in 7 days"), shown(count), hint, link)


def mirrored(actor: Actor) -> Iterator[Tile]:
    models: tuple[type[Model], ...] = (Company, Contact, Lead, Deal, Employee, PhoneNumber)
    for model in models:
        link = reverse(f"admin:crm_mirror_{model._meta.model_name}_changelist")
        yield Tile(str(model._meta.verbose_name_plural).capitalize(), rows_of(model, actor), link=link)


def rows_of(model: type[Model], actor: Actor) -> str:
    """How many there are for him; the whole table's size, estimated where it is big, is administrators'."""
    if may_administer(actor):
        return about(model)
    return shown(capped(visible(model._default_manager.all(), to=actor)))
