"""The ways round 0007 are closed: TRUNCATE and SQLite's INSERT OR REPLACE, which no trigger on DELETE sees."""

from django.db import migrations

POSTGRES = """
CREATE TRIGGER callguard_history_no_truncate BEFORE TRUNCATE ON callguard_history
    FOR EACH STATEMENT EXECUTE FUNCTION callguard_history_is_append_only();
"""
SQLITE = """
CREATE TRIGGER callguard_history_no_replace BEFORE INSERT ON callguard_history
    WHEN EXISTS (SELECT 1 FROM callguard_history WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
"""


def protect(apps, schema_editor):
    schema_editor.execute(POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE)


def unprotect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER callguard_history_no_truncate ON callguard_history")
    else:
        schema_editor.execute("DROP TRIGGER callguard_history_no_replace")


class Migration(migrations.Migration):
    dependencies = [("callguard", "0009_status_refused")]
    operations = [migrations.RunPython(protect, unprotect, elidable=False)]
