"""Red, yellow and blue. Every pair meets WCAG 2.2 AA; tests/callguard/test_palettes.py measures them."""

from django.db import migrations
from django.utils import timezone

FIELDS = [
    *("severity", "label_ru", "label_en", "icon", "base", "client_block", "buttons_bar", "text"),
    *("answer_background", "answer_text", "hangup_background", "hangup_text", "other_background", "other_text"),
]
# The article's second lesson: stripes of different darkening and buttons had to be chosen by eye for every base.
PALETTES = {
    "red": (
        *(30, "Чужой клиент", "A colleague's client", "stop", "#c62828", "#b71c1c", "#8e1515", "#ffffff"),
        *("#ffffff", "#1b5e20", "#ffcdd2", "#7f0000", "#ffebee", "#8e1515"),
    ),
    "yellow": (
        *(20, "Уточните ответственного", "Check who is responsible", "warning", "#fdd835", "#ffe168", "#f9c513"),
        *("#212121", "#1b5e20", "#ffffff", "#8e0000", "#ffffff", "#37474f", "#ffffff"),
    ),
    "blue": (
        *(10, "Известный лид", "A known lead", "info", "#1565c0", "#1a5ba8", "#0d47a1", "#ffffff"),
        *("#e8f5e9", "#1b5e20", "#ffebee", "#b71c1c", "#e3f2fd", "#0d47a1"),
    ),
}


def seed(apps, schema_editor):
    palette, version = apps.get_model("callguard", "Palette"), apps.get_model("callguard", "PaletteVersion")
    for code, row in PALETTES.items():
        values = dict(zip(FIELDS, row, strict=True))
        found, created = palette.objects.get_or_create(code=code, defaults=values)
        if created:
            version.objects.create(palette=found, version=1, published_at=timezone.now(), values=values)


def unseed(apps, schema_editor):
    apps.get_model("callguard", "Palette").objects.filter(code__in=PALETTES, version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("callguard", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
