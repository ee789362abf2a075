"""The database counts streaks … (`coaching.sql_functions`)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg2.errors import InsufficientPrivilege

from coaching.models import Habit, HabitLog
from coaching.tests.world import DAY, MONDAY, NOON, habit_of, log_row
from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from tests.database import as_system
from users.models import User

Logs = dict[date, str]


@dataclass(frozen=True)
class Counts:
    chain_end: date | None
    streak_length: int
    longest_streak: int
    keep_by: date | None


NOTHING = Counts(None, 0, 0, None)


def walk(cadence: str, logs: Mapping[date, str]) -> Counts:
    """Day after day, period after period: no islands, no sums."""
    length = longest = 0
    end: date | None = None
    if not logs:
        return NOTHING
    first, step = min(logs), 1
    if cadence == "weekly":
        step = 7
        while first.isoweekday() != 1:
            first -= DAY
    while first <= max(logs):
        states = {logs[first + day * DAY] for day in range(step) if first + day * DAY in logs}
        length = length + ("done" in states) if states else 0
        end = first if states else end
        longest = max(longest, length)
        first += step * DAY
    assert end is not None
    return Counts(end, length, longest, end + timedelta(days=2 * step - 1) if length else None)


def random_logs(random: Random) -> Logs:
    density, is_done = random.choice((0.2, 0.6, 0.9, 0.98)), random.choice((0.3, 0.8, 1.0))
    span = random.choice((1, 5, 30, 120))
    days = [MONDAY + day * DAY for day in range(-span, 1) if random.random() < density]
    return {day: "done" if random.random() < is_done else "skipped" for day in days}


def habits_of(student: User, count: int) -> list[Habit]:
    """Half of them weekly."""
    return Habit.objects.bulk_create(
        Habit(
            student=student,
            name=f"Habit {number}",
            cadence="weekly" if number % 2 else "daily",
            started_on=MONDAY,
            created_at=NOON,
            updated_at=NOON,
        )
        for number in range(count)
    )


def rows_of(habit: Habit, logs: Logs) -> list[HabitLog]:
    return [
        HabitLog(habit=habit, student_id=habit.student_id, local_date=day, state=state, created_at=NOON)
        for day, state in logs.items()
    ]


def counts_of(habits: list[Habit]) -> list[Counts]:
    found = Habit.objects.in_bulk([habit.pk for habit in habits])
    return [
        Counts(row.chain_end, row.streak_length, row.longest_streak, row.keep_by)
        for row in (found[habit.pk] for habit in habits)
    ]


def test_as_a_walk_over_the_days_does(cast: Cast) -> None:
    random = Random(1)
    with as_system():
        habits = habits_of(cast.student, 200)
        logs = [random_logs(random) for _ in habits]
        HabitLog.objects.bulk_create(
            row for habit, each in zip(habits, logs, strict=True) for row in rows_of(habit, each)
        )
        found = counts_of(habits)

    assert found == [walk(habit.cadence, each) for habit, each in zip(habits, logs, strict=True)]
    assert len({each.streak_length for each in found}) > 20


def test_the_same_one_by_one_in_any_order(cast: Cast) -> None:
    random = Random(2)
    with as_system():
        habits = habits_of(cast.student, 10)
        logs = [random_logs(random) for _ in habits]
        rows = [row for habit, each in zip(habits, logs, strict=True) for row in rows_of(habit, each)]
        random.shuffle(rows)
        for row in rows:
            row.save()
        found = counts_of(habits)

    assert found == [walk(habit.cadence, each) for habit, each in zip(habits, logs, strict=True)]


def test_anew_when_days_change_move_or_go(cast: Cast) -> None:
    random = Random(3)
    with as_system():
        habits = habits_of(cast.student, 20)
        logs = [random_logs(random) for _ in habits]
        HabitLog.objects.bulk_create(
            row for habit, each in zip(habits, logs, strict=True) for row in rows_of(habit, each)
        )
        gone = {MONDAY - 3 * DAY, MONDAY - 10 * DAY}
        HabitLog.objects.filter(local_date__in=gone).delete()
        HabitLog.objects.filter(local_date=MONDAY - 2 * DAY).update(state="skipped")
        found = counts_of(habits)

    for each in logs:
        for day in gone:
            each.pop(day, None)
        if MONDAY - 2 * DAY in each:
            each[MONDAY - 2 * DAY] = "skipped"
    assert found == [walk(habit.cadence, each) for habit, each in zip(habits, logs, strict=True)]


def test_both_habits_when_a_day_goes_over_to_another(cast: Cast) -> None:
    with as_system():
        one, other = habits_of(cast.student, 3)[::2]
        HabitLog.objects.bulk_create(rows_of(one, {MONDAY: "done", MONDAY + DAY: "done"}))
        HabitLog.objects.filter(local_date=MONDAY + DAY).update(habit=other)
        found = counts_of([one, other])

    assert found == [
        Counts(MONDAY, 1, 1, MONDAY + DAY),
        Counts(MONDAY + DAY, 1, 1, MONDAY + 2 * DAY),
    ]


def test_nothing_where_no_day_is_left(cast: Cast) -> None:
    with as_system():
        [habit] = habits_of(cast.student, 1)
        HabitLog.objects.bulk_create(rows_of(habit, {MONDAY: "done"}))
        HabitLog.objects.all().delete()

        assert counts_of([habit]) == [NOTHING]


def test_what_nobody_who_logs_may_write(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 2)
    run(Identity(Role.STUDENT, cast.student.pk), "UPDATE coaching_habit SET name = name")
    for column in ("chain_end", "streak_length", "longest_streak", "keep_by", "started_on", "cadence", "student_id"):
        for role, person in ((Role.STUDENT, cast.student), (Role.MENTOR, cast.mentor), (Role.DIRECTOR, cast.director)):
            refused(Identity(role, person.pk), f"UPDATE coaching_habit SET {column} = {column}")
    with as_system():
        assert counts_of([habit]) == [Counts(MONDAY + DAY, 2, 2, MONDAY + 2 * DAY)]


def test_what_no_habit_begins_with(cast: Cast) -> None:
    values = {"streak_length": "5", "longest_streak": "5", "chain_end": "'2026-02-02'", "keep_by": "'2026-02-02'"}
    for column, value in values.items():
        columns = {"streak_length": "0", "longest_streak": "0", column: value}
        refused(
            Identity(Role.STUDENT, cast.student.pk),
            f"""INSERT INTO coaching_habit
            (id, student_id, name, cadence, started_on, created_at, updated_at, revision, {", ".join(columns)})
            VALUES (gen_random_uuid(), '{cast.student.pk}', 'Cheat', 'daily', '2026-02-02', now(), now(), 1,
            {", ".join(columns.values())})""",
        )
    with as_system():
        assert not Habit.objects.exists()


def test_what_no_log_of_anothers_habit_touches(cast: Cast) -> None:
    habit = habit_of(cast.student)
    for student in (cast.student, cast.stranger):
        refused(
            Identity(Role.STUDENT, cast.stranger.pk),
            f"""INSERT INTO coaching_habitlog (habit_id, student_id, local_date, state, note, created_at)
            VALUES ('{habit.pk}', '{student.pk}', '2026-02-02', 'done', '', now())""",
        )
    with as_system():
        assert counts_of([habit]) == [NOTHING]


def run(identity: Identity, statement: str) -> None:
    with acting_as(identity), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(identity: Identity, statement: str) -> None:
    with pytest.raises(ProgrammingError) as raised:
        run(identity, statement)
    assert isinstance(raised.value.__cause__, InsufficientPrivilege)
