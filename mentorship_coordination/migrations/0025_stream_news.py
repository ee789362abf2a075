"""The function that tells which streams were written to, and who may ask it."""

from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_stream_news"),
        ("mentorship_coordination", "0024_drop_doubled_indexes"),
    ]

    operations = [SyncTenancy()]
