from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0024_hot_articles_do_not_wait_for_the_disk"),
    ]

    operations = [
        migrations.AddField(
            model_name="stockpoint",
            name="city",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="stockpoint",
            name="line1",
            field=models.CharField(
                blank=True, help_text="Number and street, as customers are told it.", max_length=200
            ),
        ),
    ]
