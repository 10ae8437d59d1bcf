"""The database itself refuses to change or delete history, whoever asks."""

from django.db import migrations

TABLE = "callguard_history"
POSTGRES = f"""
CREATE FUNCTION callguard_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only';
END $$;
CREATE TRIGGER callguard_history_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION callguard_history_is_append_only();
"""
SQLITE = tuple(
    f"CREATE TRIGGER {TABLE}_no_{verb} BEFORE {verb} ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    for verb in ("update", "delete")
)


def protect(apps, schema_editor):
    statements = (POSTGRES,) if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


def unprotect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER callguard_history_append_only ON {TABLE}")
        schema_editor.execute("DROP FUNCTION callguard_history_is_append_only()")
    else:
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{verb}")


class Migration(migrations.Migration):
    dependencies = [("callguard", "0006_history_and_statuses")]
    operations = [migrations.RunPython(protect, unprotect, elidable=False)]
