"""How a company's status stands, as HTML: a badge for the list, and the panel of the company's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from unfold.widgets import UnfoldAdminSelectWidget

from callguard.access.actors import Actor
from callguard.access.policies import may_change_status
from callguard.admin.history_words import who
from callguard.status.change import offered
from callguard.status.standing import (
    Standing,
    State,
    last_set,
    names_of_statuses,
    standing_of,
    standings_of,
)
from crm_mirror.models import Company

LABELS: dict[State, tuple[StrOrPromise, str]] = {  # words, and a colour of unfold's labels
    State.ACCEPTED: (_("accepted"), "success"),
    State.PENDING: (_("on its way to the portal"), "info"),
    State.REFUSED: (_("refused by the portal"), "danger"),
    State.FLAGGED: (_("doubtful"), "warning"),
}
BADGE, PANEL = "badge", "panel"


class StatusForm(forms.Form):
    """`value`: the one that is chosen at first."""

    status = forms.ChoiceField(label=_("New status"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["status"]
        field.choices = [(one.value, one.name) for one in offered()]
        field.initial = value


def badge(standing: Standing, names: Mapping[str, str], *, url: str) -> SafeString:
    return render_to_string("callguard/admin/status_badge.html", _words(standing, names) | {"standings_url": url})


def panel(company: Company, *, by: Actor, url: str) -> dict[str, Any]:
    """The context of callguard/admin/company_status.html."""
    standing = standing_of(company)
    may_change = company.deleted_at is None and may_change_status(by, company.responsible_id)
    form = StatusForm(value=standing.value)
    return {
        "standing_panel": standing_panel(company, standing, names_of_statuses(), url=url),
        "status_form": form,
        "is_pending": standing.state == State.PENDING,
        "may_change_status": may_change,
        "nothing_offered": not form.fields["status"].choices,  # type: ignore[attr-defined]  # a ChoiceField
        "is_doubtful": may_change and standing.state == State.FLAGGED and _is_offered(form, standing.value),
        "doubtful_value": standing.value,
        "doubtful_name": _named(standing.value, names_of_statuses()),
    }


def _is_offered(form: StatusForm, value: str | None) -> bool:
    return value in dict(form.fields["status"].choices)  # type: ignore[attr-defined]  # a ChoiceField


def standing_panel(company: Company, standing: Standing, names: Mapping[str, str], *, url: str) -> SafeString:
    """What the page shows and its script renews."""
    line = last_set(company.portal_id)
    words = _words(standing, names) | {"standings_url": url, "by": who(line) if line else ""}
    return render_to_string("callguard/admin/status_panel.html", words)


def pieces(companies: Iterable[Company], *, part: str, url: str) -> dict[str, SafeString]:
    """By portal ID."""
    rows = list(companies)
    found, names = standings_of(rows), names_of_statuses()
    if part == PANEL:
        return {str(one.portal_id): standing_panel(one, found[one.portal_id], names, url=url) for one in rows[:1]}
    return {str(one.portal_id): badge(found[one.portal_id], names, url=url) for one in rows}


def _words(standing: Standing, names: Mapping[str, str]) -> dict[str, Any]:
    label, colour = LABELS[standing.state]
    return {
        "standing": standing,
        "state": standing.state.value,
        "state_label": label,
        "state_colour": colour,
        "value_name": _named(standing.value, names),
        "accepted_name": _named(standing.accepted, names),
        "wanted_name": _named(standing.wanted, names),
    }


def _named(value: str | None, names: Mapping[str, str]) -> str:
    return gettext("no status") if value is None else names.get(value, value)
