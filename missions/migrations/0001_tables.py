import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers
import missions.rubric
import users.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("missions", "0001_initial"),
        ("missions", "0002_levels_and_cohort_scores"),
        ("missions", "0003_drop_doubled_indexes"),
        ("missions", "0004_rubric_form"),
    ]

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=160)),
                ("brief", models.TextField()),
                ("weight", models.PositiveSmallIntegerField(default=1)),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="1 to 5; a level opens as the one below it is done."
                    ),
                ),
                ("expected_after_days", models.PositiveSmallIntegerField(help_text="Days after the cohort's start.")),
                (
                    "competencies",
                    models.JSONField(blank=True, default=list, validators=[users.models.validate_list_of_text]),
                ),
                ("rubric", models.JSONField(blank=True, default=list, validators=[missions.rubric.validate_rubric])),
                ("is_published", models.BooleanField(default=True)),
                (
                    "track",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missions",
                        to="users.track",
                    ),
                ),
            ],
            options={
                "ordering": ("track", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("track", "number"), name="mission_number_in_track_once"),
                    models.CheckConstraint(condition=models.Q(("weight__gt", 0)), name="mission_weighs_something"),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 5)), name="mission_level_in_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissionSubmission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("changes_requested", "Changes Requested"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("cycle", models.PositiveIntegerField(default=1)),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="users.enrolment",
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="submissions", to="missions.mission"
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
                "ordering": ("-updated_at", "-id"),
                "indexes": [
                    models.Index(fields=["student", "-updated_at"], name="submissions_of_student"),
                    models.Index(fields=["mentor", "-updated_at"], name="submissions_of_mentor"),
                    models.Index(fields=["cohort", "state"], name="submissions_of_cohort"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("enrolment", "mission"), name="one_submission_per_mission"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(("submitted_at__isnull", False), ("version__gt", 0)),
                            _connector="OR",
                        ),
                        name="submitted_has_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__isnull", True), ("score__lte", 100), _connector="OR"),
                        name="submission_score_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubmissionVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("cycle", models.PositiveIntegerField()),
                ("text", models.TextField(blank=True)),
                ("links", models.JSONField(blank=True, default=list, validators=[users.models.validate_list_of_text])),
                ("created_at", models.DateTimeField()),
                (
                    "submission",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="missions.missionsubmission",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [models.UniqueConstraint(fields=("submission", "number"), name="version_number_once")],
            },
        ),
        migrations.CreateModel(
            name="SubmissionFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.FileField(max_length=200, upload_to="submissions/%Y/%m")),
                ("created_at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="missions.submissionversion",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="MissionReview",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("approved", "Approved"),
                            ("changes_requested", "Changes Requested"),
                            ("rejected", "Rejected"),
                        ],
                        max_length=20,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(100)])),
                ("feedback", models.TextField(blank=True)),
                ("competencies", models.JSONField(blank=True, default=list)),
                ("rubric_scores", models.JSONField(blank=True, default=dict)),
                ("reason", models.TextField(blank=True, help_text="Why a director decided instead of the mentor.")),
                ("created_at", models.DateTimeField()),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="missions.missionsubmission",
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review",
                        to="missions.submissionversion",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("score__lte", 100)), name="review_score_in_range"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "approved"), models.Q(("feedback", ""), _negated=True), _connector="OR"
                        ),
                        name="refusal_needs_feedback",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("local_date", models.DateField(help_text="The day in the cohort's zone on which it was computed.")),
                ("mean_score", models.DecimalField(decimal_places=2, max_digits=5)),
                ("score_count", models.PositiveIntegerField()),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="users.cohort"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("cohort", "local_date"), name="one_cohort_score_a_day")
                ],
            },
        ),
    ]
