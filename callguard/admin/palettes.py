"""Palettes: colours by picker, a card painted while one picks, and no illegible card saved."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelectWidget

from callguard import palettes
from callguard.access.acting import acting, administers
from callguard.access.policies import may_edit_palettes
from callguard.admin.history import WithHistory
from callguard.admin.palette_editor import draft_of, gallery, urls_of
from callguard.admin.scopes import Scoped
from callguard.contrast import BUTTONS
from callguard.models import About, Palette, PaletteDraft, PaletteVersion, Rule
from callguard.models.palettes import ColourField
from callguard.palette_check import VISIONS
from callguard.presets import looks
from crm_mirror.admin.base import AdminPages, column

if TYPE_CHECKING:  # unfold ships no types: its class would make ours Any
    from django.contrib.admin import TabularInline
else:
    from unfold.admin import TabularInline


START = "graphite"  # the preset in whose colours a new palette opens: legible, and nobody's


class PaletteForm(forms.ModelForm[Palette]):
    icon = forms.ChoiceField(
        label=_("Icon"),
        choices=[("stop", _("stop sign")), ("warning", _("warning sign")), ("info", _("information sign"))],  # card.js
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be read, each pair beside the colour to change."""
        cleaned = super().clean() or {}
        if set(palettes.COLOURS) <= cleaned.keys():
            for field, sentences in palettes.problems_of(Palette(**cleaned)).items():
                self.add_error(field, sentences)
        return cleaned


class VersionsInline(TabularInline[PaletteVersion, Palette]):
    """Every version of the palette, as it was; nobody edits the past."""

    model = PaletteVersion
    fields = ("version", "published_at", "published_by", "look", "changed", "restore")
    readonly_fields = fields
    extra = 0
    hide_title = True
    per_page = 10
    verbose_name_plural = _("versions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaletteVersion]:
        rows: QuerySet[PaletteVersion] = super().get_queryset(request)
        return rows.select_related("published_by", "palette").order_by("-version")

    @column(_("colours"))
    def look(self, version: PaletteVersion) -> SafeString:
        return swatches(version.values)

    @column(_("what changed"))
    def changed(self, version: PaletteVersion) -> str:
        """Against the version before, by the fields' names. One query a row: a page holds ten."""
        before = PaletteVersion.objects.filter(palette=version.palette_id, version=version.version - 1).first()
        return ", ".join(differences(before.values, version.values)) if before else ""

    @column(_("state"))
    def restore(self, version: PaletteVersion) -> SafeString | str:
        if version.version == version.palette.version:
            return gettext("in force")
        address = reverse("admin:callguard_palette_restore", args=[version.pk])
        words = gettext("Put in force again")
        # the form around it belongs to the palette: its fields come along and are not looked at
        return format_html('<button type="submit" formaction="{}" formnovalidate>{}</button>', address, words)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_edit_palettes(acting(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Palette)
class PaletteAdmin(Scoped, WithHistory, AdminPages):
    form = PaletteForm
    inlines = [VersionsInline]
    list_display = ("code", "label", "severity", "colours", "version")
    formfield_overrides = {ColourField: {"widget": UnfoldAdminColorInputWidget}}
    change_form_before_template = "callguard/admin/palette_editor.html"
    list_before_template = "callguard/admin/palette_gallery.html"
    fieldsets = (
        (None, {"fields": ("code", "severity", ("label_ru", "label_en"), "icon")}),
        (_("Card"), {"fields": (("base", "client_block"), ("buttons_bar", "text"))}),
        (_("Buttons"), {"fields": tuple((f"{name}_background", f"{name}_text") for name in BUTTONS)}),
    )

    class Media:
        js = ("callguard/admin/palette_editor.js",)

    history_about = (About.PALETTE,)
    history_key = "code"

    def may_edit(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_edit_palettes(acting(request))

    @column(_("label"))
    def label(self, palette: Palette) -> str:
        return str(palette)

    @column(_("colours"))
    def colours(self, palette: Palette) -> SafeString:
        return swatches(palettes.values_of(palette))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Stored calls and scripts know a palette by its code."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Its versions go with it, which stored verdicts name: administrators only. One that a rule names stays."""
        return administers(request) and not (obj and Rule.objects.filter(palette=obj.pk).exists())

    def get_urls(self) -> list[URLPattern]:
        return [*urls_of(self), *super().get_urls()]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Palette | None:
        """With `?draft=1` the form opens with the draft's look; what is sent is held against the row in force."""
        palette: Palette | None = super().get_object(request, object_id, from_field)
        draft = draft_for(palette) if "draft" in request.GET and request.method == "GET" else None
        for name, value in draft.values.items() if draft else ():
            setattr(palette, name, value)
        return palette

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A preset of the gallery or a file's look comes with the address."""
        return {**looks()[START], **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Palette, form: Any, change: bool) -> None:
        if "_draft" in request.POST and change:
            palettes.save_draft(obj, by=request.user, at=timezone.now())  # type: ignore[arg-type]  # an Account: signed in
        elif form.has_changed():
            palettes.publish(obj, by=request.user, at=timezone.now())  # type: ignore[arg-type]
            palettes.discard_draft(obj.pk)  # it was in the form, or its reader chose to do without

    def response_change(self, request: HttpRequest, obj: Palette) -> HttpResponse:
        if "_draft" not in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, gettext("Saved as a draft: no card is painted with it yet."), messages.SUCCESS)
        return HttpResponseRedirect(draft_of(obj.pk))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**(extra_context or {}), "gallery": gallery(get_language() or "ru")}
        return super().changelist_view(request, context)

    def delete_model(self, request: HttpRequest, obj: Palette) -> None:
        palettes.remove(obj, by=acting(request), at=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Palette]) -> None:
        for palette in queryset:
            self.delete_model(request, palette)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        palette = self._stored(object_id)
        context = {
            **(extra_context or {}),
            "preview": preview_of(palette),
            "palette": palette,
            "draft": draft_for(palette),
            "shows_draft": "draft" in request.GET,
            "visions": VISIONS,
        }
        return super().changeform_view(request, object_id, form_url, context)

    def _stored(self, object_id: str | None) -> Palette:
        known = Palette.objects.filter(pk=object_id).first() if object_id and object_id.isdecimal() else None
        return known or Palette(code="", **looks()[START])


def draft_for(palette: Palette | None) -> PaletteDraft | None:
    return (
        PaletteDraft.objects.filter(palette=palette).select_related("saved_by").first()
        if palette and palette.pk
        else None
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """E.g. "base #c62828 → #b71c1c", in the language that is active."""
    return [
        f"{palettes.name_of(name)} {before.get(name, '–')} → {after[name]}"
        for name in palettes.LOOK
        if name in after and before.get(name) != after[name]
    ]


def preview_of(palette: Palette) -> SafeString:
    """The call card in the palette's colours; the page's script repaints it as colours are picked."""
    values = palettes.values_of(palette)
    shape = palettes.palette_json(values, code=palette.code, version=palette.version, language=get_language() or "ru")
    return render_to_string("callguard/admin/card.html", {"palette": shape})


def swatches(values: dict[str, Any]) -> SafeString:
    """The colours of a look side by side."""
    chips = format_html_join("", '<span data-css="background:{}" title="{}"></span>', named_colours(values))
    return format_html('<span class="callguard-swatches">{}</span>', chips)


def named_colours(values: dict[str, Any]) -> list[tuple[str, str]]:
    """(colour, what it is of), in the order of the form."""
    return [(values[name], f"{palettes.name_of(name)}: {values[name]}") for name in palettes.COLOURS]
