from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_actions_of_persons_once")]

    operations = [
        # A round of sixty orders is named in its page's address.
        migrations.AlterField("personsaction", "location", models.TextField(blank=True)),
    ]
