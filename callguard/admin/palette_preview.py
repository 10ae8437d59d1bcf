"""The frames of the palette's page: the portal's card in each layout, painted by the card script itself.

The page stands in for the portal (bitrix-card.js, as /demo/ has it) and for the service (palette_preview.js): card.js
asks as it would in a call and is answered with the look that the editor sends. No call is recorded, nothing is sent.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard import messages
from callguard.card_words import card_words
from callguard.palettes import LOOK, palette_json
from callguard.verdict import Candidate, Finding, Outcome, Person, Reason, Status, Tier, Verdict

LAYOUTS = ("simple", "crm")
# As strict as that of /demo/, without connect-src: nothing may be asked for. Framed by our own pages alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@require_GET
def preview_view(request: HttpRequest) -> HttpResponse:
    """`?layout=simple` or `crm`."""
    layout = request.GET.get("layout", "")
    context = {"layout": layout if layout in LAYOUTS else LAYOUTS[0], "told": told(get_language() or "ru")}
    response = render(request, "callguard/admin/palette_preview.html", context)
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def told(language: str) -> dict[str, Any]:
    """What the frame's script knows: words of the card, whom it shows, and the verdict with a palette to fill in."""
    candidate = Candidate(
        Tier.COMPANY,
        1,
        _("Romashka Ltd"),
        responsible=Person(1, _("Olga Petrova"), active=True),
        status=Status("", _("In work"), row_id=None),
    )
    responsible = {"id": 1, "name": _("Olga Petrova")}
    return {
        "words": card_words(),
        "phone": "+7 999 000-00-00",  # from the end of a range that no operator gives out
        "client": {
            "type": "COMPANY",
            "id": candidate.id,
            "name": candidate.title,
            "url": "#",
            "responsible": responsible | {"position": _("sales manager")},
        },
        "verdict": {
            "colour": "preview",
            "own": False,
            "message": sentence(candidate),
            "entity": {"url": "https://portal.example/"},  # links are inert here; they are there for their colour
            "responsible": responsible,
            "mirror": {"fresh": True},
            "palette": shape(language),
        },
    }


def sentence(candidate: Candidate) -> str:
    foreign = Reason.FOREIGN_CLIENT
    return messages.sentence(Verdict(foreign, rules_version=0, decisive=Finding(candidate, None, Outcome(foreign))))


def shape(language: str) -> dict[str, Any]:
    """A verdict's palette with the name of a field wherever its value belongs."""
    return palette_json({name: name for name in LOOK}, code="preview", version=0, language=language)
