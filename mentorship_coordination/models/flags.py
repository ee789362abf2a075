"""Worries about a mentee, and what became of them. Source: product.md §8."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import new_id
from mentorship_coordination.enums import FlagCategory, FlagEntryKind, FlagState, Severity
from users.models import Cohort, Enrolment

UNRESOLVED = (FlagState.OPEN, FlagState.ACKNOWLEDGED)


class FlagQuerySet(models.QuerySet["MentorFlag"]):
    def unresolved(self) -> Self:
        return self.filter(state__in=UNRESOLVED)

    def about(self, mentee_id: UUID) -> Self:
        return self.filter(mentee_id=mentee_id)

    def locked(self, flag_id: UUID) -> Self:
        return self.select_for_update(of=("self",)).filter(pk=flag_id)


class MentorFlag(models.Model):
    """`mentor` owns the flag and changes with the pair; `author` raised it and never changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="flags")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+", db_index=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    category = models.CharField(max_length=12, choices=FlagCategory, default=FlagCategory.OTHER)
    severity = models.SmallIntegerField(choices=Severity, default=Severity.MEDIUM)
    reason = models.TextField()
    state = models.CharField(max_length=12, choices=FlagState, default=FlagState.OPEN)
    director_notified_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = ("-severity", "-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["mentee", "category"], condition=Q(state__in=UNRESOLVED), name="one_open_flag_per_category"
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | Q(state__in=UNRESOLVED, resolved_at__isnull=True),
                name="resolved_flag_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["mentor", "state"], name="flags_of_mentor"),
            models.Index(fields=["mentee", "state"], name="flags_of_mentee"),
            models.Index(fields=["cohort", "state"], name="flags_of_cohort"),
        )

    def __str__(self) -> str:
        return f"{self.get_severity_display()} {self.category}"


class MentorFlagEntry(models.Model):
    """One line of a flag's history. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flag = models.ForeignKey(MentorFlag, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=12, choices=FlagEntryKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    severity = models.SmallIntegerField(choices=Severity)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name_plural = "mentor flag entries"

    def __str__(self) -> str:
        return self.kind
