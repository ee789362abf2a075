from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0021_meeting_links"),
    ]

    operations = [
        SyncTenancy(),
    ]
