"""The list of disputes: those that wait for a decision, or what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from django_stubs_ext import StrOrPromise

from callguard.access.acting import acting, for_those
from callguard.access.policies import may_decide_on, may_sign_in
from callguard.access.scopes import may_open, visible
from callguard.dashboard.conflict.people import Names
from callguard.dashboard.conflict.quarrel import TONES, is_overdue
from callguard.dashboard.frame import shown
from callguard.models import Dispute, DisputeState
from callguard.words import client_of

AT_ONCE = 50
OPEN, DECIDED, ALL = "open", "decided", "all"
TABS: dict[str, StrOrPromise] = {
    OPEN: gettext_lazy("To be decided"),
    DECIDED: gettext_lazy("Decided"),
    ALL: gettext_lazy("All"),
}


@dataclass(frozen=True)
class Row:
    """A dispute of the list. `waits_for_you`: it is the reader's to decide."""

    dispute: Dispute
    who: str
    client: str
    tone: str
    is_overdue: bool
    waits_for_you: bool


@for_those(may_sign_in)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Supervisors see those of their people, administrators all, and each his own."""
    actor, at = acting(request), timezone.now()
    tab = request.GET.get("state", "")
    tab = tab if tab in TABS else OPEN
    found = Paginator(ordered(visible(Dispute.objects.select_related("call"), to=actor), tab), AT_ONCE)
    portion = found.get_page(request.GET.get("page"))
    disputes = list(portion.object_list)
    names = Names.of(one.by_id for one in disputes)
    context: dict[str, Any] = {
        "tabs": [(code, title, code == tab) for code, title in TABS.items()],
        "tab": tab,
        "portion": portion,
        "rows": [row_of(one, names, at=at, decides=may_decide_on(actor, one.by_id)) for one in disputes],
        "has_table": may_open(Dispute, actor),
    }
    return shown(request, "disputes.html", context, title=_("Disputes"))


def ordered(rows: QuerySet[Dispute], tab: str) -> QuerySet[Dispute]:
    """What is due first comes first; of the others the newest."""
    if tab == OPEN:
        return rows.filter(state=DisputeState.OPEN).order_by(F("due_at").asc(nulls_last=True), "at", "pk")
    if tab == DECIDED:
        return rows.exclude(state=DisputeState.OPEN).order_by("-decided_at", "-pk")
    return rows.order_by("-at", "-pk")


def row_of(one: Dispute, names: Names, *, at: datetime, decides: bool) -> Row:
    return Row(
        dispute=one,
        who=names.person(one.by_id),
        client=client_of(one.call),
        tone=TONES[DisputeState(one.state)],
        is_overdue=is_overdue(one, at=at),
        waits_for_you=decides and one.state == DisputeState.OPEN,
    )
