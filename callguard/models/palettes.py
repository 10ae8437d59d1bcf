"""Palettes: how a card looks. The row is the version in force; older ones stay, because stored verdicts name them."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class ColourField(models.CharField[str, str]):
    """`#rrggbb`, lower case."""

    default_validators = [RegexValidator(r"^#[0-9a-f]{6}$", _("Write the colour as #rrggbb, e.g. #c62828."))]

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs["max_length"] = 7
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature is untyped here

    def to_python(self, value: object) -> str:
        return str(value).strip().lower()


class Palette(models.Model):
    """Colours, icon and label of one outcome. A higher `severity` is stricter and wins among several entities."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    severity = models.PositiveSmallIntegerField(
        _("severity"), unique=True, help_text=_("Of several clients behind one number the highest severity is shown.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    label_ru = models.CharField(_("label in Russian"), max_length=64)
    label_en = models.CharField(_("label in English"), max_length=64)
    icon = models.SlugField(_("icon"), max_length=32, default="stop")
    base = ColourField(_("base"))
    client_block = ColourField(_("client block"))
    buttons_bar = ColourField(_("buttons bar"))
    text = ColourField(_("text"))
    answer_background = ColourField(_("answer button"))
    answer_text = ColourField(_("answer button, text"))
    hangup_background = ColourField(_("hang-up button"))
    hangup_text = ColourField(_("hang-up button, text"))
    other_background = ColourField(_("other buttons"))
    other_text = ColourField(_("other buttons, text"))

    class Meta:
        verbose_name = _("palette")
        verbose_name_plural = _("palettes")
        ordering = ["-severity"]

    def __str__(self) -> str:
        """What people call it, in the language that is active; `code` is for scripts and stored calls."""
        return self.label_en if (get_language() or "").startswith("en") else self.label_ru


class PaletteVersion(models.Model):
    """What a palette was: `values` holds the Palette's fields by name."""

    palette = models.ForeignKey(Palette, models.CASCADE, related_name="versions", verbose_name=_("palette"))
    version = models.PositiveIntegerField(_("version"))
    published_at = models.DateTimeField(_("since"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    values = models.JSONField(_("values"))

    class Meta:
        verbose_name = _("version of a palette")
        verbose_name_plural = _("versions of palettes")
        ordering = ["palette", "-version"]
        constraints = [models.UniqueConstraint(fields=["palette", "version"], name="palette_version_once")]

    def __str__(self) -> str:
        return f"{self.palette} {self.version}"


class PaletteDraft(models.Model):
    """A look that is being worked on: at most one of a palette, seen by nobody who calls until it is published."""

    palette = models.OneToOneField(Palette, models.CASCADE, related_name="draft", verbose_name=_("palette"))
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    values = models.JSONField(_("values"))

    class Meta:
        verbose_name = _("draft of a palette")
        verbose_name_plural = _("drafts of palettes")

    def __str__(self) -> str:
        return str(self.palette)
