from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A partial index: what feeds write does not pay for it.

    The ledger is long: it is built beside the writes, none of which waits, and so outside any transaction.
    Broken off, it leaves an index that is not valid: drop that, then migrate again.
    """

    atomic = False

    dependencies = [("stock", "0022_policies_of_replenishment")]

    operations = [
        AddIndexConcurrently(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind__in", ["feed", "absorbed"]), _negated=True),
                fields=["reference"],
                name="stock_movement_own_reference",
            ),
        ),
    ]
