"""The company statuses: named, ordered, coloured and retired here; how many companies have each, and its rules."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import CharField, Count, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from callguard.access.acting import acting
from callguard.admin.history import WithHistory
from callguard.models import About, Origin, Rule, StatusMatch, Tier
from callguard.status import reference
from callguard.status.newcomers import first_status
from crm_mirror.admin.base import AdminPages, column, named_for_all
from crm_mirror.admin.pieces import NOTHING
from crm_mirror.models import Company, OutboxCall, Status, StatusField
from crm_mirror.outbox import was_overtaken

GAP = ""  # no rule speaks of the status
NO_COLOUR = "none"
MOST_SORT = 100_000
COLOURS = [  # each is told from both backgrounds of the admin
    ("", _("none")),
    ("#c62828", _("red")),
    ("#ef6c00", _("orange")),
    ("#b7950b", _("yellow")),
    ("#2e7d32", _("green")),
    ("#00838f", _("turquoise")),
    ("#1e6fd9", _("blue")),
    ("#8e44ad", _("violet")),
    ("#757575", _("grey")),
]
Edits = dict[int, reference.Wanted]


class PlaceForm(forms.ModelForm[Status]):
    """A row of the list."""

    def clean_sort(self) -> int:
        sort = int(self.cleaned_data["sort"])
        if not 0 <= sort <= MOST_SORT:
            raise forms.ValidationError(_("Write a number from 0 to %(most)d."), params={"most": MOST_SORT})
        return sort


class StatusForm(PlaceForm):
    colour = forms.ChoiceField(
        label=_("Colour in lists"),
        required=False,
        choices=COLOURS,
        widget=UnfoldAdminSelectWidget,
        help_text=_("For the eye only. What colour a card gets, the rules say."),
    )
    retired = forms.BooleanField(
        label=_("Retired"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Offered no more. Companies that have it keep it, and rules go on. The portal knows no retired statuses: "
            "there people can still choose it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "retired" in self.fields:
            self.fields["retired"].initial = self.instance.retired_at is not None
        if "colour" in self.fields and self.instance.colour not in dict(COLOURS):
            self.fields["colour"].choices = [*COLOURS, (self.instance.colour, self.instance.colour)]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        try:
            return reference.fit_name(self.cleaned_data["name"], status_id=self.instance.pk)
        except reference.Unfit as unfit:
            raise forms.ValidationError(str(unfit)) from unfit


@admin.register(Status)
class StatusAdmin(WithHistory, AdminPages):
    """Edits go to the portal; those made there come from it. Nothing is edited before the first sync has met it."""

    form = StatusForm
    list_display = ("label", "sort", "state", "exchange", "companies", "company_rule", "contact_rule")
    list_display_links = ("label",)
    list_editable = ("sort",)
    list_before_template = "callguard/admin/statuses_before.html"
    actions = None  # retiring is a switch on the page; and Enter in the list saves it, instead of running an action
    fields = ("name", "sort", "colour", "retired", "value", "exchange_word", "portal_words", "companies")
    readonly_fields = ("value", "exchange_word", "portal_words", "companies")

    history_about = (About.REFERENCE,)

    # --- Who may -----------------------------------------------------------------------------------------------------
    def may_edit(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().may_edit(request, obj) and is_portal_known(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It is retired instead: stored calls, rules and companies name it."""
        return False

    # --- What is shown -----------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rules = {"by_company": rule_in(Tier.COMPANY), "by_contact": rule_in(Tier.COMPANY_CONTACT)}
        rows: QuerySet[Any] = super().get_queryset(request).select_related("sent")
        annotated: QuerySet[Any] = rows.annotate(company_count=live_companies(), **rules)
        return annotated

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("name", "sort", "colour")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=PlaceForm, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"sort": reference.next_place()}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return named_for_all(super().formfield_for_dbfield(db_field, request, **kwargs))

    @column(pgettext_lazy("of a thing", "name"), ordering="sort")
    def label(self, status: Status) -> str | SafeString:
        return format_html("{} {}", dot(status.colour), status.name) if status.colour else status.name

    @column(_("state"), label={"used": "success", "retired": ""})
    def state(self, status: Status) -> tuple[str, Any]:
        return ("retired", _("retired")) if status.retired_at else ("used", _("in use"))

    @column(_("in the portal"), label={"same": "", "waits": "info", "refused": "danger", "lost": "warning"})
    def exchange(self, status: Status) -> tuple[str, Any]:
        return exchange_of(status)

    @column(_("in the portal"))
    def exchange_word(self, status: Status) -> Any:
        return exchange_of(status)[1]

    @column(_("the portal's words"))
    def portal_words(self, status: Status) -> str:
        return (status.sent.error if status.sent else "") or NOTHING

    @column(_("companies"), ordering="company_count")
    def companies(self, status: Any) -> str | SafeString:
        count = int(status.company_count)
        return format_html('<a class="text-link" href="{}">{}</a>', companies_url(status), count) if count else "0"

    @column(_("rule: company"), label={"gap": "danger", "rule": ""})
    def company_rule(self, status: Any) -> tuple[str, Any]:
        return rule_label(status.by_company)

    @column(_("rule: contact of a company"), label={"gap": "danger", "rule": ""})
    def contact_rule(self, status: Any) -> tuple[str, Any]:
        return rule_label(status.by_contact)

    # --- Edits -------------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """However many places one save edits, they are one edit."""
        context = {**(extra_context or {}), **notes(request, self.get_queryset(request))}
        edits: Edits = {}
        request.META[EDITS] = edits
        with transaction.atomic():
            response: HttpResponse = super().changelist_view(request, context)
            if edits:
                carry_out(request, lambda: edit(request, edits))
        return response

    def save_model(self, request: HttpRequest, obj: Status, form: Any, change: bool) -> None:
        if EDITS in request.META:
            request.META[EDITS][obj.pk] = {"sort": obj.sort}
        elif change:
            names = ("name", "sort", "colour", "retired")
            wanted = {name: form.cleaned_data[name] for name in names if name in form.changed_data}
            carry_out(request, lambda: edit(request, {obj.pk: wanted}))  # type: ignore[dict-item]
        else:
            sent = form.cleaned_data
            facts = {"sort": sent["sort"], "colour": sent["colour"]}
            by, at = acting(request), timezone.now()
            obj.pk = reference.add(sent["name"], **facts, by=by, origin=Origin.ADMIN, at=at).pk


EDITS = "callguard.status_edits"  # key in request.META: what the list's form wants
PORTAL_KNOWN = "callguard.portal_known"


def is_portal_known(request: HttpRequest) -> bool:
    """Whether a sync has met the portal's statuses. One query in a request."""
    if PORTAL_KNOWN not in request.META:
        request.META[PORTAL_KNOWN] = StatusField.objects.exists()
    return bool(request.META[PORTAL_KNOWN])


def edit(request: HttpRequest, wanted: Edits) -> int:
    return reference.edit(wanted, by=acting(request), origin=Origin.ADMIN, at=timezone.now())


def carry_out(request: HttpRequest, verb: Callable[[], Any]) -> None:
    """What the form could not know: somebody else was faster."""
    try:
        verb()
    except reference.Unfit as unfit:
        messages.error(request, str(unfit))


def notes(request: HttpRequest, statuses: QuerySet[Any]) -> dict[str, Any]:
    """What stands above the list."""
    lost = [row for row in statuses.filter(in_portal=False).exclude(portal_name="") if row.company_count]
    is_known = is_portal_known(request)
    return {
        "is_portal_known": is_known,
        "lost_statuses": [(row, row.company_count, companies_url(row)) for row in lost],
        "lacks_first_status": is_known and first_status() is None,
    }


def companies_url(status: Status) -> str:
    return reverse("admin:crm_mirror_company_changelist", query={"status__value__exact": status.value})


def dot(colour: str) -> SafeString:
    return format_html(
        '<svg class="callguard-dot" width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="6" fill="{}"/>'
        "</svg>",
        colour,
    )


def exchange_of(status: Status) -> tuple[str, Any]:
    """How it stands with the portal."""
    if status.edited_at:
        return "waits", _("on its way to the portal")
    if status.sent and status.sent.state != OutboxCall.State.DONE and not was_overtaken(status.sent):
        return "refused", _("refused by the portal")
    if status.in_portal:
        return "same", _("the same")
    return ("lost", _("deleted there")) if status.portal_name else ("lost", _("unknown there"))


def live_companies() -> Coalesce:
    """How many live companies have the status: read from the index on the status, for a handful of statuses."""
    having = Company.objects.live().filter(status_id=OuterRef("value")).order_by().values("status_id")
    return Coalesce(Subquery(having.annotate(rows=Count("pk")).values("rows")), 0, output_field=IntegerField())


def rule_in(tier: Tier) -> Coalesce:
    """Code of the palette that the step's rule gives the status, NO_COLOUR, or GAP."""
    colour = Coalesce("palette__code", Value(NO_COLOUR), output_field=CharField())
    in_step = Rule.objects.filter(tier=tier)
    for_this = in_step.filter(match=StatusMatch.ONE, status=OuterRef("pk"))
    for_any = in_step.filter(match=StatusMatch.ANY)
    return Coalesce(
        Subquery(for_this.values(colour=colour)[:1]), Subquery(for_any.values(colour=colour)[:1]), Value(GAP)
    )


def rule_label(colour: str) -> tuple[str, Any]:
    if colour == GAP:
        return ("gap", _("no rule"))
    return ("rule", _("no colour") if colour == NO_COLOUR else colour)
