from django.db import migrations


class Migration(migrations.Migration):
    """The specification of before, as in 0003."""

    dependencies = [
        ("core", "0001_tables"),
        ("users", "0002_one_active_enrolment"),
        ("missions", "0001_tables"),
        ("coaching", "0001_tables"),
        ("student_dashboard", "0001_tables"),
        ("mentorship_coordination", "0003_tenancy"),
    ]

    operations = []
