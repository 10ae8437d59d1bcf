"""Installations that were read through before: their mirror is true as of the last complete pass."""

from django.db import migrations
from django.db.models import F


def begin(apps, schema_editor):
    cursors = apps.get_model("crm_mirror", "SyncCursor").objects
    cursors.filter(finished_at__isnull=False, true_at=None).update(true_at=F("finished_at"))


class Migration(migrations.Migration):
    dependencies = [("crm_mirror", "0003_changes_inbox_outbox")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop, elidable=True)]
