from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0020_own_time"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mentorsession",
            name="link_attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="link_available_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="link_error",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddIndex(
            model_name="mentorsession",
            index=models.Index(
                condition=models.Q(("meeting_provider", "zoom"), ("meeting_url", ""), ("status", "scheduled")),
                fields=["starts_at"],
                name="links_to_make",
            ),
        ),
        SyncTenancy(),
    ]
