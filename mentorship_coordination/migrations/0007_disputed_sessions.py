from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mentorship_coordination", "0006_breached_of_cohort")]

    operations = [
        AddIndexConcurrently(
            "mentorsession",
            models.Index(
                fields=["cohort"], condition=models.Q(("disputed_at__isnull", False)), name="disputed_sessions"
            ),
        ),
    ]
