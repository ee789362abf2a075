"""Days of a habit are logged, changed and taken back: today, and yesterday for whoever forgot.

Source: product.md §9.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from coaching.actions.habits import get_locked
from coaching.enums import LogState
from coaching.models import Habit, HabitLog
from core.actions import action
from core.clock import local_date
from core.enums import Rank
from core.errors import Conflict, InvalidInput
from student_dashboard.aggregation import DashboardAggregationService
from users.models import User

BACKFILL = timedelta(days=1)
LONGEST_NOTE = 300


class HabitArchived(Conflict):
    code = "habit_archived"
    message = "This habit is put away: take it up again before you log it."


@dataclass(frozen=True, slots=True)
class Logged:
    """`is_new` is False when the day had a log already; `habit` is as it is counted now."""

    log: HabitLog
    habit: Habit
    is_new: bool


@action
def log_habit(
    *, habit_id: UUID, by: User, at: datetime, state: str = LogState.DONE, day: date | None = None, note: str = ""
) -> Logged:
    """Log the student's local day `day` (None: today) as done or skipped; a second log of a day replaces the first.

    Raises NotVisible, HabitArchived, InvalidInput (a long note; neither today nor yesterday; before the habit began).
    """
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(fields={"note": [f"Give at most {LONGEST_NOTE} characters."]})
    habit = get_locked(habit_id, by)
    day = _checked_day(habit, day, local_date(at, by.timezone))
    log = HabitLog.objects.filter(habit=habit, local_date=day).first()
    is_new = log is None
    if log is None:
        log = HabitLog.objects.create(
            habit=habit, student=by, local_date=day, state=state, note=note.strip(), created_at=at
        )
    elif (log.state, log.note) != (state, note.strip()):
        log.state, log.note = state, note.strip()
        log.save(update_fields=["state", "note"])
    else:
        return Logged(log, habit, is_new=False)
    return Logged(log, _counted_anew(habit, by), is_new)


@action
def clear_log(*, habit_id: UUID, day: date, by: User, at: datetime) -> Habit:
    """Take the log of today or yesterday back; nothing happens where there is none. Raises what `log_habit` raises."""
    habit = get_locked(habit_id, by)
    _checked_day(habit, day, local_date(at, by.timezone))
    removed, _ = HabitLog.objects.filter(habit=habit, local_date=day).delete()
    return _counted_anew(habit, by) if removed else habit


def _checked_day(habit: Habit, day: date | None, today: date) -> date:
    if habit.archived_on is not None:
        raise HabitArchived
    if day is None:
        return max(today, habit.started_on)
    if not today - BACKFILL <= day <= today:
        raise InvalidInput(fields={"date": [f"Log today ({today}) or yesterday."]}, code="not_a_day_to_log")
    if day < habit.started_on:
        raise InvalidInput(fields={"date": [f"This habit began on {habit.started_on}."]}, code="not_a_day_to_log")
    return day


def _counted_anew(habit: Habit, student: User) -> Habit:
    """The habit with the columns that the database has just counted."""
    DashboardAggregationService.queue_update(student.pk, "habit_logged", Rank.NORMAL)
    habit.refresh_from_db()
    return habit
