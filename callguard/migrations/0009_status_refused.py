import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callguard", "0008_signin"),
        ("crm_mirror", "0003_changes_inbox_outbox"),
    ]
    operations = [
        migrations.AddField(
            "companystatus",
            "refused",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm_mirror.outboxcall",
                verbose_name="refused by the portal",
            ),
        ),
    ]
