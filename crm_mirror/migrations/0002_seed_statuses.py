"""The three statuses of the published case. The first sync gives them the portal's own values, matched by name."""

from django.db import migrations

# placeholder value until the portal's is known, name, order
STATUSES = [("WAITING", "В ожидании", 10), ("PROCESSING", "В обработке", 20), ("IN_WORK", "В работе", 30)]


def seed(apps, schema_editor):
    status = apps.get_model("crm_mirror", "Status")
    for value, name, sort in STATUSES:
        if not status.objects.filter(name=name).exists():
            status.objects.get_or_create(value=value, defaults={"name": name, "sort": sort})


def unseed(apps, schema_editor):
    values = [value for value, _, _ in STATUSES]
    apps.get_model("crm_mirror", "Status").objects.filter(value__in=values, in_portal=False).delete()


class Migration(migrations.Migration):
    dependencies = [("crm_mirror", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
