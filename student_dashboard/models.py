"""The snapshot each student is judged by, its history, and the outbox of refreshes. Source: product.md §2, §9, §11."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.enums import Rank
from core.identifiers import new_id
from users.models import Cohort, Enrolment


class StudentDashboard(models.Model):
    """One row per student, rebuilt by the drain from what the apps provide.

    `mentor` is kept by a trigger with the assignment. A figure without data is NULL, never 0. `inputs` holds the parts
    of readiness with their inputs, `risk_parts` the points with their evidence. `fresh_until` is the student's next
    midnight: figures that count days change then.
    """

    student = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="dashboard")
    # Every index costs each refresh: those that are needed are named below.
    enrolment = models.ForeignKey(Enrolment, models.SET_NULL, null=True, related_name="+", db_index=False)
    cohort = models.ForeignKey(Cohort, models.SET_NULL, null=True, related_name="+", db_index=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    readiness = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    readiness_coverage = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    trend_7d = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    risk_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    risk_parts = models.JSONField(default=list)
    risk_since = models.DateTimeField(null=True)
    is_watched = models.BooleanField(default=False, help_text="Somebody worries gravely; nothing more is told.")
    sections = models.JSONField(default=dict)
    inputs = models.JSONField(default=dict)
    formula_version = models.PositiveSmallIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)
    fresh_until = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["mentor"], name="dashboards_of_mentor"),
            models.Index(fields=["cohort"], name="dashboards_of_cohort"),
            # Answers what is asked of all dashboards each minute: the rows are so wide that a page holds one.
            models.Index(
                fields=["student"],
                include=["fresh_until", "formula_version", "risk_score", "enrolment", "computed_at"],
                name="dashboards_at_a_glance",
            ),
        )

    def __str__(self) -> str:
        return f"dashboard of {self.student_id}"


class ReadinessSnapshot(models.Model):
    """Readiness as it stood at the end of one local day of the student; today's row as it stands now.

    `parts` holds the value of each part, 0 to 1, or null.
    """

    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    local_date = models.DateField()
    readiness = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    formula_version = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["student", "local_date"], name="one_snapshot_a_day"),)

    def __str__(self) -> str:
        return f"{self.student_id} on {self.local_date}"


class RiskEpisode(models.Model):
    """A span in which a student's risk score was over the limit. `score` and `parts` are those of its beginning."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["student"], condition=Q(closed_at__isnull=True), name="one_open_episode"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="episode_ends_after_start"
            ),
        )
        indexes = (models.Index(fields=["student", "-opened_at"], name="episodes_of_student"),)

    def __str__(self) -> str:
        return f"{self.student_id} from {self.opened_at:%Y-%m-%d}"


class DashboardUpdateQueue(models.Model):
    """The outbox of refreshes: one waiting row per student, drained by rank, then time (architecture.md §6)."""

    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    rank = models.SmallIntegerField(choices=Rank)
    reasons = ArrayField(models.CharField(max_length=60))
    requested_at = models.DateTimeField()
    available_at = models.DateTimeField()
    hits = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["student"],
                condition=Q(claimed_at__isnull=True, dead_at__isnull=True),
                name="one_waiting_refresh",
            ),
        )
        indexes = (
            models.Index(
                fields=["rank", "requested_at", "id"],
                condition=Q(claimed_at__isnull=True, dead_at__isnull=True),
                name="refreshes_in_order",
            ),
            models.Index(fields=["claimed_at"], condition=Q(claimed_at__isnull=False), name="refresh_leases"),
            models.Index(fields=["student"], condition=Q(dead_at__isnull=False), name="dead_refreshes"),
        )

    def __str__(self) -> str:
        return f"refresh of {self.student_id}: {', '.join(self.reasons)}"
