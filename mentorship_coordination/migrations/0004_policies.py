from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    """Mentors' and students' policies ask for their pairs themselves and call no function."""

    dependencies = [
        ("core", "0001_tables"),
        ("users", "0002_one_active_enrolment"),
        ("missions", "0001_tables"),
        ("coaching", "0001_tables"),
        ("student_dashboard", "0001_tables"),
        ("mentorship_coordination", "0003_tenancy"),
    ]

    operations = [SyncTenancy()]
