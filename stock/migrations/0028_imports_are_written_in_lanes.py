import django.db.models.deletion
from django.db import migrations, models

# Nobody takes a step of an import in between: the lane goes on where its cursor is.
LANE_OF_WHAT_IS_BEING_APPLIED = """
LOCK TABLE stock_stockimport IN ACCESS EXCLUSIVE MODE;
INSERT INTO stock_importlane (stock_import_id, after_level, cursor, last_level)
SELECT id, 0, coalesce(cursor, 0), 9223372036854775807 FROM stock_stockimport WHERE state = 'applying';
"""
# One cursor cannot say how far several lanes are.
REFUSE_WHILE_ONE_IS_APPLIED = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM stock_importlane) THEN
        RAISE EXCEPTION 'a stock import is being applied: wait until it is done';
    END IF;
END $$;
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lanes",
                        to="stock.stockimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cursor__gte", models.F("after_level")), ("cursor__lte", models.F("last_level"))
                        ),
                        name="stock_import_lane_cursor_within",
                    ),
                ],
            },
        ),
        migrations.RunSQL(LANE_OF_WHAT_IS_BEING_APPLIED, REFUSE_WHILE_ONE_IS_APPLIED),
        migrations.RemoveField(model_name="stockimport", name="cursor"),
    ]
