"""Which grounds excuse a conflict, and how far those reach that have a reach."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callguard.access.acting import acting
from callguard.admin.history import WithHistory
from callguard.fairness.switches import LONGEST_REACH, WITH_REACH, turn
from callguard.fairness.words import MEANINGS
from callguard.models import About, Excuse, ExcuseRule
from crm_mirror.admin.base import AdminPages, column, named_for_all
from crm_mirror.admin.pieces import NOTHING


class ReachForm(forms.ModelForm[ExcuseRule]):
    """Where there is a reach it is always a number: an empty one would switch the ground off without saying so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reach := self.fields.get("minutes"):
            reach.required = True
            reach.validators += [MinValueValidator(1), MaxValueValidator(LONGEST_REACH)]


@admin.register(ExcuseRule)
class ExcuseRuleAdmin(WithHistory, AdminPages):
    """One row for each ground, made by the program; they are switched and nothing else."""

    form = ReachForm
    list_display = ("ground_words", "enabled", "reach", "meaning", "excuses")
    list_editable = ("enabled",)
    list_before_template = "callguard/admin/excuses_before.html"
    fields = ("ground_words", "meaning", "enabled", "minutes")

    history_about = (About.EXCUSE,)
    history_key = "ground"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        with_it = Excuse.objects.filter(ground=OuterRef("ground")).order_by().values("ground")
        counted = Subquery(with_it.annotate(count=Count("pk")).values("count"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(found=Coalesce(counted, 0))
        return rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return self.fields if obj is None or obj.ground in WITH_REACH else self.fields[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("ground_words", "meaning")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return named_for_all(super().formfield_for_dbfield(db_field, request, **kwargs))

    def save_model(self, request: HttpRequest, obj: ExcuseRule, form: Any, change: bool) -> None:
        if form.has_changed():
            turn(obj, by=acting(request), at=timezone.now())

    @column(_("ground"))
    def ground_words(self, rule: ExcuseRule) -> str:
        return rule.get_ground_display()

    @column(_("reach, minutes"))
    def reach(self, rule: ExcuseRule) -> str:
        return str(rule.minutes) if rule.ground in WITH_REACH else NOTHING

    @column(_("what it means"))
    def meaning(self, rule: ExcuseRule) -> Any:
        return MEANINGS[rule.ground]

    @column(_("conflicts with it"))
    def excuses(self, rule: Any) -> str:
        return str(rule.found)
