"""One open dispute of a call: what else was said of it while it was open joins the first one."""

from django.db import migrations, models

LENGTHS = {"comment": 500, "evidence": 2000}


def merge(apps, schema_editor):
    """Decided ones stay as they are."""
    Dispute = apps.get_model("callguard", "Dispute")
    first_of = {}
    for said in Dispute.objects.filter(state="open").order_by("at", "pk").iterator():
        first = first_of.setdefault(said.call_id, said)
        if first is not said:
            join(first, said)


def join(first, said):
    for column, length in LENGTHS.items():
        texts = [text for text in (getattr(first, column), getattr(said, column)) if text]
        setattr(first, column, "\n".join(texts)[:length])
    first.link = first.link or said.link
    known = {person["id"] for person in first.told}
    first.told = first.told + [person for person in said.told if person["id"] not in known]
    first.save(update_fields=[*LENGTHS, "link", "told"])
    said.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("callguard", "0026_blamed_by_time"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="dispute", name="dispute_once_in_these_words"),
        migrations.RunPython(merge, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("call",), name="dispute_one_open_of_call"
            ),
        ),
    ]
