"""The service levels of product.md §4 and the first weights of the matching, as rows that an admin can supersede."""

from django.db import migrations

from core import clock
from core.identifiers import new_id

HOUR = 3600
HIGH, NORMAL = 1, 2
SERVICE_LEVELS = {
    "mission_review": (HIGH, 48 * HOUR),
    "session_notes": (NORMAL, 24 * HOUR),
    "goal_feedback": (NORMAL, 72 * HOUR),
    "risk_flag": (HIGH, 24 * HOUR),
}
WEIGHTS = {
    "skills": 400,
    "quarter_hour": 5,
    "most_quarter_hours": 60,
    "same_cohort": 100,
    "experience": 20,
    "most_experience": 5,
    "waiting_day": 2,
    "most_waiting_days": 50,
}


def create_service_levels(apps, schema_editor):
    policy = apps.get_model("mentorship_coordination", "SlaPolicy")
    for type, (priority, budget) in SERVICE_LEVELS.items():
        policy.objects.create(id=new_id(), type=type, priority=priority, budget_seconds=budget)


def create_weights(apps, schema_editor):
    apps.get_model("mentorship_coordination", "MatchWeights").objects.create(
        version=1, values=WEIGHTS, note="The weights the engine came with.", created_at=clock.now()
    )


class Migration(migrations.Migration):
    replaces = [("mentorship_coordination", "0003_default_policies")]

    dependencies = [("mentorship_coordination", "0001_tables")]

    operations = [
        migrations.RunPython(create_service_levels, migrations.RunPython.noop),
        migrations.RunPython(create_weights, migrations.RunPython.noop),
    ]
