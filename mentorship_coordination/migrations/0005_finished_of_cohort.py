from django.db import migrations, models

from core.operations import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mentorship_coordination", "0004_policies")]

    operations = [
        AddIndexBesideWork(
            "mentorworkqueue",
            models.Index(
                fields=["cohort", "completed_at"],
                condition=models.Q(("status", "completed")),
                name="finished_of_cohort",
            ),
        ),
    ]
