from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0007_assignment_history"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="menteementorassignment",
            name="stands_in_until",
            field=models.DateTimeField(
                blank=True, help_text="A backup's pair while the mentor is away; empty for every other pair.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="menteementorassignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stands_in_until__isnull", False), ("state__in", ("pending", "active", "paused"))),
                fields=("enrolment",),
                name="one_stand_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="menteementorassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("stands_in_until__isnull", True), ("is_primary", False), _connector="OR"),
                name="a_stand_in_is_not_primary",
            ),
        ),
        SyncTenancy(),
    ]
