from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0016_work_knows_the_hour_it_counts_in")]

    operations = [
        migrations.AddField(
            "parcel",
            "received_at",
            models.DateTimeField(
                blank=True,
                help_text="When the store in which its goods are collected took it in, whatever its carrier says.",
                null=True,
                verbose_name="received at",
            ),
        ),
    ]
