import django.contrib.postgres.fields
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy

#: Those whose arguments change: a new signature would stand beside the old one.
DROP_FORMER = """
DROP FUNCTION IF EXISTS app.aged_steps(int, timestamptz, timestamptz);
DROP FUNCTION IF EXISTS app.open_work_item(uuid, text, uuid, int, int, uuid, text, text, smallint, uuid, uuid, int,
  timestamptz, timestamptz, timestamptz, timestamptz, timestamptz);
"""
#: Exact for items opened on a business day; of the others, at most two days late.
AGE_OPEN_ITEMS = """
UPDATE mentorship_coordination_mentorworkqueue SET ages_at = ARRAY[clock_started_at + interval '7 days',
  clock_started_at + interval '14 days', clock_started_at + interval '21 days']
WHERE base_rank = 3 AND status IN ('pending', 'in_progress')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0013_mentor_loads"),
    ]

    operations = [
        migrations.AddField(
            model_name="businesscalendar",
            name="is_current",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddField(
            model_name="businesscalendar",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="mentorworkqueue",
            name="ages_at",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(), blank=True, null=True, size=None
            ),
        ),
        migrations.RunSQL(AGE_OPEN_ITEMS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="businesscalendar",
            name="name",
            field=models.CharField(max_length=80),
        ),
        migrations.AlterField(
            model_name="slapolicy",
            name="is_current",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AlterField(
            model_name="slapolicy",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddConstraint(
            model_name="businesscalendar",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("name",),
                name="one_current_calendar",
                violation_error_message="There is a calendar of this name already.",
            ),
        ),
        migrations.RunSQL(DROP_FORMER, migrations.RunSQL.noop),
        SyncTenancy(),
    ]
