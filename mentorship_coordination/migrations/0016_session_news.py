import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy

#: Their arguments or columns change: a new signature would stand beside the old one.
DROP_FORMER = """
DROP FUNCTION IF EXISTS app.notify(uuid, uuid, text, text, text, text, uuid, text, boolean, timestamptz);
DROP FUNCTION IF EXISTS app.mentor_outlook(timestamptz, timestamptz, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0015_capacity_episodes"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="sequence",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="session",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="mentorship_coordination.mentorsession",
            ),
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
                    ("reminder", "Reminder"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="mentorsession",
            index=models.Index(
                condition=models.Q(("status", "scheduled")), fields=["starts_at"], name="sessions_to_begin"
            ),
        ),
        migrations.RunSQL(DROP_FORMER, migrations.RunSQL.noop),
        SyncTenancy(),
    ]
