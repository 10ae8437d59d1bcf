from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("callguard", "0019_workshop_drafts_and_access")]

    operations = [
        migrations.CreateModel(
            name="DealMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rung_until", models.DateTimeField()),
            ],
        ),
    ]
