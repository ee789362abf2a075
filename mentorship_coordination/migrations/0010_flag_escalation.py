from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0009_fewer_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mentorflagentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("raised", "Raised"),
                    ("commented", "Commented"),
                    ("worsened", "Worsened"),
                    ("acknowledged", "Acknowledged"),
                    ("resolved", "Resolved"),
                    ("reopened", "Reopened"),
                    ("escalated", "Escalated"),
                ],
                max_length=12,
            ),
        ),
    ]
