from django.db import migrations, models

from core.operations import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("student_dashboard", "0001_tables")]

    operations = [
        AddIndexBesideWork(
            "studentdashboard",
            models.Index(
                fields=["student"],
                include=["fresh_until", "formula_version", "risk_score", "enrolment", "computed_at"],
                name="dashboards_at_a_glance",
            ),
        ),
    ]
