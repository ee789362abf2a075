from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    """Streaks, notes, loads and the outlook of mentors, entries of flags and /metrics read fewer rows."""

    dependencies = [
        ("core", "0001_tables"),
        ("users", "0003_staff_members"),
        ("missions", "0001_tables"),
        ("coaching", "0001_tables"),
        ("student_dashboard", "0002_dashboards_at_a_glance"),
        ("mentorship_coordination", "0007_disputed_sessions"),
    ]

    operations = [SyncTenancy()]
