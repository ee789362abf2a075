"""Habits are taken up, renamed, put away and taken up again. Source: product.md §9."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from coaching.models import Habit
from core.actions import action
from core.clock import local_date
from core.enums import Rank
from core.errors import Conflict, InvalidInput, NotVisible
from student_dashboard.aggregation import DashboardAggregationService
from users.models import User
from users.selectors import lock_person

MOST_HABITS = 20
LONGEST_NAME = 120


class TooManyHabits(Conflict):
    code = "too_many_habits"
    message = f"You keep {MOST_HABITS} habits already: put one away first."


class HabitKnown(Conflict):
    code = "habit_known"
    message = "You have a habit of this name already."


@action
def create_habit(*, name: str, cadence: str, by: User, at: datetime) -> Habit:
    """A habit of the student's, due from her local day of `at` on; `cadence` is a value of `Cadence`.

    Raises InvalidInput (no name), TooManyHabits, HabitKnown.
    """
    habit = Habit(
        student=by,
        name=_checked_name(name),
        cadence=cadence,
        started_on=local_date(at, by.timezone),
        created_at=at,
        updated_at=at,
    )
    _require_room(by)
    _save(habit, None)
    _refresh(by)
    return habit


@action
def rename_habit(*, habit_id: UUID, name: str, by: User, at: datetime) -> Habit:
    """Call a habit something else; nothing that is counted changes. Raises InvalidInput, NotVisible, HabitKnown."""
    habit = get_locked(habit_id, by)
    habit.name = _checked_name(name)
    _change(habit, ["name"], at)
    _refresh(by)
    return habit


@action
def archive_habit(*, habit_id: UUID, by: User, at: datetime) -> Habit:
    """Put a habit away: not due from today on, its days so far still count. Archiving again changes nothing.

    Raises NotVisible.
    """
    habit = get_locked(habit_id, by)
    if habit.archived_on is None:
        habit.archived_on = max(local_date(at, by.timezone), habit.started_on)
        _change(habit, ["archived_on"], at)
        _refresh(by)
    return habit


@action
def restore_habit(*, habit_id: UUID, by: User, at: datetime) -> Habit:
    """Take an archived habit up again, as if it had never been away. Raises NotVisible, TooManyHabits, HabitKnown."""
    habit = get_locked(habit_id, by)
    if habit.archived_on is not None:
        _require_room(by)
        habit.archived_on = None
        _change(habit, ["archived_on"], at)
        _refresh(by)
    return habit


def get_locked(habit_id: UUID, by: User) -> Habit:
    """The student's habit, locked for this transaction. Raises NotVisible."""
    habit = Habit.objects.locked(habit_id).of_student(by.pk).first()
    if habit is None:
        raise NotVisible
    return habit


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise InvalidInput(fields={"name": [f"Give 1 to {LONGEST_NAME} characters."]})
    return cleaned


def _require_room(student: User) -> None:
    """Counted with the person locked: two tabs do not make one habit too many."""
    lock_person(student)
    if Habit.objects.of_student(student.pk).kept_up().count() >= MOST_HABITS:
        raise TooManyHabits


def _change(habit: Habit, fields: list[str], at: datetime) -> None:
    habit.updated_at, habit.revision = at, habit.revision + 1
    _save(habit, [*fields, "updated_at", "revision"])


def _save(habit: Habit, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            habit.save(update_fields=fields)
    except IntegrityError as error:
        raise HabitKnown(fields={"name": [HabitKnown.message]}) from error


def _refresh(student: User) -> None:
    DashboardAggregationService.queue_update(student.pk, "habit_changed", Rank.NORMAL)
