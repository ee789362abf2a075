from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    """Streaks are counted habit by habit, through the index."""

    dependencies = [
        ("core", "0001_tables"),
        ("users", "0002_one_active_enrolment"),
        ("missions", "0001_tables"),
        ("coaching", "0001_tables"),
        ("student_dashboard", "0002_dashboards_to_renew"),
        ("mentorship_coordination", "0004_policies"),
    ]

    operations = [SyncTenancy()]
