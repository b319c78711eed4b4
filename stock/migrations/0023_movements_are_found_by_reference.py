from django.db import migrations, models


class Migration(migrations.Migration):
    """A partial index: what feeds write does not pay for it."""

    dependencies = [("stock", "0022_policies_of_replenishment")]

    operations = [
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind__in", ["feed", "absorbed"]), _negated=True),
                fields=["reference"],
                name="stock_movement_own_reference",
            ),
        ),
    ]
