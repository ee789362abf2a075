import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.identifiers
import users.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("mentorship_coordination", "0001_initial"),
        ("mentorship_coordination", "0004_ratings_and_coaching"),
        ("mentorship_coordination", "0005_slots"),
        ("mentorship_coordination", "0006_handovers"),
        ("mentorship_coordination", "0007_assignment_history"),
        ("mentorship_coordination", "0008_stand_ins"),
        ("mentorship_coordination", "0009_fewer_indexes"),
        ("mentorship_coordination", "0010_flag_escalation"),
        ("mentorship_coordination", "0011_session_words"),
        ("mentorship_coordination", "0012_pause_notes"),
        ("mentorship_coordination", "0013_mentor_loads"),
        ("mentorship_coordination", "0014_service_level_versions"),
        ("mentorship_coordination", "0015_capacity_episodes"),
        ("mentorship_coordination", "0016_session_news"),
        ("mentorship_coordination", "0017_session_requests"),
        ("mentorship_coordination", "0018_private_action_items"),
        ("mentorship_coordination", "0019_session_disputes"),
        ("mentorship_coordination", "0020_own_time"),
        ("mentorship_coordination", "0021_meeting_links"),
        ("mentorship_coordination", "0022_match_runs"),
        ("mentorship_coordination", "0023_disputes_and_meetings"),
        ("mentorship_coordination", "0024_drop_doubled_indexes"),
        ("mentorship_coordination", "0025_stream_news"),
        ("mentorship_coordination", "0026_snippet_names"),
        ("mentorship_coordination", "0027_decisions_and_unread"),
        ("mentorship_coordination", "0028_audit"),
        ("mentorship_coordination", "0029_leaving"),
        ("mentorship_coordination", "0030_planned_once"),
    ]

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name="BusinessCalendar",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("is_current", models.BooleanField(default=True, editable=False)),
                ("timezone", models.CharField(default="UTC", max_length=64, validators=[users.models.validate_zone])),
                (
                    "windows",
                    models.JSONField(
                        blank=True,
                        help_text='{"mon": [["09:00", "17:00"]], …}; empty: every hour of every day.',
                        null=True,
                    ),
                ),
                ("holidays", models.JSONField(blank=True, default=list, help_text='["2026-07-03", …], local dates.')),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("name",),
                        name="one_current_calendar",
                        violation_error_message="There is a calendar of this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True)),
                ("values", models.JSONField(default=dict)),
                ("note", models.CharField(help_text="Why it was changed, in plain words.", max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "match weights",
                "ordering": ("-version",),
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
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
                        choices=[("match", "Match"), ("rematch", "Rematch"), ("what_if", "What If")],
                        default="match",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("running", "Running"),
                            ("draft", "Draft"),
                            ("compared", "Compared"),
                            ("publishing", "Publishing"),
                            ("published", "Published"),
                            ("discarded", "Discarded"),
                            ("failed", "Failed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=40)),
                ("options", models.JSONField(default=dict)),
                ("summary", models.JSONField(default=dict)),
                ("certificate", models.JSONField(default=dict)),
                ("progress", models.JSONField(default=dict)),
                ("failure", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("solved_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "cohort",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="match_runs",
                        to="users.cohort",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "weights",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mentorship_coordination.matchweights",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("cohort__isnull", False),
                            ("state__in", ("requested", "running", "draft", "compared", "publishing")),
                            models.Q(("kind", "what_if"), _negated=True),
                        ),
                        fields=("cohort",),
                        name="one_open_run_per_cohort",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("cohort__isnull", True),
                            ("state__in", ("requested", "running", "draft", "compared", "publishing")),
                            models.Q(("kind", "what_if"), _negated=True),
                        ),
                        fields=("requested_by",),
                        name="one_open_run_per_director",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MenteeMentorAssignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_primary", models.BooleanField(default=True)),
                (
                    "stands_in_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="A backup's pair while the mentor is away; empty for every other pair.",
                        null=True,
                    ),
                ),
                (
                    "relieves",
                    models.BooleanField(
                        default=False, help_text="A stand-in by a director's decision, which lasts whoever is away."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.CharField(blank=True, max_length=300)),
                ("ended_harmfully", models.BooleanField(default=False, help_text="The pair is never matched again.")),
                ("created_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="users.enrolment"
                    ),
                ),
                (
                    "match_run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assignments",
                        to="mentorship_coordination.matchrun",
                    ),
                ),
                (
                    "mentee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["mentor", "state"], name="assignments_of_mentor"),
                    models.Index(fields=["mentee", "state"], name="assignments_of_mentee"),
                    models.Index(fields=["cohort", "state"], name="assignments_of_cohort"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True), ("state__in", ("pending", "active", "paused"))),
                        fields=("enrolment",),
                        name="one_primary_mentor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mentee", models.F("mentor")), _negated=True),
                        name="nobody_mentors_themselves",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("stands_in_until__isnull", False), ("state__in", ("pending", "active", "paused"))
                        ),
                        fields=("enrolment",),
                        name="one_stand_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stands_in_until__isnull", True), ("is_primary", False), _connector="OR"),
                        name="a_stand_in_is_not_primary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("relieves", False), ("stands_in_until__isnull", False), _connector="OR"),
                        name="relief_ends_some_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("state__in", ("completed", "cancelled"))),
                            models.Q(("ended_at__isnull", True), ("state__in", ("pending", "active", "paused"))),
                            _connector="OR",
                        ),
                        name="assignment_end_matches_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssignmentEntry",
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
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="mentorship_coordination.menteementorassignment",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "assignment entries",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="MentorAbsence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "backup",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["mentor", "ends_at"], name="absences_of_mentor")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="absence_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("backup__isnull", True),
                            models.Q(("backup", models.F("mentor")), _negated=True),
                            _connector="OR",
                        ),
                        name="backup_is_someone_else",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MentorFlag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("engagement", "Engagement"),
                            ("academic", "Academic"),
                            ("wellbeing", "Wellbeing"),
                            ("conduct", "Conduct"),
                            ("technical", "Technical"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                (
                    "severity",
                    models.SmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high"), (4, "critical")], default=2
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("director_notified_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=80)),
                ("note", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="flags", to="users.enrolment"
                    ),
                ),
                (
                    "mentee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "ordering": ("-severity", "-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["mentor", "state"], name="flags_of_mentor"),
                    models.Index(fields=["mentee", "state"], name="flags_of_mentee"),
                    models.Index(fields=["cohort", "state"], name="flags_of_cohort"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("open", "acknowledged"))),
                        fields=("mentee", "category"),
                        name="one_open_flag_per_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                            models.Q(("resolved_at__isnull", True), ("state__in", ("open", "acknowledged"))),
                            _connector="OR",
                        ),
                        name="resolved_flag_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MentorFlagEntry",
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
                            ("raised", "Raised"),
                            ("commented", "Commented"),
                            ("worsened", "Worsened"),
                            ("acknowledged", "Acknowledged"),
                            ("resolved", "Resolved"),
                            ("reopened", "Reopened"),
                            ("escalated", "Escalated"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "severity",
                    models.SmallIntegerField(choices=[(1, "low"), (2, "medium"), (3, "high"), (4, "critical")]),
                ),
                ("text", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "flag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="mentorship_coordination.mentorflag",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "mentor flag entries",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="MentorHandover",
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
                            ("requested", "Requested"),
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("ends_mentoring", models.BooleanField(default=True)),
                ("ends_account", models.BooleanField(default=False)),
                ("plan", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("refusal", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("requested", "running"))),
                        fields=["created_at"],
                        name="handovers_to_do",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("requested", "planned", "running"))),
                        fields=("mentor",),
                        name="one_open_handover_a_mentor",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MentorSession",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("one_on_one", "One On One"),
                            ("group", "Group"),
                            ("capstone_review", "Capstone Review"),
                            ("goal_review", "Goal Review"),
                        ],
                        default="one_on_one",
                        max_length=20,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("scheduled", "Scheduled"),
                            ("declined", "Declined"),
                            ("expired", "Expired"),
                            ("completed", "Held"),
                            ("cancelled_by_mentor", "Called off by the mentor"),
                            ("cancelled_by_mentee", "Called off by the student"),
                            ("no_show_mentee", "Missed by the student"),
                            ("no_show_mentor", "Missed by the mentor"),
                        ],
                        default="scheduled",
                        max_length=20,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("meeting_url", models.URLField(blank=True, max_length=500)),
                ("meeting_provider", models.CharField(blank=True, max_length=20)),
                ("meeting_id", models.CharField(blank=True, default="", max_length=40)),
                ("meeting_sequence", models.PositiveIntegerField(blank=True, null=True)),
                ("link_attempts", models.PositiveSmallIntegerField(default=0)),
                ("link_available_at", models.DateTimeField(blank=True, null=True)),
                ("link_error", models.CharField(blank=True, default="", max_length=300)),
                ("agenda", models.TextField(blank=True)),
                ("is_late_cancel", models.BooleanField(default=False)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("close_reason", models.CharField(blank=True, max_length=300)),
                ("disputed_at", models.DateTimeField(blank=True, null=True)),
                ("dispute_reason", models.CharField(blank=True, default="", max_length=300)),
                ("dispute_settled_at", models.DateTimeField(blank=True, null=True)),
                ("dispute_answer", models.CharField(blank=True, default="", max_length=300)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="mentorship_coordination.menteementorassignment",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.cohort",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="users.enrolment",
                    ),
                ),
                (
                    "mentee",
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
                    "mentor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("starts_at", "id"),
                "indexes": [
                    models.Index(fields=["mentor", "starts_at"], name="sessions_of_mentor"),
                    models.Index(fields=["mentee", "starts_at"], name="sessions_of_mentee"),
                    models.Index(fields=["enrolment", "status"], name="sessions_of_enrolment"),
                    models.Index(fields=["cohort", "starts_at"], name="sessions_of_cohort"),
                    models.Index(
                        condition=models.Q(("status", "scheduled")), fields=["ends_at"], name="sessions_to_end"
                    ),
                    models.Index(
                        condition=models.Q(("status", "scheduled")), fields=["starts_at"], name="sessions_to_begin"
                    ),
                    models.Index(
                        condition=models.Q(("meeting_provider", "zoom"), ("meeting_url", ""), ("status", "scheduled")),
                        fields=["starts_at"],
                        name="links_to_make",
                    ),
                    models.Index(
                        condition=models.Q(("meeting_sequence__lt", models.F("sequence"))),
                        fields=["ends_at"],
                        name="meetings_to_change",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="session_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mentee__isnull", True),
                            models.Q(("mentee", models.F("mentor")), _negated=True),
                            _connector="OR",
                        ),
                        name="session_with_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dispute_settled_at__isnull", True), ("disputed_at__isnull", False), _connector="OR"
                        ),
                        name="only_disputes_are_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assignment__isnull", True), ("mentee__isnull", True), ("type", "group")),
                            models.Q(models.Q(("type", "group"), _negated=True), ("mentee__isnull", False)),
                            _connector="OR",
                        ),
                        name="only_groups_have_no_mentee",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MentorWorkQueue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("mission_review", "Mission Review"),
                            ("session_notes", "Session Notes"),
                            ("goal_feedback", "Goal Feedback"),
                            ("risk_flag", "Risk Flag"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reference_id", models.UUIDField()),
                ("cycle", models.PositiveIntegerField(default=1)),
                ("reference_version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("in_progress", "In Progress"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                (
                    "base_rank",
                    models.SmallIntegerField(choices=[(0, "urgent"), (1, "high"), (2, "normal"), (3, "low")]),
                ),
                ("rank", models.SmallIntegerField(choices=[(0, "urgent"), (1, "high"), (2, "normal"), (3, "low")])),
                ("rank_reasons", models.JSONField(default=list)),
                ("budget_seconds", models.PositiveIntegerField()),
                ("clock_started_at", models.DateTimeField()),
                ("warn_75_at", models.DateTimeField(blank=True, null=True)),
                ("warn_90_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("remaining_seconds", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "band",
                    models.SmallIntegerField(
                        choices=[(0, "On Time"), (1, "Warned 75"), (2, "Warned 90"), (3, "Breached")], default=0
                    ),
                ),
                ("next_cross_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ages_at",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), blank=True, null=True, size=None
                    ),
                ),
                ("breached_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                ("closed_reason", models.CharField(blank=True, max_length=300)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "is_paused",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("due_at__isnull", True)), output_field=models.BooleanField()
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "order_due_at",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("due_at"), models.F("created_at")
                        ),
                        output_field=models.DateTimeField(),
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mentorship_coordination.businesscalendar",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="users.enrolment",
                    ),
                ),
                (
                    "mentee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "verbose_name": "work item",
            },
        ),
        migrations.CreateModel(
            name="Notification",
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
                            ("flag", "Flag"),
                            ("breach", "Breach"),
                            ("warning", "Warning"),
                            ("capacity", "Capacity"),
                            ("session", "Session"),
                            ("review", "Review"),
                            ("assignment", "Assignment"),
                            ("goal", "Goal"),
                            ("reminder", "Reminder"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("sequence", models.PositiveIntegerField(blank=True, null=True)),
                ("dedupe_key", models.CharField(blank=True, max_length=200, null=True)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mail_state",
                    models.CharField(
                        choices=[("none", "None"), ("pending", "Pending"), ("sent", "Sent"), ("failed", "Failed")],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("mail_attempts", models.PositiveSmallIntegerField(default=0)),
                ("mail_available_at", models.DateTimeField(blank=True, null=True)),
                ("mail_sent_at", models.DateTimeField(blank=True, null=True)),
                ("mail_error", models.TextField(blank=True)),
                (
                    "flag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="mentorship_coordination.mentorflag",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mentorship_coordination.mentorsession",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(fields=["recipient", "-created_at"], name="notifications_of_person"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["recipient"], name="notifications_unread"
                    ),
                    models.Index(
                        condition=models.Q(("mail_state", "pending")),
                        fields=["mail_available_at"],
                        name="mails_to_send",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("recipient", "dedupe_key"), name="told_once")],
            },
        ),
        migrations.CreateModel(
            name="SessionActionItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.CharField(max_length=300)),
                ("due_date", models.DateField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="action_items",
                        to="mentorship_coordination.mentorsession",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="SessionNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.TextField()),
                ("is_private", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="mentorship_coordination.mentorsession",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="SessionParticipant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(choices=[("mentor", "Mentor"), ("mentee", "Mentee")], max_length=8)),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("is_active", models.BooleanField(default=True)),
                ("attended", models.BooleanField(blank=True, null=True)),
                ("disputed_at", models.DateTimeField(blank=True, null=True)),
                ("dispute_reason", models.CharField(blank=True, default="", max_length=300)),
                ("dispute_settled_at", models.DateTimeField(blank=True, null=True)),
                ("dispute_answer", models.CharField(blank=True, default="", max_length=300)),
                (
                    "enrolment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.enrolment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="mentorship_coordination.mentorsession",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("disputed_at__isnull", False)),
                        fields=["enrolment"],
                        name="disputed_attendance",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("session", "person"), name="participant_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dispute_settled_at__isnull", True), ("disputed_at__isnull", False), _connector="OR"
                        ),
                        name="only_disputed_attendance_is_settled",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("is_active", True)),
                        expressions=[("person", "="), ("during", "&&")],
                        name="no_double_booking",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Func("during", function="isempty", output_field=models.BooleanField()), _negated=True
                        ),
                        name="participation_takes_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionRating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rating", models.PositiveSmallIntegerField()),
                ("comment", models.CharField(blank=True, max_length=1000)),
                ("rated_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="mentorship_coordination.mentorsession",
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
                "constraints": [
                    models.UniqueConstraint(fields=("session", "student"), name="rated_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="rating_one_to_five"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlaPause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[("waiting_on_student", "Waiting On Student"), ("dispute", "Dispute")], max_length=20
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="mentorship_coordination.mentorworkqueue",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                        ),
                        name="pause_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("item", "reason"),
                        name="one_open_pause_per_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlaPolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("mission_review", "Mission Review"),
                            ("session_notes", "Session Notes"),
                            ("goal_feedback", "Goal Feedback"),
                            ("risk_flag", "Risk Flag"),
                        ],
                        max_length=20,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("priority", models.SmallIntegerField(choices=[(0, "urgent"), (1, "high"), (2, "normal"), (3, "low")])),
                ("budget_seconds", models.PositiveIntegerField()),
                ("is_current", models.BooleanField(default=True, editable=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mentorship_coordination.businesscalendar",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="users.track",
                    ),
                ),
            ],
            options={
                "verbose_name": "SLA policy",
                "verbose_name_plural": "SLA policies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("type", "track"),
                        name="one_current_policy",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        fields=("type", "track", "version"), name="policy_version_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(condition=models.Q(("budget_seconds__gt", 0)), name="policy_has_a_budget"),
                ],
            },
        ),
        migrations.AddField(
            model_name="mentorworkqueue",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mentorship_coordination.slapolicy",
            ),
        ),
        migrations.CreateModel(
            name="AvailabilityOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("local_date", models.DateField()),
                ("windows", models.JSONField(default=list)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "local_date"), name="one_override_a_day")],
            },
        ),
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
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-began_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("mentor", "kind"),
                        name="one_open_capacity_episode",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("figure__gt", models.F("limit"))), name="overload_is_over_a_limit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="overload_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionSnooze",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("until", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "director",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("until", "id"),
                "constraints": [models.UniqueConstraint(fields=("director", "key"), name="decision_put_off_once")],
            },
        ),
        migrations.CreateModel(
            name="FeedbackSnippet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                (
                    "mentor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("title", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("mentor"), django.db.models.functions.text.Lower("title"), name="snippet_named_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchExclusion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mentee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("mentor", "mentee"), name="pair_excluded_once")],
            },
        ),
        migrations.CreateModel(
            name="MatchProposal",
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
                            ("proposed", "Proposed"),
                            ("unmatched", "Unmatched"),
                            ("published", "Published"),
                            ("lost", "Lost"),
                        ],
                        max_length=10,
                    ),
                ),
                ("score", models.IntegerField(null=True)),
                ("parts", models.JSONField(default=dict)),
                ("blocked", models.JSONField(default=dict)),
                ("explanation", models.JSONField(default=dict)),
                ("lost_reason", models.CharField(blank=True, max_length=80)),
                (
                    "cohort",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="users.cohort"),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="users.enrolment"
                    ),
                ),
                (
                    "former_mentor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mentee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="mentorship_coordination.matchrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "enrolment"), name="one_proposal_per_enrolment"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mentor__isnull", True), ("state", "unmatched")),
                            models.Q(models.Q(("state", "unmatched"), _negated=True), ("mentor__isnull", False)),
                            _connector="OR",
                        ),
                        name="unmatched_has_no_mentor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchFilling",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("load", models.PositiveIntegerField()),
                ("places", models.PositiveIntegerField()),
                ("taken", models.PositiveIntegerField()),
                ("blocked", models.JSONField(default=dict)),
                ("elsewhere", models.PositiveIntegerField()),
                ("price", models.BigIntegerField()),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fillings",
                        to="mentorship_coordination.matchrun",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "mentor"), name="one_filling_per_mentor")],
            },
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                models.F("mentor"),
                models.F("is_paused"),
                models.F("rank"),
                models.F("order_due_at"),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                name="queue_of_mentor",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                models.F("cohort"),
                models.F("is_paused"),
                models.F("rank"),
                models.F("order_due_at"),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                name="queue_of_cohort",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                fields=["next_cross_at"],
                name="queue_next_cross",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status", "in_progress")), fields=["lease_until"], name="queue_leases"
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status__in", ("completed", "cancelled"))),
                fields=["mentor", "-completed_at"],
                name="finished_of_mentor",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                fields=["mentee"],
                name="queue_of_mentee",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorworkqueue",
            constraint=models.UniqueConstraint(fields=("type", "reference_id", "cycle"), name="work_item_identity"),
        ),
        migrations.AddConstraint(
            model_name="mentorworkqueue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                fields=("type", "reference_id"),
                name="one_open_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorworkqueue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("completed_at__isnull", True), ("status__in", ("pending", "in_progress"))),
                    models.Q(("completed_at__isnull", False), ("status__in", ("completed", "cancelled"))),
                    _connector="OR",
                ),
                name="closed_item_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorworkqueue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("remaining_seconds__isnull", True)),
                    models.Q(
                        ("due_at__isnull", True),
                        ("remaining_seconds__isnull", False),
                        ("status__in", ("pending", "in_progress")),
                    ),
                    _connector="OR",
                ),
                name="paused_item_keeps_its_rest",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorworkqueue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claimed_by__isnull", True), ("lease_until__isnull", True), ("status", "pending")),
                    models.Q(("claimed_by__isnull", False), ("lease_until__isnull", False), ("status", "in_progress")),
                    ("status__in", ("completed", "cancelled")),
                    _connector="OR",
                ),
                name="claimed_item_has_a_lease",
            ),
        ),
    ]
