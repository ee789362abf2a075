"""Functions that policies and pages call all the time keep their plans."""

from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0029_leaving"),
    ]

    operations = [SyncTenancy()]
