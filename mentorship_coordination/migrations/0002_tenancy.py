from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("users", "0001_initial"),
        ("missions", "0001_initial"),
        ("student_dashboard", "0001_initial"),
        ("mentorship_coordination", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [SyncTenancy()]
