"""How these tests log, aim, let midnight pass, and look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from rest_framework.test import APIClient

from coaching.actions import midnight
from coaching.actions.goals import create_goal
from coaching.actions.habits import create_habit
from coaching.actions.logs import Logged, clear_log, log_habit
from coaching.counting import CountedHabit, count_habits
from coaching.models import Goal, Habit, HabitLog, StreakBreak
from core.tenancy.identity import Identity, Role, acting_as
from student_dashboard.models import DashboardUpdateQueue
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]

#: A Monday, and noon of it in UTC, where the cast lives.
MONDAY = date(2026, 2, 2)
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
DAY, WEEK, SECOND = timedelta(days=1), timedelta(weeks=1), timedelta(seconds=1)


def student_acting(student: User) -> Any:
    return acting_as(Identity(Role.STUDENT, student.pk))


def mentor_acting(mentor: User) -> Any:
    return acting_as(Identity(Role.MENTOR, mentor.pk))


def local(zone: str, day: date, hour: int = 12, minute: int = 0) -> datetime:
    """The instant at which clocks in `zone` show this, the first one if they show it twice."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def moved_to(student: User, zone: str) -> User:
    with as_system():
        User.objects.filter(pk=student.pk).update(timezone=zone)
        return User.objects.get(pk=student.pk)


def habit_of(student: User, cadence: str = "daily", *, at: datetime = NOON, name: str = "An hour in the lab") -> Habit:
    with student_acting(student):
        return create_habit(name=name, cadence=cadence, by=student, at=at)


def log(student: User, habit: Habit, *, at: datetime, **given: Any) -> Logged:
    with student_acting(student):
        return log_habit(habit_id=habit.pk, by=student, at=at, **given)


def clear(student: User, habit: Habit, day: date, *, at: datetime) -> Habit:
    with student_acting(student):
        return clear_log(habit_id=habit.pk, day=day, by=student, at=at)


def log_row(student: User, habit: Habit, days: int, *, first: date = MONDAY, zone: str = "UTC") -> date:
    """Log so many periods in a row as done, each at noon of its first day there; the last one."""
    step = WEEK if habit.cadence == "weekly" else DAY
    for place in range(days):
        log(student, habit, at=local(zone, first + place * step))
    return first + (days - 1) * step


def log_in_bulk(habit: Habit, days: Iterable[tuple[date, str]]) -> None:
    """As the system, in one statement."""
    with as_system():
        HabitLog.objects.bulk_create(
            HabitLog(habit=habit, student_id=habit.student_id, local_date=day, state=state, created_at=NOON)
            for day, state in days
        )


def counted(habit: Habit, at: datetime) -> CountedHabit:
    with as_system():
        return next(each for each in count_habits([habit.student_id], at)[habit.student_id] if each.id == str(habit.pk))


def streak_on(habit: Habit, day: date, zone: str = "UTC") -> int:
    """The streak that noon of that day shows."""
    return counted(habit, local(zone, day)).streak


def goal_of(student: User, due_date: date, *, at: datetime = NOON, title: str = "Pass the practice exam") -> Goal:
    with student_acting(student):
        return create_goal(title=title, due_date=due_date, by=student, at=at)


def goal_now(goal: Goal) -> Goal:
    with as_system():
        return Goal.objects.get(pk=goal.pk)


def habit_now(habit: Habit) -> Habit:
    with as_system():
        return Habit.objects.get(pk=habit.pk)


def end_streaks(at: datetime, **given: Any) -> int:
    with as_worker():
        return midnight.notice_broken_streaks(at=at, **given)


def end_goals(at: datetime, **given: Any) -> int:
    with as_worker():
        return midnight.notice_overdue_goals(at=at, **given)


def breaks() -> list[tuple[date, int]]:
    """Last date and length of every streak that was noted, in order."""
    with as_system():
        return list(StreakBreak.objects.order_by("last_date").values_list("last_date", "length"))


def logged_days(habit: Habit) -> list[tuple[date, str]]:
    with as_system():
        return list(habit.logs.order_by("local_date").values_list("local_date", "state"))


def forget_refreshes() -> None:
    with as_system():
        DashboardUpdateQueue.objects.all().delete()


def refreshes() -> list[tuple[UUID, int, list[str]]]:
    with as_system():
        rows = DashboardUpdateQueue.objects.order_by("student").values_list("student", "rank", "reasons")
        return [(student, rank, sorted(reasons)) for student, rank, reasons in rows]


def alone(call: Callable[[], Any]) -> Any:
    """What a thread runs: the call, on a connection that is closed after it."""
    try:
        return call()
    finally:
        connection.close()


def queueing_for(row: Habit | Goal, *calls: Callable[[], Any]) -> list[Future[Any]]:
    """Run each call in a thread and on a connection of its own, all waiting for the row in this order."""
    with ThreadPoolExecutor(len(calls)) as threads:
        with as_system():
            type(row).objects.select_for_update().get(pk=row.pk)
            futures = []
            for waiting, call in enumerate(calls, 1):
                futures.append(threads.submit(alone, call))
                until_waiting(waiting)
        return futures


def until_waiting(wanted: int) -> None:
    deadline = monotonic() + 10
    while monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= wanted:
                return
        sleep(0.01)
    raise TimeoutError(f"{wanted} transactions should wait")
