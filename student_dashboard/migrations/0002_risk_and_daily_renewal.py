import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("student_dashboard", "0001_initial"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "ordering": ("-opened_at", "-id"),
            },
        ),
        migrations.AddField(
            model_name="studentdashboard",
            name="fresh_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="studentdashboard",
            name="risk_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="studentdashboard",
            name="is_watched",
            field=models.BooleanField(default=False, help_text="Somebody worries gravely; nothing more is told."),
        ),
        migrations.AddField(
            model_name="riskepisode",
            name="enrolment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.enrolment"
            ),
        ),
        migrations.AddField(
            model_name="riskepisode",
            name="student",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="riskepisode",
            index=models.Index(fields=["student", "-opened_at"], name="episodes_of_student"),
        ),
        migrations.AddConstraint(
            model_name="riskepisode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)), fields=("student",), name="one_open_episode"
            ),
        ),
        migrations.AddConstraint(
            model_name="riskepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                ),
                name="episode_ends_after_start",
            ),
        ),
        # Written as a whole by each refresh, and read as a whole: neither compressing nor moving it aside pays.
        migrations.RunSQL(
            """ALTER TABLE student_dashboard_studentdashboard SET (toast_tuple_target = 8160),
            ALTER COLUMN sections SET STORAGE EXTERNAL, ALTER COLUMN inputs SET STORAGE EXTERNAL,
            ALTER COLUMN risk_parts SET STORAGE EXTERNAL""",
            migrations.RunSQL.noop,
        ),
        # Every index costs each refresh: the named ones are enough.
        migrations.AlterField(
            model_name="studentdashboard",
            name="cohort",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="users.cohort",
            ),
        ),
        migrations.AlterField(
            model_name="studentdashboard",
            name="enrolment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="users.enrolment",
            ),
        ),
        migrations.AlterField(
            model_name="studentdashboard",
            name="mentor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
