"""The broker of an installation that has no other: message queues in this database (PGMQ's own SQL)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from pgmq.install import get_embedded_install_sql


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta')")
        if cursor.fetchone()[0] is None:
            cursor.execute(get_embedded_install_sql(), None)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only_audit")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
