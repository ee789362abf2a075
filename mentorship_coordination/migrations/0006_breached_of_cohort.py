from django.db import migrations, models

from core.operations import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mentorship_coordination", "0005_finished_of_cohort")]

    operations = [
        AddIndexBesideWork(
            "mentorworkqueue",
            models.Index(
                fields=["cohort", "breached_at"],
                condition=models.Q(("breached_at__isnull", False)),
                name="breached_of_cohort",
            ),
        ),
    ]
