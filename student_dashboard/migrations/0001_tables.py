import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("student_dashboard", "0001_initial"),
        ("student_dashboard", "0002_risk_and_daily_renewal"),
        ("student_dashboard", "0003_drop_doubled_indexes"),
    ]

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="DashboardUpdateQueue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.SmallIntegerField(choices=[(0, "urgent"), (1, "high"), (2, "normal"), (3, "low")])),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("requested_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("hits", models.PositiveIntegerField(default=1)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("claimed_by", models.CharField(blank=True, max_length=80)),
                ("dead_at", models.DateTimeField(null=True)),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("claimed_at__isnull", True), ("dead_at__isnull", True)),
                        fields=["rank", "requested_at", "id"],
                        name="refreshes_in_order",
                    ),
                    models.Index(
                        condition=models.Q(("claimed_at__isnull", False)), fields=["claimed_at"], name="refresh_leases"
                    ),
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False)), fields=["student"], name="dead_refreshes"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("claimed_at__isnull", True), ("dead_at__isnull", True)),
                        fields=("student",),
                        name="one_waiting_refresh",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadinessSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("local_date", models.DateField()),
                ("readiness", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("formula_version", models.PositiveSmallIntegerField()),
                ("parts", models.JSONField(default=dict)),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("student", "local_date"), name="one_snapshot_a_day")],
            },
        ),
        migrations.CreateModel(
            name="RiskEpisode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("score", models.PositiveSmallIntegerField()),
                ("parts", models.JSONField(default=list)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.enrolment"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-opened_at", "-id"),
                "indexes": [models.Index(fields=["student", "-opened_at"], name="episodes_of_student")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)), fields=("student",), name="one_open_episode"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                        ),
                        name="episode_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StudentDashboard",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="dashboard",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("readiness", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("readiness_coverage", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("trend_7d", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ("risk_score", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("risk_parts", models.JSONField(default=list)),
                ("risk_since", models.DateTimeField(null=True)),
                (
                    "is_watched",
                    models.BooleanField(default=False, help_text="Somebody worries gravely; nothing more is told."),
                ),
                ("sections", models.JSONField(default=dict)),
                ("inputs", models.JSONField(default=dict)),
                ("formula_version", models.PositiveSmallIntegerField(default=0)),
                ("computed_at", models.DateTimeField(null=True)),
                ("fresh_until", models.DateTimeField(null=True)),
                ("revision", models.PositiveBigIntegerField(default=0)),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="users.cohort",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="users.enrolment",
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mentor"], name="dashboards_of_mentor"),
                    models.Index(fields=["cohort"], name="dashboards_of_cohort"),
                ],
            },
        ),
        # Written as a whole by each refresh, and read as a whole: neither compressing nor moving it aside pays.
        migrations.RunSQL(
            """ALTER TABLE student_dashboard_studentdashboard SET (toast_tuple_target = 8160),
            ALTER COLUMN sections SET STORAGE EXTERNAL, ALTER COLUMN inputs SET STORAGE EXTERNAL,
            ALTER COLUMN risk_parts SET STORAGE EXTERNAL""",
            migrations.RunSQL.noop,
        ),
    ]
