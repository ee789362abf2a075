from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0018_private_action_items"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mentorsession",
            name="dispute_answer",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="dispute_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="dispute_settled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="disputed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="mentorsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dispute_settled_at__isnull", True), ("disputed_at__isnull", False), _connector="OR"
                ),
                name="only_disputes_are_settled",
            ),
        ),
        SyncTenancy(),
    ]
