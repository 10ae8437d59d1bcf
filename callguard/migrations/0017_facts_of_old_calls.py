"""Status and contest of calls that are older than their columns, out of the stored verdicts."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 1000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    calls = apps.get_model("callguard", "Call").objects
    last = 0
    while rows := list(calls.filter(pk__gt=last).order_by("pk").only("pk", "verdict")[:AT_ONCE]):
        for call in rows:
            call.status_value = ((call.verdict.get("status") or {}).get("id") or "")[:64]
            call.contested = bool(call.verdict.get("contested"))
        calls.bulk_update(rows, ["status_value", "contested"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("callguard", "0016_excuse_rules")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
