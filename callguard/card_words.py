"""Words of the stand-in portal's card, which a real portal brings itself."""

from __future__ import annotations

from django.utils.translation import gettext as _


def card_words() -> dict[str, str]:
    """By the keys that bitrix-card.js, demo.js and palette_preview.js use."""
    return _title_words() | _state_words() | _button_words()


def _title_words() -> dict[str, str]:
    return {
        "title_outgoing": _("Call to {number}"),
        "title_incoming": _("Incoming call from {number}"),
        "title_callback": _("Callback to {number}"),
        "responsible": _("Responsible"),
        "comment": _("Comment"),
        "deal": _("Deal"),
        "invoice": _("Invoice"),
        "activity": _("Activity"),
        "no_colour": _("No colour"),
    }


def _state_words() -> dict[str, str]:
    return {
        "connecting": _("Connecting…"),
        "ringing": _("Ringing…"),
        "talking": _("Talking"),
        "ended": _("The call has ended"),
    }


def _button_words() -> dict[str, str]:
    return {
        "answer": _("Answer"),
        "skip": _("Decline"),
        "call": _("Call"),
        "redial": _("Call again"),
        "hangup": _("Hang up"),
        "close": _("Close"),
        "return": _("Return"),
        "complete": _("Transfer"),
        "transfer": _("Transfer"),
        "notify": _("Notify the administrator"),
        "hold": _("Hold"),
        "mute": _("Mute"),
        "dialpad": _("Dial pad"),
        "fold": _("Fold"),
        "expand": _("Unfold"),
        "cancel": _("Hang up"),
    }
