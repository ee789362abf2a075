import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers
from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0014_service_level_versions"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CapacityEpisode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mentees", "mentees"),
                            ("sessions", "sessions this week"),
                            ("reviews", "items that will be late"),
                        ],
                        max_length=12,
                    ),
                ),
                ("figure", models.PositiveIntegerField(help_text="What she carried when it began.")),
                ("limit", models.PositiveIntegerField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-began_at", "-id"),
            },
        ),
        migrations.AddField(
            model_name="menteementorassignment",
            name="relieves",
            field=models.BooleanField(
                default=False, help_text="A stand-in by a director's decision, which lasts whoever is away."
            ),
        ),
        migrations.AddConstraint(
            model_name="menteementorassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("relieves", False), ("stands_in_until__isnull", False), _connector="OR"),
                name="relief_ends_some_day",
            ),
        ),
        migrations.AddField(
            model_name="capacityepisode",
            name="mentor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="capacityepisode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("mentor", "kind"),
                name="one_open_capacity_episode",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacityepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(("figure__gt", models.F("limit"))), name="overload_is_over_a_limit"
            ),
        ),
        migrations.AddConstraint(
            model_name="capacityepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                ),
                name="overload_ends_after_start",
            ),
        ),
        SyncTenancy(),
    ]
