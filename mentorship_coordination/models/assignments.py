"""Who mentors whom, and what stands in the way. Source: product.md §6."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.identifiers import new_id
from mentorship_coordination.enums import LIVE_ASSIGNMENTS, AssignmentState
from users.models import Cohort, Enrolment


class AssignmentQuerySet(models.QuerySet["MenteeMentorAssignment"]):
    def primary(self) -> Self:
        return self.filter(is_primary=True)

    def live(self) -> Self:
        """Those that take a place: pending, active, paused."""
        return self.filter(state__in=LIVE_ASSIGNMENTS)

    def current(self) -> Self:
        """Those in which mentor and mentee see each other: active, paused."""
        return self.filter(state__in=(AssignmentState.ACTIVE, AssignmentState.PAUSED))

    def active(self) -> Self:
        return self.filter(state=AssignmentState.ACTIVE)

    def standing_in(self) -> Self:
        """Of those who do the work for a while: backups of mentors who are away, and by a director's decision."""
        return self.filter(stands_in_until__isnull=False)

    def of_mentor(self, mentor_id: UUID) -> Self:
        return self.filter(mentor_id=mentor_id)

    def of_mentee(self, mentee_id: UUID) -> Self:
        return self.filter(mentee_id=mentee_id)


class MenteeMentorAssignment(models.Model):
    """One spell of a pair. A pair may meet again: that is another row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="assignments")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+", db_index=False)
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    is_primary = models.BooleanField(default=True)
    stands_in_until = models.DateTimeField(
        null=True, blank=True, help_text="A backup's pair while the mentor is away; empty for every other pair."
    )
    relieves = models.BooleanField(
        default=False, help_text="A stand-in by a director's decision, which lasts whoever is away."
    )
    state = models.CharField(max_length=12, choices=AssignmentState, default=AssignmentState.PENDING)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)
    ended_harmfully = models.BooleanField(default=False, help_text="The pair is never matched again.")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    match_run = models.ForeignKey(
        "mentorship_coordination.MatchRun", models.SET_NULL, null=True, blank=True, related_name="assignments"
    )
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(is_primary=True, state__in=LIVE_ASSIGNMENTS),
                name="one_primary_mentor",
            ),
            models.CheckConstraint(condition=~Q(mentee=F("mentor")), name="nobody_mentors_themselves"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(stands_in_until__isnull=False, state__in=LIVE_ASSIGNMENTS),
                name="one_stand_in",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_until__isnull=True) | Q(is_primary=False), name="a_stand_in_is_not_primary"
            ),
            models.CheckConstraint(
                condition=Q(relieves=False) | Q(stands_in_until__isnull=False), name="relief_ends_some_day"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("completed", "cancelled"), ended_at__isnull=False)
                | Q(state__in=LIVE_ASSIGNMENTS, ended_at__isnull=True),
                name="assignment_end_matches_state",
            ),
        )
        indexes = (
            models.Index(fields=["mentor", "state"], name="assignments_of_mentor"),
            models.Index(fields=["mentee", "state"], name="assignments_of_mentee"),
            models.Index(fields=["cohort", "state"], name="assignments_of_cohort"),
        )

    def __str__(self) -> str:
        return f"{self.mentor_id} → {self.mentee_id}: {self.state}"


class AssignmentEntry(models.Model):
    """One line of a pair's history: what it became, by whom and why. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assignment = models.ForeignKey(MenteeMentorAssignment, models.CASCADE, related_name="entries")
    state = models.CharField(max_length=12, choices=AssignmentState)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name_plural = "assignment entries"

    def __str__(self) -> str:
        return self.state


class MatchExclusion(models.Model):
    """These two are never matched."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["mentor", "mentee"], name="pair_excluded_once"),)

    def __str__(self) -> str:
        return f"never {self.mentor_id} with {self.mentee_id}"


class MentorAbsence(models.Model):
    """A mentor is away for a span; `backup` stands in for her meanwhile, with whoever she has room for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="absences", db_index=False)
    backup = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(backup__isnull=True) | ~Q(backup=F("mentor")), name="backup_is_someone_else"
            ),
        )
        indexes = (models.Index(fields=["mentor", "ends_at"], name="absences_of_mentor"),)

    def __str__(self) -> str:
        return f"{self.mentor_id} away until {self.ends_at:%Y-%m-%d}"


class AvailabilityOverride(models.Model):
    """What replaces a person's weekly windows on one local date; no windows means closed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    local_date = models.DateField()
    windows = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "local_date"], name="one_override_a_day"),)

    def __str__(self) -> str:
        return f"{self.person_id} on {self.local_date}"
