from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    replaces = [("mentorship_coordination", "0002_tenancy")]

    dependencies = [
        ("core", "0001_tables"),
        ("users", "0001_tables"),
        ("missions", "0001_tables"),
        ("coaching", "0001_tables"),
        ("student_dashboard", "0001_tables"),
        ("mentorship_coordination", "0002_first_rows"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [SyncTenancy()]
