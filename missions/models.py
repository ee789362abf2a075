"""Missions, what students hand in, and how it was judged. Source: product.md §2, §5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from core.identifiers import new_id
from missions.enums import Decision, SubmissionState
from missions.rubric import validate_rubric
from users.models import Cohort, Enrolment, Track, validate_list_of_text


class MissionQuerySet(models.QuerySet["Mission"]):
    def published(self) -> Self:
        return self.filter(is_published=True)

    def of_tracks(self, track_ids: Iterable[UUID]) -> Self:
        return self.filter(track_id__in=track_ids)


class Mission(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    track = models.ForeignKey(Track, models.PROTECT, related_name="missions", db_index=False)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    brief = models.TextField()
    weight = models.PositiveSmallIntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=1, help_text="1 to 5; a level opens as the one below it is done.")
    expected_after_days = models.PositiveSmallIntegerField(help_text="Days after the cohort's start.")
    competencies = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])
    rubric = models.JSONField(default=list, blank=True, validators=[validate_rubric])
    is_published = models.BooleanField(default=True)

    objects = MissionQuerySet.as_manager()

    class Meta:
        ordering = ("track", "number")
        constraints = (
            models.UniqueConstraint(fields=["track", "number"], name="mission_number_in_track_once"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="mission_weighs_something"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=5), name="mission_level_in_range"),
        )

    def __str__(self) -> str:
        return self.title


class SubmissionQuerySet(models.QuerySet["MissionSubmission"]):
    def locked(self, submission_id: UUID) -> Self:
        """The one row, locked for this transaction: the aggregate's lock comes before any other of it."""
        return self.select_for_update(of=("self",)).filter(pk=submission_id)

    def awaiting_review(self) -> Self:
        return self.filter(state=SubmissionState.SUBMITTED)

    def of_student(self, student_id: UUID) -> Self:
        return self.filter(student_id=student_id)


class MissionSubmission(models.Model):
    """One row per enrolment and mission; `version` and `cycle` are the current ones.

    `mentor` is who is responsible now. A database trigger keeps it in step with the assignment, so that
    row-level security compares one column.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mission = models.ForeignKey(Mission, models.PROTECT, related_name="submissions")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="submissions", db_index=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+", db_index=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=20, choices=SubmissionState, default=SubmissionState.DRAFT)
    version = models.PositiveIntegerField(default=0)
    cycle = models.PositiveIntegerField(default=1)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["enrolment", "mission"], name="one_submission_per_mission"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(version__gt=0, submitted_at__isnull=False),
                name="submitted_has_a_version",
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__lte=100),
                name="submission_score_in_range",
            ),
        )
        indexes = (
            models.Index(fields=["student", "-updated_at"], name="submissions_of_student"),
            models.Index(fields=["mentor", "-updated_at"], name="submissions_of_mentor"),
            models.Index(fields=["cohort", "state"], name="submissions_of_cohort"),
        )

    def __str__(self) -> str:
        return f"{self.mission_id} by {self.student_id}: {self.state}"


class SubmissionVersion(models.Model):
    """What was handed in at one time. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(MissionSubmission, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    cycle = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    links = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["submission", "number"], name="version_number_once"),)

    def __str__(self) -> str:
        return f"version {self.number}"


class SubmissionFile(models.Model):
    """A file of one version. The name is what the student called it; the storage name is ours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(SubmissionVersion, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to="submissions/%Y/%m", max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class MissionReview(models.Model):
    """One judgement of one version. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(MissionSubmission, models.PROTECT, related_name="reviews")
    version = models.OneToOneField(SubmissionVersion, models.PROTECT, related_name="review")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    score = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    feedback = models.TextField(blank=True)
    competencies = models.JSONField(default=list, blank=True)
    rubric_scores = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, help_text="Why a director decided instead of the mentor.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(score__lte=100), name="review_score_in_range"),
            models.CheckConstraint(
                condition=models.Q(decision="approved") | ~models.Q(feedback=""),
                name="refusal_needs_feedback",
            ),
        )

    def __str__(self) -> str:
        return f"{self.decision} {self.score}"


class CohortScore(models.Model):
    """The mean of a cohort's current scores, stored once a day: what a student's own mean is shrunk towards.

    Stored, and not computed with each figure, so that no student's review moves everybody else's readiness at once.
    """

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+", db_index=False)
    local_date = models.DateField(help_text="The day in the cohort's zone on which it was computed.")
    mean_score = models.DecimalField(max_digits=5, decimal_places=2)
    score_count = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["cohort", "local_date"], name="one_cohort_score_a_day"),)

    def __str__(self) -> str:
        return f"{self.mean_score} on {self.local_date}"
