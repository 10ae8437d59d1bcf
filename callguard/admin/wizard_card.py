"""The last step: the script's tag, whether tokens can be made, and a verdict asked for the sake of trying."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from callguard.access.people import at_work
from callguard.access.tokens import BadToken, CardToken, issued, read
from callguard.admin.probe import LONGEST_PHONE, why_refused
from callguard.admin.wizard_parts import our_address
from callguard.answer import CallerRefused, verdict_for
from callguard.checks import SECRET_BYTES
from callguard.models import Direction, Rule, Tier
from crm_mirror.models import Company, PhoneNumber

LOOKED_AT = 50  # companies among which one with a number is sought
CALLERS_SHOWN = 200
TRIAL = timedelta(minutes=1)


class TryForm(forms.Form):
    """Begins with an example from the mirror that should give a colour."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number"), max_length=LONGEST_PHONE, widget=UnfoldAdminTextInputWidget
    )
    caller = forms.ChoiceField(label=gettext_lazy("Who calls"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = at_work().order_by("name", "portal_id")
        named = people.values_list("portal_id", "name")[:CALLERS_SHOWN]
        caller: Any = self.fields["caller"]
        caller.choices = [(portal_id, name or portal_id) for portal_id, name in named]


def card_part(request: HttpRequest) -> dict[str, Any]:
    ours = our_address(request)
    is_sent = request.method == "POST"
    form = TryForm(request.POST) if is_sent else TryForm(initial=example())
    return {
        "tag": script_tag(ours),
        "secret_length": len(settings.CARD_TOKEN_SECRET.encode()),
        "least_length": SECRET_BYTES,
        "card_origins": settings.CARD_ORIGINS,
        "demo_link": demo_link(),
        "form": form,
        "has_callers": bool(form.fields["caller"].choices),  # type: ignore[attr-defined]
        **(tried(form.cleaned_data) if is_sent and form.is_valid() else {}),
    }


def script_tag(ours: str) -> str:
    """As it goes into the head of the portal's pages (contract.md); the token is the portal's part."""
    script = f"{ours}/static/callguard/card.min.js"
    return f'<script src="{script}" data-api="{ours}"\n        data-token="…" defer></script>'


def demo_link() -> str:
    """Of the page on which one may dial, where this server has one."""
    return reverse("demo:page") if settings.DEMO else ""


def example() -> dict[str, Any]:
    """A number of a company whose status gives a colour, and somebody who is not its responsible. Five queries."""
    coloured = Rule.objects.filter(tier=Tier.COMPANY, palette__isnull=False).values("status__value")
    companies = dict(
        Company.objects.live()
        .filter(status_id__in=coloured, responsible_id__isnull=False)
        .order_by("portal_id")
        .values_list("portal_id", "responsible_id")[:LOOKED_AT]
    )
    carriers = PhoneNumber.objects.filter(entity_type="company", entity_id__in=list(companies))
    number = carriers.order_by("entity_id", "id").first()
    if number is None:
        return {}
    others = at_work().exclude(portal_id=companies[number.entity_id])
    return {"phone": number.e164, "caller": others.order_by("name").values_list("portal_id", flat=True).first()}


def tried(asked: dict[str, Any]) -> dict[str, Any]:
    """The way of a card: a token signed and read again, then the verdict. Nothing is recorded."""
    now, caller = timezone.now(), int(asked["caller"])
    secret = settings.CARD_TOKEN_SECRET
    try:
        token = issued(CardToken(caller), secret=secret, ttl=TRIAL, at=now) if secret else ""
        read(token, secret=secret, max_age=settings.CARD_TOKEN_MAX_AGE, at=now)
        answer = verdict_for(
            asked["phone"], caller_id=caller, direction=Direction.OUTGOING, at=now, language=get_language()
        )
    except BadToken as bad:
        return {"refusal": str(bad)}
    except CallerRefused as refused:
        return {"refusal": why_refused(refused)}
    return {"verdict": answer.as_dict(), "token_is_good": _("The token was signed and read: the secret serves.")}
