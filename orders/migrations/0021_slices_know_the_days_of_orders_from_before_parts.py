from django.db import migrations

# Orders from before their parts had days of their own: all of one was told the same. What waited without a promise
# was told none. Open orders only, found by their index: those that are over are never promised anew.
DAYS_OF_THE_ORDER = """
UPDATE orders_allocation AS slice SET promised_on = placed.promised_on, expected_on = placed.expected_on
FROM orders_orderline AS line JOIN orders_order AS placed ON placed.id = line.order_id
WHERE slice.line_id = line.id AND placed.promised_on IS NOT NULL AND slice.promised_on IS NULL
  AND placed.state IN ('pending_payment', 'confirmed', 'in_progress', 'partially_fulfilled')
  AND (slice.state NOT IN ('backordered', 'unfillable') OR placed.promise ->> 'choice' IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM orders_allocation AS other JOIN orders_orderline AS beside ON beside.id = other.line_id
    WHERE beside.order_id = placed.id AND other.promised_on IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_each_part_has_its_own_day"),
    ]

    operations = [migrations.RunSQL(DAYS_OF_THE_ORDER, migrations.RunSQL.noop)]
