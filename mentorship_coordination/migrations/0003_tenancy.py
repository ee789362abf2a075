from django.db import migrations


class Migration(migrations.Migration):
    """The specification of before. It is brought as a whole, as it is now, by the newest migration of this app."""

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

    operations = []
