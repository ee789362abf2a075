"""The service levels of product.md §4, as rows that an admin can supersede."""

from django.db import migrations

from core.identifiers import new_id

HOUR = 3600
HIGH, NORMAL = 1, 2
DEFAULTS = {
    "mission_review": (HIGH, 48 * HOUR),
    "session_notes": (NORMAL, 24 * HOUR),
    "goal_feedback": (NORMAL, 72 * HOUR),
    "risk_flag": (HIGH, 24 * HOUR),
}


def create(apps, schema_editor):
    policy = apps.get_model("mentorship_coordination", "SlaPolicy")
    for type, (priority, budget) in DEFAULTS.items():
        policy.objects.create(id=new_id(), type=type, priority=priority, budget_seconds=budget)


class Migration(migrations.Migration):
    dependencies = [("mentorship_coordination", "0002_tenancy")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
