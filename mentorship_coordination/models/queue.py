"""The work queue and what its due times are made of. Source: product.md §4."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from core.enums import Rank
from core.identifiers import new_id
from mentorship_coordination.enums import CLOSED_STATUSES, OPEN_STATUSES, Band, PauseReason, WorkStatus, WorkType
from mentorship_coordination.sla.calendars import CalendarError
from mentorship_coordination.sla.stored import calendar_from
from users.models import Cohort, Enrolment, Track, validate_zone

#: The order of work, ascending throughout: index, sort and cursor are this one tuple (product.md §4 "Order").
QUEUE_ORDER = ("is_paused", "rank", "order_due_at", "created_at", "id")


class BusinessCalendar(models.Model):
    """When a clock counts: weekly windows in local minutes and holidays by local date. No windows: always.

    The hours of a calendar that work was opened under stay as they are; changing them makes a new version.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_current = models.BooleanField(default=True, editable=False)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    windows = models.JSONField(
        null=True, blank=True, help_text='{"mon": [["09:00", "17:00"]], …}; empty: every hour of every day.'
    )
    holidays = models.JSONField(default=list, blank=True, help_text='["2026-07-03", …], local dates.')

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(is_current=True),
                name="one_current_calendar",
                violation_error_message="There is a calendar of this name already.",
            ),
        )

    def __str__(self) -> str:
        return self.name if self.is_current else f"{self.name} (version {self.version})"

    def clean(self) -> None:
        """Refuse a calendar on which no due time can be computed (product.md §4)."""
        try:
            calendar_from(self.timezone, self.windows, self.holidays).validate()
        except CalendarError as error:
            raise ValidationError(error.message, code=error.code) from error


class SlaPolicy(models.Model):
    """How long a type of work may take, per track or for all. Changing one makes a new version.

    Work keeps the version that it was opened under.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=20, choices=WorkType)
    track = models.ForeignKey(Track, models.CASCADE, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    priority = models.SmallIntegerField(choices=Rank)
    budget_seconds = models.PositiveIntegerField()
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="+")
    is_current = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        constraints = (
            models.UniqueConstraint(
                fields=["type", "track"],
                condition=Q(is_current=True),
                nulls_distinct=False,
                name="one_current_policy",
            ),
            models.UniqueConstraint(
                fields=["type", "track", "version"], nulls_distinct=False, name="policy_version_once"
            ),
            models.CheckConstraint(condition=Q(budget_seconds__gt=0), name="policy_has_a_budget"),
        )

    def __str__(self) -> str:
        return f"{self.type} in {self.budget_seconds // 3600} h"


class WorkQueueQuerySet(models.QuerySet["MentorWorkQueue"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def of_mentor(self, mentor_id: UUID) -> Self:
        return self.filter(mentor_id=mentor_id)

    def about(self, type: WorkType, reference_id: UUID) -> Self:
        return self.filter(type=type, reference_id=reference_id)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lt=at)

    def out_of_sight(self, at: datetime) -> Self:
        """Put off until later, and not late meanwhile."""
        return self.filter(Q(due_at__isnull=True) | Q(due_at__gte=at), snoozed_until__gt=at)

    def in_sight(self, at: datetime) -> Self:
        return self.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at) | Q(due_at__lt=at))

    def in_order(self) -> Self:
        return self.order_by(*QUEUE_ORDER)

    def locked(self, item_id: UUID) -> Self:
        return self.select_for_update(of=("self",)).filter(pk=item_id)


class MentorWorkQueue(models.Model):
    """One piece of work with one clock.

    `rank` is the effective one, `base_rank` never changes; `rank_reasons` say what lifted it. `due_at` is NULL exactly
    while a pause is open, and `remaining_seconds` then holds what is left. `band` and `next_cross_at` are what the
    prioritiser last wrote: it touches only rows whose `next_cross_at` has come. Every row that moves pays for each
    index: there are few, and those of open work hold open work alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=20, choices=WorkType)
    reference_id = models.UUIDField()
    cycle = models.PositiveIntegerField(default=1)
    reference_version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, db_index=False, related_name="work_items")
    cohort = models.ForeignKey(Cohort, models.PROTECT, db_index=False, related_name="+")
    # Never NULL in the table's life, but nullable: the outer join keeps a former mentee's finished items listed when
    # row-level security hides the person.
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    status = models.CharField(max_length=12, choices=WorkStatus, default=WorkStatus.PENDING)
    base_rank = models.SmallIntegerField(choices=Rank)
    rank = models.SmallIntegerField(choices=Rank)
    rank_reasons = models.JSONField(default=list)
    policy = models.ForeignKey(SlaPolicy, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    budget_seconds = models.PositiveIntegerField()
    clock_started_at = models.DateTimeField()
    warn_75_at = models.DateTimeField(null=True, blank=True)
    warn_90_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    remaining_seconds = models.PositiveIntegerField(null=True, blank=True)
    band = models.SmallIntegerField(choices=Band, default=Band.ON_TIME)
    next_cross_at = models.DateTimeField(null=True, blank=True)
    # When a low item gains its steps; NULL for all others.
    ages_at = ArrayField(models.DateTimeField(), null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    closed_reason = models.CharField(max_length=300, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)
    is_paused = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(due_at__isnull=True), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    order_due_at = models.GeneratedField(
        expression=Coalesce(F("due_at"), F("created_at")), output_field=models.DateTimeField(), db_persist=True
    )

    objects = WorkQueueQuerySet.as_manager()

    class Meta:
        verbose_name = "work item"
        constraints = (
            models.UniqueConstraint(fields=["type", "reference_id", "cycle"], name="work_item_identity"),
            models.UniqueConstraint(
                fields=["type", "reference_id"], condition=Q(status__in=OPEN_STATUSES), name="one_open_item"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_STATUSES, completed_at__isnull=True)
                | Q(status__in=("completed", "cancelled"), completed_at__isnull=False),
                name="closed_item_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False, remaining_seconds__isnull=True)
                | Q(due_at__isnull=True, remaining_seconds__isnull=False, status__in=OPEN_STATUSES),
                name="paused_item_keeps_its_rest",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True, lease_until__isnull=True, status="pending")
                | Q(claimed_by__isnull=False, lease_until__isnull=False, status="in_progress")
                | Q(status__in=("completed", "cancelled")),
                name="claimed_item_has_a_lease",
            ),
        )
        indexes = (
            models.Index("mentor", *QUEUE_ORDER, condition=Q(status__in=OPEN_STATUSES), name="queue_of_mentor"),
            models.Index("cohort", *QUEUE_ORDER, condition=Q(status__in=OPEN_STATUSES), name="queue_of_cohort"),
            models.Index(fields=["next_cross_at"], condition=Q(status__in=OPEN_STATUSES), name="queue_next_cross"),
            models.Index(fields=["lease_until"], condition=Q(status="in_progress"), name="queue_leases"),
            models.Index(
                fields=["mentor", "-completed_at"], condition=Q(status__in=CLOSED_STATUSES), name="finished_of_mentor"
            ),
            models.Index(fields=["mentee"], condition=Q(status__in=OPEN_STATUSES), name="queue_of_mentee"),
            models.Index(fields=["cohort", "completed_at"], condition=Q(status="completed"), name="finished_of_cohort"),
            models.Index(
                fields=["cohort", "breached_at"], condition=Q(breached_at__isnull=False), name="breached_of_cohort"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def is_out_of_sight(self, at: datetime) -> bool:
        is_late = self.due_at is not None and self.due_at < at
        return self.snoozed_until is not None and self.snoozed_until > at and not is_late


class SlaPause(models.Model):
    """A span in which an item's clock stands. Pauses may overlap; the clock runs only when none is open."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(MentorWorkQueue, models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=20, choices=PauseReason)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="pause_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["item", "reason"], condition=Q(closed_at__isnull=True), name="one_open_pause_per_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} since {self.opened_at:%Y-%m-%d %H:%M}"
