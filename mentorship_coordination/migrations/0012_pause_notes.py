from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0011_session_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="slapause",
            name="note",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
    ]
