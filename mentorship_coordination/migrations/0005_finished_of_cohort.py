from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mentorship_coordination", "0004_policies")]

    operations = [
        AddIndexConcurrently(
            "mentorworkqueue",
            models.Index(
                fields=["cohort", "completed_at"],
                condition=models.Q(("status", "completed")),
                name="finished_of_cohort",
            ),
        ),
    ]
