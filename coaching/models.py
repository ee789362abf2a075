"""What students practise and what they aim at. Source: product.md §2, §9."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from coaching.enums import Cadence, GoalState, LogState
from core.identifiers import new_id
from users.models import Cohort, Enrolment


class HabitQuerySet(models.QuerySet["Habit"]):
    def of_student(self, student_id: UUID) -> Self:
        return self.filter(student_id=student_id)

    def kept_up(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_on__isnull=True)

    def locked(self, habit_id: UUID) -> Self:
        return self.select_for_update(of=("self",)).filter(pk=habit_id)


class Habit(models.Model):
    """Something a student does every day or every week.

    `chain_end`, `streak_length`, `longest_streak` and `keep_by` are counted by a database trigger whenever logs change
    (`coaching.streaks`), and no role may write them: the streak at a local day `today` is `streak_length` while
    `today <= keep_by`, else 0. The sweep empties `keep_by` once the day has passed. Who logs again before it came has
    the chain that ended in `lost_end` and `lost_length`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="habits", db_index=False)
    name = models.CharField(max_length=120)
    cadence = models.CharField(max_length=8, choices=Cadence)
    started_on = models.DateField(help_text="The first local day on which it is due.")
    archived_on = models.DateField(null=True, blank=True, help_text="The first local day on which it is not due.")
    chain_end = models.DateField(
        null=True, editable=False, help_text="Last day of the newest chain; the Monday of the week of a weekly habit."
    )
    streak_length = models.PositiveIntegerField(default=0, editable=False)
    longest_streak = models.PositiveIntegerField(default=0, editable=False)
    keep_by = models.DateField(null=True, editable=False, help_text="The last local day that still saves the streak.")
    lost_end = models.DateField(
        null=True, editable=False, help_text="End of a chain that ended, and nobody was told yet."
    )
    lost_length = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = HabitQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(
                "student", Lower("name"), condition=Q(archived_on__isnull=True), name="habit_name_once"
            ),
            models.CheckConstraint(
                condition=Q(archived_on__isnull=True) | Q(archived_on__gte=F("started_on")),
                name="habit_archived_after_start",
            ),
        )
        indexes = (
            models.Index(fields=["student", "created_at"], name="habits_of_student"),
            models.Index(
                fields=["keep_by"],
                condition=Q(keep_by__isnull=False, archived_on__isnull=True),
                name="streaks_to_watch",
            ),
            models.Index(fields=["lost_end"], condition=Q(lost_end__isnull=False), name="streaks_lost"),
        )

    def __str__(self) -> str:
        return self.name


class HabitLog(models.Model):
    """One local day of one habit. The day is the student's, wherever she was; it stays when she moves."""

    habit = models.ForeignKey(Habit, models.CASCADE, related_name="logs", db_index=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    local_date = models.DateField()
    state = models.CharField(max_length=8, choices=LogState)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-local_date", "-id")
        constraints = (models.UniqueConstraint(fields=["habit", "local_date"], name="one_log_a_day"),)
        indexes = (models.Index(fields=["student", "local_date"], name="habit_logs_of_student"),)

    def __str__(self) -> str:
        return f"{self.local_date}: {self.state}"


class StreakBreak(models.Model):
    """A streak of three or more that ended: one row per habit and last date. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    habit = models.ForeignKey(Habit, models.CASCADE, related_name="breaks", db_index=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    last_date = models.DateField()
    length = models.PositiveIntegerField()
    broken_on = models.DateField(help_text="The local day on which it was over.")
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ("-broken_on", "-id")
        constraints = (models.UniqueConstraint(fields=["habit", "last_date"], name="streak_breaks_once"),)
        indexes = (models.Index(fields=["student", "-broken_on"], name="streak_breaks_of_student"),)

    def __str__(self) -> str:
        return f"{self.length} until {self.last_date}"


class GoalQuerySet(models.QuerySet["Goal"]):
    def of_student(self, student_id: UUID) -> Self:
        return self.filter(student_id=student_id)

    def open(self) -> Self:
        return self.filter(state=GoalState.OPEN)

    def locked(self, goal_id: UUID) -> Self:
        return self.select_for_update(of=("self",)).filter(pk=goal_id)


class Goal(models.Model):
    """Something a student wants to have done by a day.

    Overdue is a fact about time: open, and the student's local day is after `due_date`. `overdue_since` only marks what
    the sweep has noticed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="goals", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="goals")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    due_date = models.DateField(help_text="The last local day in time.")
    state = models.CharField(max_length=12, choices=GoalState, default=GoalState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_date = models.DateField(null=True, blank=True, help_text="The student's local day of `closed_at`.")
    overdue_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ("due_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=GoalState.OPEN, closed_at__isnull=True, closed_date__isnull=True)
                | Q(
                    state__in=(GoalState.COMPLETED, GoalState.ABANDONED),
                    closed_at__isnull=False,
                    closed_date__isnull=False,
                    overdue_since__isnull=True,
                ),
                name="closed_goal_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["student", "due_date", "id"], name="goals_of_student"),
            models.Index(fields=["cohort", "state"], name="goals_of_cohort"),
            models.Index(
                fields=["due_date"],
                condition=Q(state=GoalState.OPEN, overdue_since__isnull=True),
                name="goals_to_watch",
            ),
        )

    def __str__(self) -> str:
        return self.title


class MissedDeadline(models.Model):
    """A due date that passed while its goal was open: one row per goal and date. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="missed_deadlines", db_index=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_date = models.DateField()
    number = models.PositiveIntegerField(help_text="Counts from 1 per goal.")
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ("-noticed_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["goal", "due_date"], name="deadline_missed_once"),
            models.UniqueConstraint(fields=["goal", "number"], name="missed_deadline_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.due_date} of {self.goal_id}"


class GoalFeedback(models.Model):
    """What a mentor wrote about a goal. Append-only; the student reads it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="feedback")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name_plural = "goal feedback"

    def __str__(self) -> str:
        return self.text[:60]
