from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("callguard", "0017_facts_of_old_calls")]

    operations = [
        migrations.CreateModel(
            name="DealMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rung_until", models.DateTimeField()),
            ],
        ),
    ]
