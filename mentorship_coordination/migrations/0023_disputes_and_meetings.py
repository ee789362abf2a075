from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0022_match_runs"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mentorsession",
            name="meeting_id",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="mentorsession",
            name="meeting_sequence",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sessionparticipant",
            name="dispute_answer",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="sessionparticipant",
            name="dispute_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="sessionparticipant",
            name="dispute_settled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sessionparticipant",
            name="disputed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="mentorsession",
            index=models.Index(
                condition=models.Q(("meeting_sequence__lt", models.F("sequence"))),
                fields=["ends_at"],
                name="meetings_to_change",
            ),
        ),
        migrations.AddIndex(
            model_name="sessionparticipant",
            index=models.Index(
                condition=models.Q(("disputed_at__isnull", False)), fields=["enrolment"], name="disputed_attendance"
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionparticipant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dispute_settled_at__isnull", True), ("disputed_at__isnull", False), _connector="OR"
                ),
                name="only_disputed_attendance_is_settled",
            ),
        ),
        SyncTenancy(),
    ]
