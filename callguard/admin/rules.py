"""Rules as an editable table, a new version of the set with every save, and the versions there were."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import transaction
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callguard import rules
from callguard.admin.history import WithHistory
from callguard.admin.palettes import swatches
from callguard.models import About, Rule, RuleSetVersion, StatusMatch, Tier
from callguard.palettes import values_of
from callguard.rule_words import differences, name_of, outcome_of
from crm_mirror.admin.base import AdminPages, ReadOnlyAdmin, column, named_for_all
from crm_mirror.admin.pieces import NOTHING, lines

EDITED = "callguard.rules_edited"  # key in request.META: this request has edited rules


class RuleForm(forms.ModelForm[Rule]):
    def clean(self) -> dict[str, Any]:
        """“No status” and “any status” once per step, said in words."""
        cleaned = super().clean() or {}
        tier, match = cleaned.get("tier"), cleaned.get("match")
        twins = Rule.objects.filter(tier=tier, match=match).exclude(pk=self.instance.pk)
        if match and match != StatusMatch.ONE and twins.exists():
            self.add_error("match", _("This step has such a rule already. Change that one instead."))
        return cleaned


@admin.register(Rule)
class RuleAdmin(WithHistory, AdminPages):
    """However many rows one save edits, it makes one version."""

    form = RuleForm
    list_display = ("tier", "applies_to", "palette", "colours", "applies_to_own")
    list_display_links = ("tier", "applies_to")
    list_editable = ("palette", "applies_to_own")
    list_select_related = ["status", "palette"]
    list_before_template = "callguard/admin/rules_before.html"
    fields = ("tier", "match", "status", "palette", "applies_to_own")

    history_about = (About.RULE,)
    history_key = ""  # of the whole set: rules are published together

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Step by step, in the order of the search."""
        steps = Case(*(When(tier=tier, then=position) for position, tier in enumerate(Tier.values)))
        return [steps.asc(), "-status__sort", "id"]

    @column(_("applies to"))
    def applies_to(self, rule: Rule) -> str:
        return str(rule.status or rule.get_match_display())

    @column(_("colours"))
    def colours(self, rule: Rule) -> str | SafeString:
        return swatches(values_of(rule.palette)) if rule.palette else gettext("no colour")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The choices are read once, not once for every row of the table."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "palette":
            field.empty_label = _("no colour")
        field.choices = list(field.choices)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the buttons that add and change palettes: those have pages of their own."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return named_for_all(field)

    # --- Versions ----------------------------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        if form.has_changed():
            request.META[EDITED] = True
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        request.META[EDITED] = True
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        request.META[EDITED] = True
        super().delete_queryset(request, queryset)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**(extra_context or {}), "rule_gaps": rules.gaps(), "version": newest_version()}
        return publishing(request, lambda: super(RuleAdmin, self).changelist_view(request, context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return publishing(
            request, lambda: super(RuleAdmin, self).changeform_view(request, object_id, form_url, extra_context)
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return publishing(request, lambda: super(RuleAdmin, self).delete_view(request, object_id, extra_context))


def publishing(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Run the page; if it edited rules, they become a version in the same transaction."""
    with transaction.atomic():
        response = view()
        if request.META.get(EDITED):
            rules.publish(by=request.user, at=timezone.now())  # type: ignore[arg-type]  # an Account: signed in
    return response


def newest_version() -> RuleSetVersion | None:
    return RuleSetVersion.objects.select_related("published_by").order_by("-version").first()


@admin.register(RuleSetVersion)
class RuleSetVersionAdmin(WithHistory, ReadOnlyAdmin):
    list_display = ("version", "published_at", "published_by", "note", "withdrawn_at", "changes")
    list_select_related = ["published_by"]
    fields = ("version", "published_at", "published_by", "note", "withdrawn_at", "changes", "all_rules")
    readonly_fields = fields

    history_about = (About.RULE,)
    history_key = "version"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSetVersion]:
        before = RuleSetVersion.objects.filter(version__lt=OuterRef("version")).order_by("-version")
        rules_before = Subquery(before.values("rules")[:1])
        rows: QuerySet[RuleSetVersion] = super().get_queryset(request).annotate(rules_before=rules_before)
        return rows

    @column(_("changes to the version before"))
    def changes(self, version: Any) -> str | SafeString:
        return lines(differences(version.rules_before, version.rules)) if version.rules_before is not None else NOTHING

    @column(_("rules"))
    def all_rules(self, version: RuleSetVersion) -> str | SafeString:
        return lines(f"{name_of(row)} → {outcome_of(row)}" for row in version.rules)
