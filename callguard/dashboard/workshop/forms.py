"""Forms of the rules workshop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from callguard.models import Palette, RuleSetVersion
from callguard.workshop.sets import Place, Reference, Row

NO_RULE, NO_COLOUR = "", "no colour"  # a palette's code holds no blank
PERIOD = timedelta(days=30)


def day_input() -> forms.DateInput:
    """The browser's own field for a day."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)})


class DraftForm(forms.Form):
    """Every place of the table with its outcome and its switch for own clients. Initially what `rows` say."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        places: Sequence[Place],
        rows: Iterable[Row],
        reference: Reference,
        revision: int | None = None,
    ) -> None:
        super().__init__(data, initial={"revision": revision})
        self.places = places
        said = {reference.key_of(row): row for row in reference.known(rows)}
        for place in places:
            self._add(place, said.get(place.key), choices_of(reference.palettes.values()))

    def _add(self, place: Place, row: Row | None, choices: list[tuple[str, Any]]) -> None:
        where = f"{place.tier.label}: {place.title}"
        self.fields[f"outcome-{place.name}"] = forms.ChoiceField(
            choices=choices,
            required=False,
            initial=value_of(row),
            widget=UnfoldAdminSelectWidget(attrs={"aria-label": where}),
        )
        own = gettext("%(where)s: own clients too") % {"where": where}
        self.fields[f"own-{place.name}"] = forms.BooleanField(
            required=False,
            initial=bool(row and row["applies_to_own"]),
            widget=UnfoldBooleanWidget(attrs={"aria-label": own}),
        )

    def pairs(self) -> dict[Place, tuple[forms.BoundField, forms.BoundField]]:
        return {place: (self[f"outcome-{place.name}"], self[f"own-{place.name}"]) for place in self.places}

    def rows(self) -> list[Row]:
        """What was sent, as the rows of a set."""
        sent = [
            (place, self.cleaned_data[f"outcome-{place.name}"], self.cleaned_data[f"own-{place.name}"])
            for place in self.places
        ]
        return [
            place.row(None if outcome == NO_COLOUR else outcome, applies_to_own=own)
            for place, outcome, own in sent
            if outcome != NO_RULE
        ]


def choices_of(palettes: Iterable[Palette]) -> list[tuple[str, Any]]:
    return [(NO_RULE, gettext("no rule")), (NO_COLOUR, gettext("no colour")), *((one.code, one) for one in palettes)]


def value_of(row: Row | None) -> str:
    return NO_RULE if row is None else row["palette"] or NO_COLOUR


class PublishForm(forms.Form):
    """A note, and which earlier versions are called errors with it."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=RuleSetVersion._meta.get_field("note").max_length,
        help_text=_("What is different now, and why: it stands in the list of versions."),
        widget=UnfoldAdminTextInputWidget,
    )
    errors_of = forms.TypedMultipleChoiceField(
        label=_("The version was an error: its conflicts are excused"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, versions: Iterable[RuleSetVersion]) -> None:
        super().__init__(data)
        chosen: Any = self.fields["errors_of"]
        chosen.choices = [
            (one.version, gettext("Version %(number)s was an error") % {"number": one.version}) for one in versions
        ]


class TrialForm(forms.Form):
    """Which past calls, and what the outcome is compared with."""

    THEN, NOW = "then", "now"
    first = forms.DateField(label=_("From"), required=False, widget=day_input())
    last = forms.DateField(label=_("To"), required=False, widget=day_input())
    against = forms.ChoiceField(
        label=_("Compared with"),
        required=False,
        choices=[(THEN, _("the colour the call had")), (NOW, _("the colour under the rules in force"))],
        widget=UnfoldAdminRadioSelectWidget,
    )

    def period(self, today: date) -> tuple[date, date]:
        """The days asked for; what is no day, or not asked, is of the last thirty."""
        self.is_valid()
        last = self.cleaned_data.get("last") or today
        first = self.cleaned_data.get("first") or last - PERIOD
        return min(first, last), max(first, last)

    def is_against_now(self) -> bool:
        return self.is_valid() and self.cleaned_data["against"] == self.NOW
