"""What people say on the page of a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from callguard.models import DisputeReason

LONGEST = 2000  # as the columns of models.decisions and models.disputes take it
EXCUSE, KEEP = "excuse", "keep"


def lines(rows: int) -> Any:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows})


class DecisionForm(forms.Form):
    """`seen`: number of the decision that the page showed (callguard.decisions.decide)."""

    words = forms.CharField(
        label=_("Your decision in words"),
        max_length=LONGEST,
        widget=lines(3),
        help_text=_("The caller and the responsible read it in the portal and here."),
    )
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    # The button that was pressed; not shown as a field.
    outcome = forms.ChoiceField(choices=[(EXCUSE, ""), (KEEP, "")], widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="decision-%s", **kwargs)


class DisputeForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=DisputeReason.choices, widget=UnfoldAdminSelectWidget)
    comment = forms.CharField(
        label=_("In your words"), max_length=500, required=False, widget=UnfoldAdminTextInputWidget
    )
    evidence = forms.CharField(
        label=_("What proves it"), max_length=LONGEST, required=False, widget=lines(3)
    )
    link = forms.CharField(
        label=_("Link to the proof"),
        max_length=500,
        required=False,
        validators=[URLValidator(schemes=["http", "https"])],
        widget=UnfoldAdminURLInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="dispute-%s", **kwargs)


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=LONGEST, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="comment-%s", **kwargs)
