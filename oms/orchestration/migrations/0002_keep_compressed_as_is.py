"""What is compressed already: the database need not try again on every write."""

from django.db import migrations

COLUMNS = [
    ("orchestration_sourcingrun", "facts"),
    ("orchestration_sourcingrun", "candidates"),
    ("orchestration_factblob", "content"),
]


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL",
            reverse_sql=f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTENDED",
        )
        for table, column in COLUMNS
    ]
