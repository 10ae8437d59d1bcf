"""What the mirror knows of the statuses is what the portal had last: nobody could edit them here before."""

from django.db import migrations
from django.db.models import F


def begin(apps, schema_editor):
    statuses = apps.get_model("crm_mirror", "Status").objects
    statuses.filter(in_portal=True, portal_sort=None).update(portal_name=F("name"), portal_sort=F("sort"))


class Migration(migrations.Migration):
    dependencies = [("crm_mirror", "0005_status_exchange")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop, elidable=True)]
