"""Meetings that cannot collide. Source: product.md §7."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from core.identifiers import new_id
from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from users.models import Cohort, Enrolment


class SessionQuerySet(models.QuerySet["MentorSession"]):
    def scheduled(self) -> Self:
        return self.filter(status=SessionStatus.SCHEDULED)

    def of_mentor(self, mentor_id: UUID) -> Self:
        return self.filter(mentor_id=mentor_id)

    def of_enrolment(self, enrolment_id: UUID) -> Self:
        """One-on-one sessions, and the groups that the mentee has not left."""
        groups = SessionParticipant.objects.filter(enrolment=enrolment_id, is_active=True).order_by().values("session")
        own = MentorSession.objects.filter(enrolment=enrolment_id).order_by().values("pk")
        # Joined by "or", every session of the academy would be looked at.
        return self.filter(pk__in=own.union(groups))

    def locked(self, session_id: UUID) -> Self:
        return self.select_for_update(of=("self",)).filter(pk=session_id)


class MentorSession(models.Model):
    """A meeting. `mentee`, `enrolment` and `assignment` are NULL for groups: the participants say who comes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    mentee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="sessions", db_index=False
    )
    assignment = models.ForeignKey(
        MenteeMentorAssignment, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    title = models.CharField(max_length=160)
    type = models.CharField(max_length=20, choices=SessionType, default=SessionType.ONE_ON_ONE)
    status = models.CharField(max_length=20, choices=SessionStatus, default=SessionStatus.SCHEDULED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)
    meeting_url = models.URLField(max_length=500, blank=True)
    meeting_provider = models.CharField(max_length=20, blank=True)
    # A provider's id of the meeting, and the sequence that it has heard of: a lower one than the session's is told.
    meeting_id = models.CharField(max_length=40, blank=True, default="")
    meeting_sequence = models.PositiveIntegerField(null=True, blank=True)
    # While a provider is to be asked: how often it was, when it is asked again, and what it said last.
    link_attempts = models.PositiveSmallIntegerField(default=0)
    link_available_at = models.DateTimeField(null=True, blank=True)
    link_error = models.CharField(max_length=300, blank=True, default="")
    agenda = models.TextField(blank=True)
    is_late_cancel = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    close_reason = models.CharField(max_length=300, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = models.CharField(max_length=300, blank=True, default="")
    dispute_settled_at = models.DateTimeField(null=True, blank=True)
    dispute_answer = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(
                condition=Q(mentee__isnull=True) | ~Q(mentee=F("mentor")), name="session_with_someone_else"
            ),
            models.CheckConstraint(
                condition=Q(dispute_settled_at__isnull=True) | Q(disputed_at__isnull=False),
                name="only_disputes_are_settled",
            ),
            models.CheckConstraint(
                condition=Q(type="group", mentee__isnull=True, assignment__isnull=True)
                | ~Q(type="group") & Q(mentee__isnull=False),
                name="only_groups_have_no_mentee",
            ),
        )
        indexes = (
            models.Index(fields=["mentor", "starts_at"], name="sessions_of_mentor"),
            models.Index(fields=["mentee", "starts_at"], name="sessions_of_mentee"),
            models.Index(fields=["enrolment", "status"], name="sessions_of_enrolment"),
            models.Index(fields=["cohort", "starts_at"], name="sessions_of_cohort"),
            models.Index(fields=["cohort"], condition=Q(disputed_at__isnull=False), name="disputed_sessions"),
            models.Index(fields=["ends_at"], condition=Q(status="scheduled"), name="sessions_to_end"),
            models.Index(fields=["starts_at"], condition=Q(status="scheduled"), name="sessions_to_begin"),
            models.Index(
                fields=["starts_at"],
                condition=Q(status="scheduled", meeting_provider="zoom", meeting_url=""),
                name="links_to_make",
            ),
            models.Index(
                fields=["ends_at"], condition=Q(meeting_sequence__lt=F("sequence")), name="meetings_to_change"
            ),
        )

    def __str__(self) -> str:
        return self.title


class ParticipantQuerySet(models.QuerySet["SessionParticipant"]):
    def disputed(self) -> Self:
        return self.filter(disputed_at__isnull=False)


class SessionParticipant(models.Model):
    """One person in one session. The exclusion constraint is what makes double booking impossible, in any role."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(MentorSession, models.CASCADE, related_name="participants", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=8, choices=ParticipantRole)
    during = DateTimeRangeField()
    is_active = models.BooleanField(default=True)
    attended = models.BooleanField(null=True, blank=True)
    # Of a group: what one mentee says of her own attendance. Sessions of two are disputed as a whole.
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = models.CharField(max_length=300, blank=True, default="")
    dispute_settled_at = models.DateTimeField(null=True, blank=True)
    dispute_answer = models.CharField(max_length=300, blank=True, default="")

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["session", "person"], name="participant_once"),
            models.CheckConstraint(
                condition=Q(dispute_settled_at__isnull=True) | Q(disputed_at__isnull=False),
                name="only_disputed_attendance_is_settled",
            ),
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_active=True),
            ),
            models.CheckConstraint(
                condition=Q(Func("during", function="isempty", output_field=models.BooleanField()), _negated=True),
                name="participation_takes_time",
            ),
        )
        indexes = (
            models.Index(fields=["enrolment"], condition=Q(disputed_at__isnull=False), name="disputed_attendance"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"


class SessionRating(models.Model):
    """What one student says of one session. Its mentor sees the mean of many and no row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(MentorSession, models.CASCADE, related_name="ratings", db_index=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rating = models.PositiveSmallIntegerField()
    comment = models.CharField(max_length=1000, blank=True)
    rated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["session", "student"], name="rated_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="rating_one_to_five"),
        )

    def __str__(self) -> str:
        return f"{self.rating} of 5"


class SessionNote(models.Model):
    """What was talked about. Private notes are the mentor's alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(MentorSession, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    is_private = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.text[:60]


class SessionActionItem(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(MentorSession, models.CASCADE, related_name="action_items")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    due_date = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.text
