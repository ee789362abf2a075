"""Students leave by a function that locks what goes with them; whoever has left may still read."""

from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0028_audit"),
    ]

    operations = [SyncTenancy()]
