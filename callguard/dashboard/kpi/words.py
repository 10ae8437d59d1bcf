"""The figures bonuses are paid by in the reader's words: titles, and what each counts exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from callguard.kpi.figures import Sums

TITLES: Mapping[str, StrOrPromise] = {  # of lists that are no calls
    "converted": gettext_lazy("Leads converted"),
    "won": gettext_lazy("Deals won"),
    "taken": gettext_lazy("Deals won from colleagues' clients"),
    "kept": gettext_lazy("Deals won without colleagues' clients"),
}


def definitions() -> list[tuple[str, str]]:
    """In the order of the table's columns."""
    return [
        (_("Calls to new leads"), _("Outgoing calls to numbers that the CRM knew as leads only when they rang.")),
        (
            _("Calls on current deals"),
            _("Outgoing calls to a client with whom the caller himself had an open deal when it rang."),
        ),
        (
            _("Leads converted"),
            _("Leads that reached a successful stage in these days; they count for their responsible."),
        ),
        (
            _("Deals won"),
            _("Deals that reached a successful stage in these days; they count for their responsible."),
        ),
        (_("Sum"), _("What the deals won come to, each currency by itself.")),
        (
            _("Of these from colleagues' clients"),
            _(
                "Deals won after their client had been taken over from a colleague: the caller called a colleague's "
                "client, was not excused, and became the client's responsible. Conflicts that are excused or still "
                "being checked take nothing away, nor do clients that were given back."
            ),
        ),
        (_("Corrected"), _("Deals won, without those from colleagues' clients.")),
    ]


def money(sums: Sums) -> str:
    """`1 250 000,50 RUB`, a currency after the other; "" for nothing earned."""
    return ", ".join(sum_words(amount, currency) for currency, amount in sums.items())


def sum_words(amount: Decimal, currency: str) -> str:
    """Kept on one line."""
    return f"{amount_words(amount)}\N{NO-BREAK SPACE}{currency}".strip()


def amount_words(amount: Decimal) -> str:
    """Whole ones without cents."""
    places = 0 if amount == amount.to_integral_value() else 2
    return number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
