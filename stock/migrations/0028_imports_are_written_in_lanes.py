import django.db.models.deletion
from django.db import migrations, models

# The check of their keys is not left for the end: it would stand in the way of what follows.
LANE_OF_WHAT_IS_BEING_APPLIED = """
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO stock_importlane (stock_import_id, after_level, cursor, last_level)
SELECT id, 0, coalesce(cursor, 0), 9223372036854775807 FROM stock_stockimport WHERE state = 'applying';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0027_neither_units_nor_percent_is_refused"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportLane",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after_level", models.BigIntegerField()),
                ("last_level", models.BigIntegerField()),
                ("cursor", models.BigIntegerField()),
                (
                    "stock_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lanes",
                        to="stock.stockimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stock_import", "after_level"), name="stock_import_lane_begins_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cursor__gte", models.F("after_level")), ("cursor__lte", models.F("last_level"))
                        ),
                        name="stock_import_lane_cursor_within",
                    ),
                ],
            },
        ),
        migrations.RunSQL(LANE_OF_WHAT_IS_BEING_APPLIED, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="stockimport", name="cursor"),
    ]
