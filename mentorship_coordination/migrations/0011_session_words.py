from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0010_flag_escalation"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mentorsession",
            name="status",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("scheduled", "Scheduled"),
                    ("declined", "Declined"),
                    ("expired", "Expired"),
                    ("completed", "Held"),
                    ("cancelled_by_mentor", "Called off by the mentor"),
                    ("cancelled_by_mentee", "Called off by the student"),
                    ("no_show_mentee", "Missed by the student"),
                    ("no_show_mentor", "Missed by the mentor"),
                ],
                default="scheduled",
                max_length=20,
            ),
        ),
    ]
