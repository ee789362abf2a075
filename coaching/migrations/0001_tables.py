import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.identifiers


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("coaching", "0001_initial"),
        ("coaching", "0002_drop_doubled_indexes"),
    ]

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Goal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("description", models.TextField(blank=True)),
                ("due_date", models.DateField(help_text="The last local day in time.")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("completed", "Completed"), ("abandoned", "Abandoned")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_date",
                    models.DateField(blank=True, help_text="The student's local day of `closed_at`.", null=True),
                ),
                ("overdue_since", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="goals", to="users.enrolment"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("due_date", "id"),
                "indexes": [
                    models.Index(fields=["student", "due_date", "id"], name="goals_of_student"),
                    models.Index(fields=["cohort", "state"], name="goals_of_cohort"),
                    models.Index(
                        condition=models.Q(("overdue_since__isnull", True), ("state", "open")),
                        fields=["due_date"],
                        name="goals_to_watch",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_date__isnull", True), ("state", "open")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_date__isnull", False),
                                ("overdue_since__isnull", True),
                                ("state__in", ("completed", "abandoned")),
                            ),
                            _connector="OR",
                        ),
                        name="closed_goal_has_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GoalFeedback",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feedback", to="coaching.goal"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "goal feedback",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Habit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("cadence", models.CharField(choices=[("daily", "Daily"), ("weekly", "Weekly")], max_length=8)),
                ("started_on", models.DateField(help_text="The first local day on which it is due.")),
                (
                    "archived_on",
                    models.DateField(blank=True, help_text="The first local day on which it is not due.", null=True),
                ),
                (
                    "chain_end",
                    models.DateField(
                        editable=False,
                        help_text="Last day of the newest chain; the Monday of the week of a weekly habit.",
                        null=True,
                    ),
                ),
                ("streak_length", models.PositiveIntegerField(default=0, editable=False)),
                ("longest_streak", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "keep_by",
                    models.DateField(
                        editable=False, help_text="The last local day that still saves the streak.", null=True
                    ),
                ),
                (
                    "lost_end",
                    models.DateField(
                        editable=False, help_text="End of a chain that ended, and nobody was told yet.", null=True
                    ),
                ),
                ("lost_length", models.PositiveIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="habits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
                "indexes": [
                    models.Index(fields=["student", "created_at"], name="habits_of_student"),
                    models.Index(
                        condition=models.Q(("archived_on__isnull", True), ("keep_by__isnull", False)),
                        fields=["keep_by"],
                        name="streaks_to_watch",
                    ),
                    models.Index(
                        condition=models.Q(("lost_end__isnull", False)), fields=["lost_end"], name="streaks_lost"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("student"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("archived_on__isnull", True)),
                        name="habit_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("archived_on__isnull", True), ("archived_on__gte", models.F("started_on")), _connector="OR"
                        ),
                        name="habit_archived_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HabitLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("local_date", models.DateField()),
                ("state", models.CharField(choices=[("done", "Done"), ("skipped", "Skipped")], max_length=8)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "habit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="logs",
                        to="coaching.habit",
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
                "ordering": ("-local_date", "-id"),
                "indexes": [models.Index(fields=["student", "local_date"], name="habit_logs_of_student")],
                "constraints": [models.UniqueConstraint(fields=("habit", "local_date"), name="one_log_a_day")],
            },
        ),
        migrations.CreateModel(
            name="MissedDeadline",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_date", models.DateField()),
                ("number", models.PositiveIntegerField(help_text="Counts from 1 per goal.")),
                ("noticed_at", models.DateTimeField()),
                (
                    "goal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="missed_deadlines",
                        to="coaching.goal",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-noticed_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("goal", "due_date"), name="deadline_missed_once"),
                    models.UniqueConstraint(fields=("goal", "number"), name="missed_deadline_number_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StreakBreak",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("last_date", models.DateField()),
                ("length", models.PositiveIntegerField()),
                ("broken_on", models.DateField(help_text="The local day on which it was over.")),
                ("noticed_at", models.DateTimeField()),
                (
                    "habit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="breaks",
                        to="coaching.habit",
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
                "ordering": ("-broken_on", "-id"),
                "indexes": [models.Index(fields=["student", "-broken_on"], name="streak_breaks_of_student")],
                "constraints": [models.UniqueConstraint(fields=("habit", "last_date"), name="streak_breaks_once")],
            },
        ),
    ]
