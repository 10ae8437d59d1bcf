"""One switch for each ground of an excuse, all on; reaches in minutes."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SEEDED = (
    ("substitution", None),
    ("manager", None),
    ("stale_mirror", None),
    ("responsible_gone", None),
    ("contested", None),
    ("just_changed", 15),
    ("called_back", 60),
    ("forwarded", None),
    ("own_error", None),
    ("not_shown", None),
)


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("callguard", "ExcuseRule").objects
    for ground, minutes in SEEDED:
        rules.get_or_create(ground=ground, defaults={"minutes": minutes})


def unseed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Going back takes the table away with them."""


class Migration(migrations.Migration):
    dependencies = [("callguard", "0015_what_came_of_calls")]
    operations = [migrations.RunPython(seed, unseed)]
