"""The published case's rules (verdict.md §2) as the first version of the rule set."""

from django.db import migrations
from django.utils import timezone

# tier, match, status, palette, applies to own
RULES = [
    *((tier, "one", "В работе", "red", False) for tier in ("company", "company_contact")),
    *((tier, "one", "В обработке", "yellow", False) for tier in ("company", "company_contact")),
    *((tier, "one", "В ожидании", None, False) for tier in ("company", "company_contact")),
    *((tier, "none", None, None, False) for tier in ("company", "company_contact")),
    ("contact", "any", None, "yellow", True),
    ("lead", "any", None, "blue", True),
]


def seed(apps, schema_editor):
    rule, version = apps.get_model("callguard", "Rule"), apps.get_model("callguard", "RuleSetVersion")
    if version.objects.exists():
        return
    statuses = {row.name: row for row in apps.get_model("crm_mirror", "Status").objects.all()}
    palettes = {row.code: row for row in apps.get_model("callguard", "Palette").objects.all()}
    for tier, match, status, palette, own in RULES:
        rule.objects.create(
            tier=tier, match=match, status=statuses.get(status), palette=palettes.get(palette), applies_to_own=own
        )
    keys = ("tier", "match", "status", "palette", "applies_to_own")
    version.objects.create(
        version=1,
        published_at=timezone.now(),
        note="As installed",
        rules=[dict(zip(keys, row, strict=True)) for row in RULES],
    )


def unseed(apps, schema_editor):
    version = apps.get_model("callguard", "RuleSetVersion")
    if not version.objects.filter(version__gt=1).exists():
        apps.get_model("callguard", "Rule").objects.all().delete()
        version.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("callguard", "0002_seed_palettes"), ("crm_mirror", "0002_seed_statuses")]
    operations = [migrations.RunPython(seed, unseed)]
