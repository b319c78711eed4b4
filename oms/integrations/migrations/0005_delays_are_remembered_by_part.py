from django.db import migrations

# What customers were told of by the order and the new day alone is remembered with the day that was promised, too:
# nothing of it is told again. Found by the index on kind and subject.
BY_PART = """
UPDATE integrations_notification
SET subject = 'order:' || order_id || ':' || (data ->> 'promised_on') || ':' || split_part(subject, ':', 3)
WHERE kind = 'order_delayed' AND data ->> 'promised_on' IS NOT NULL
  AND subject = 'order:' || order_id || ':' || coalesce(data ->> 'expected_on', 'late')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_transfers_are_told"),
    ]

    operations = [migrations.RunSQL(BY_PART, migrations.RunSQL.noop)]
