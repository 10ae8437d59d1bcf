"""Installations that were read through before there was a delta: it goes on from their last complete pass."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F


def begin(apps, schema_editor):
    cursors = apps.get_model("crm_mirror", "SyncCursor").objects.filter(finished_at__isnull=False)
    cursors.filter(true_at=None).update(true_at=F("finished_at"))
    delta = apps.get_model("crm_mirror", "DeltaCursor").objects
    for kind, finished_at in cursors.values_list("kind", "finished_at"):
        # by our clock, where the portal's is meant: a day more than enough is read
        delta.get_or_create(kind=kind, defaults={"since": finished_at - timedelta(days=1)})


class Migration(migrations.Migration):
    dependencies = [("crm_mirror", "0003_changes_inbox_outbox")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop, elidable=True)]
