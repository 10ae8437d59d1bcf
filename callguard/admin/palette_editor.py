"""What the palette's page does besides saving: propose, measure, preview, import, export, go back in time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callguard import palettes
from callguard.admin.palette_preview import preview_view
from callguard.models import Palette, PaletteVersion
from callguard.models.palettes import ColourField
from callguard.palette_check import told
from callguard.palette_files import exported, imported
from callguard.presets import PRESETS, looks
from callguard.proposal import proposal_for

if TYPE_CHECKING:
    from callguard.admin.palettes import PaletteAdmin

View = Callable[..., HttpResponseBase]
LIST = "admin:callguard_palette_changelist"


class ColourForm(forms.Form):
    colour = forms.CharField(validators=ColourField.default_validators)


def look_form(data: Any) -> forms.Form:
    """A field for each colour of a palette."""
    form = forms.Form(data)
    form.fields = {name: forms.CharField(validators=ColourField.default_validators) for name in palettes.COLOURS}
    return form


def urls_of(pages: PaletteAdmin) -> list[URLPattern]:
    """Addresses below the palettes' list, for who may edit them."""

    def at(route: str, view: View, name: str) -> URLPattern:
        whole = pages.admin_site.admin_view(partial(for_editors(view), pages=pages))
        return path(route, whole, name=f"callguard_palette_{name}")

    return [
        at("proposal/", proposal_view, "proposal"),
        at("check/", check_view, "check"),
        at("preview/", preview_view, "preview"),
        at("import/", import_view, "import"),
        at("<int:pk>/export/", export_view, "export"),
        at("<int:pk>/draft/discard/", discard_view, "discard"),
        at("versions/<int:pk>/restore/", restore_view, "restore"),
    ]


def for_editors(view: View) -> View:
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, pages: PaletteAdmin, **kwargs: Any) -> HttpResponseBase:
        if not pages.has_change_permission(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return asked


@require_GET
def proposal_view(request: HttpRequest) -> JsonResponse:
    """`?colour=#rrggbb` → every colour of a palette by field."""
    form = ColourForm(request.GET)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    return JsonResponse(proposal_for(form.cleaned_data["colour"]))


@require_GET
def check_view(request: HttpRequest) -> JsonResponse:
    """`?base=#rrggbb&…&code=red` → what `palette_check.told` says of the look."""
    form = look_form(request.GET)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    return JsonResponse(told(form.cleaned_data, request.GET.get("code", "")))


@require_GET
def export_view(request: HttpRequest, pk: int) -> HttpResponse:
    palette = get_object_or_404(Palette, pk=pk)
    named = {"Content-Disposition": f'attachment; filename="palette-{palette.code}.json"'}
    return HttpResponse(exported(palette), content_type="application/json", headers=named)


@require_POST
def import_view(request: HttpRequest) -> HttpResponseRedirect:
    """A known palette gets the file's look as its draft; a new one opens as a form that is filled in."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise ValidationError(_("Choose a file first."))
        palette = imported(file.read())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse(LIST))
    if palette.pk is None:
        look = {"code": palette.code, **palettes.values_of(palette)}
        return HttpResponseRedirect(f"{reverse('admin:callguard_palette_add')}?{urlencode(look)}")
    palettes.save_draft(palette, by=request.user, at=timezone.now())  # type: ignore[arg-type]  # an Account: signed in
    messages.success(
        request, _("The file is the draft of “%(code)s” now. Look at it, then publish.") % {"code": palette.code}
    )
    return HttpResponseRedirect(draft_of(palette.pk))


@require_POST
def discard_view(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    palettes.discard_draft(pk)
    messages.success(request, _("The draft is discarded."))
    return HttpResponseRedirect(page_of(pk))


@require_POST
def restore_view(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """An earlier version in force again, as the next one."""
    version = get_object_or_404(PaletteVersion.objects.select_related("palette"), pk=pk)
    try:
        made = palettes.roll_back(version, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        facts = {"old": version.version, "new": made.version}
        messages.success(request, _("Version %(old)d is in force again, as version %(new)d.") % facts)
    return HttpResponseRedirect(page_of(version.palette_id))


def page_of(pk: int) -> str:
    return reverse("admin:callguard_palette_change", args=[pk])


def draft_of(pk: int) -> str:
    return f"{page_of(pk)}?draft=1"


def gallery(language: str) -> list[dict[str, Any]]:
    """The presets as the list shows them: a card each, and the address of a form filled in with it."""
    add, known = reverse("admin:callguard_palette_add"), set(Palette.objects.values_list("code", flat=True))
    found = []
    for preset in PRESETS:
        values = {
            "icon": preset.icon,
            "label_ru": preset.label_ru,
            "label_en": preset.label_en,
            **looks()[preset.code],
        }
        card = palettes.palette_json(values, code=preset.code, version=0, language=language)
        found.append(
            {"card": card, "link": f"{add}?{urlencode({'code': preset.code, **values})}", "known": preset.code in known}
        )
    return found
