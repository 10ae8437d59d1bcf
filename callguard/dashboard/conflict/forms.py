"""What people say on the page of a call."""

from __future__ import annotations

from typing import Any, ClassVar

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


class Said(forms.Form):
    """One of several forms of a page: `about` keeps the IDs of its fields apart."""

    about: ClassVar[str]

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id=f"{self.about}-%s", **more)


class DecisionForm(Said):
    """`seen`: number of the decision that the page showed (callguard.decisions.decide). `outcome`: the button."""

    about = "decision"

    words = forms.CharField(
        label=_("Your decision in words"),
        max_length=LONGEST,
        widget=lines(3),
        help_text=_("The caller and the responsible read it in the portal and here."),
    )
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=[(EXCUSE, ""), (KEEP, "")], widget=forms.HiddenInput)


class DisputeForm(Said):
    about = "dispute"

    reason = forms.ChoiceField(label=_("Reason"), choices=DisputeReason.choices, widget=UnfoldAdminSelectWidget)
    comment = forms.CharField(
        label=_("In your words"), max_length=500, required=False, widget=UnfoldAdminTextInputWidget
    )
    evidence = forms.CharField(label=_("What proves it"), max_length=LONGEST, required=False, widget=lines(3))
    link = forms.CharField(
        label=_("Link to the proof"),
        max_length=500,
        required=False,
        validators=[URLValidator(schemes=["http", "https"])],
        widget=UnfoldAdminURLInputWidget,
    )


class CommentForm(Said):
    about = "comment"

    text = forms.CharField(label=_("Comment"), max_length=LONGEST, widget=lines(2))
