from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("coaching", "0001_initial"),
        ("missions", "0002_levels_and_cohort_scores"),
        ("student_dashboard", "0002_risk_and_daily_renewal"),
        ("mentorship_coordination", "0003_default_policies"),
    ]

    operations = [
        migrations.AddField(
            model_name="sessionparticipant",
            name="rated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sessionparticipant",
            name="rating_comment",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("flag", "Flag"),
                    ("breach", "Breach"),
                    ("warning", "Warning"),
                    ("capacity", "Capacity"),
                    ("session", "Session"),
                    ("review", "Review"),
                    ("assignment", "Assignment"),
                    ("goal", "Goal"),
                ],
                max_length=12,
            ),
        ),
        SyncTenancy(),
    ]
