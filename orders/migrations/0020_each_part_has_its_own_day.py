from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0019_parcels_that_came_back_may_turn_up"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="repromise",
            name="repromise_once_per_order_and_day",
        ),
        migrations.AddField(
            model_name="allocation",
            name="expected_on",
            field=models.DateField(
                blank=True,
                help_text="The new day its customer was told, once that one can no longer be kept.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="promised_on",
            field=models.DateField(
                blank=True, help_text="The day its customer was promised it for; empty: the order's.", null=True
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="is_plan_told",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Placed with the token of a promise: each part leaves from where it was told, while it can.",
            ),
        ),
        migrations.AddIndex(
            model_name="repromise",
            index=models.Index(fields=["order"], name="repromise_by_order"),
        ),
    ]
