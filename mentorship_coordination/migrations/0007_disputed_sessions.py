from django.db import migrations, models

from core.operations import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mentorship_coordination", "0006_breached_of_cohort")]

    operations = [
        AddIndexBesideWork(
            "mentorsession",
            models.Index(
                fields=["cohort"], condition=models.Q(("disputed_at__isnull", False)), name="disputed_sessions"
            ),
        ),
    ]
