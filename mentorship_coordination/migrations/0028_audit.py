"""Triggers that note who changed roles, capacities and settings; gauges of one instant."""

from django.db import migrations

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_audit_entries"),
        ("missions", "0004_rubric_form"),
        ("mentorship_coordination", "0027_decisions_and_unread"),
    ]

    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS app.gauges()", migrations.RunSQL.noop),
        SyncTenancy(),
    ]
