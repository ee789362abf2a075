"""Habits and what was logged of them: the logs are short texts here, a letter a day, and become rows on the server."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from coaching.enums import Cadence
from coaching.models import Habit, HabitLog, StreakBreak
from coaching.streaks import WORTH_TELLING
from core.clock import local_date
from mentorship_coordination.seed.texts import HABITS, WEEKLY_HABITS
from mentorship_coordination.seed.world import SeedStudent, World, draw

#: Of one day: done, done and logged the day after, skipped, nothing.
DONE, DONE_LATE, SKIPPED, NOTHING = MARKS = "dls."
_HABITS_OF_A_STUDENT: Final = ((0, 15), (1, 50), (2, 35))
_WEEKLY: Final = 0.25
#: How people keep habits: the weights of the marks in `MARKS`, for one in so many.
_KEEPERS: Final = (
    ((90, 3, 3, 4), 48),
    ((55, 4, 5, 36), 30),
    ((18, 1, 1, 80), 22),
)
_GAVE_UP: Final = 0.2
_LOGGED_TODAY: Final = 0.55
_EARLIEST_MINUTE, _LATEST_MINUTE = 6 * 60, 21 * 60

#: All logs of a habit come by one statement: streaks are counted once for each. Nobody keeps to the minute.
_LOGS: Final = """
INSERT INTO coaching_habitlog (habit_id, student_id, local_date, state, note, created_at)
SELECT h.id, h.student_id, day.local_date, CASE h.mark WHEN 's' THEN 'skipped' ELSE 'done' END, '',
  least(%s::timestamptz, greatest(h.created_at, (day.local_date + make_interval(
    days => (h.mark = 'l')::int, mins => h.minute + h.place::int * 37 %% 97)) AT TIME ZONE h.timezone))
FROM (
  SELECT each.*, mark, place
  FROM json_to_recordset(%s::json) AS each(id uuid, student_id uuid, timezone text, started_on date,
    created_at timestamptz, minute int, marks text)
  CROSS JOIN LATERAL string_to_table(each.marks, NULL) WITH ORDINALITY AS marked(mark, place)
) AS h
CROSS JOIN LATERAL (SELECT h.started_on + h.place::int - 1 AS local_date) AS day
WHERE h.mark <> '.'
"""

#: What the sweep of the following midnight left of each streak that ended. The ids follow from the habits'.
_ENDED: Final = """
WITH ended AS (
  UPDATE coaching_habit h SET keep_by = NULL FROM users_enrolment e JOIN users_user u ON u.id = e.student_id
  WHERE e.cohort_id = ANY (%(cohorts)s::uuid[]) AND h.student_id = e.student_id AND h.archived_on IS NULL
    AND h.keep_by < (%(at)s AT TIME ZONE u.timezone)::date
  RETURNING h.id, h.student_id, h.chain_end, h.streak_length, u.timezone,
    h.chain_end + CASE h.cadence WHEN 'weekly' THEN 14 ELSE 2 END AS broken_on
)
INSERT INTO coaching_streakbreak (id, habit_id, student_id, last_date, length, broken_on, noticed_at)
SELECT md5('break of ' || id)::uuid, id, student_id, chain_end, streak_length, broken_on,
  broken_on::timestamp AT TIME ZONE timezone
FROM ended WHERE streak_length >= %(worth_telling)s ORDER BY id
"""


class Practice:
    """The habits of one cohort's students."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._marked: list[dict[str, Any]] = []

    def add_for(self, student: SeedStudent) -> None:
        """Two habits, one or none, for some days or weeks, kept as people keep them."""
        random = self._random
        count = draw(random, _HABITS_OF_A_STUDENT)
        for daily, weekly in zip(random.sample(HABITS, count), random.sample(WEEKLY_HABITS, count), strict=True):
            age = min(random.randint(*self._world.options.amounts.habit_days), self._days_here(student))
            if random.random() < _WEEKLY:
                self.write(student, weekly, self._weekly(student, age), Cadence.WEEKLY)
            else:
                self.write(student, daily, self._daily(age))

    def write(self, student: SeedStudent, name: str, marks: str, cadence: Cadence = Cadence.DAILY) -> None:
        """A habit that began as many days ago as `marks` has letters; the last one stands for today."""
        habit_id, today = self._world.ids.new(), local_date(self._world.at, student.timezone)
        started_on, minute = (
            today - timedelta(days=len(marks) - 1),
            self._random.randint(_EARLIEST_MINUTE, _LATEST_MINUTE),
        )
        created_at = self._began(student, started_on, minute)
        self._world.writer.add(
            Habit,
            id=habit_id,
            student_id=student.id,
            name=name,
            cadence=cadence,
            started_on=started_on,
            created_at=created_at,
            updated_at=created_at,
        )
        self._marked.append(
            {
                "id": habit_id,
                "student_id": student.id,
                "timezone": student.timezone,
                "started_on": started_on,
                "created_at": created_at,
                "minute": minute,
                "marks": marks,
            }
        )

    def hand_in(self) -> None:
        """Let the server write the logs of all habits so far."""
        count = sum(len(each["marks"]) - each["marks"].count(NOTHING) for each in self._marked)
        values = [self._world.at, json.dumps(self._marked, default=str)]
        self._world.writer.add_by(_LOGS, values, model=HabitLog, count=count)
        self._marked = []

    def _began(self, student: SeedStudent, day: date, minute: int) -> datetime:
        clock = time(minute // 60, minute % 60, tzinfo=ZoneInfo(student.timezone))
        began = datetime.combine(day, clock).astimezone(UTC)
        return min(max(began, student.enrolled_at), self._world.at)

    def _days_here(self, student: SeedStudent) -> int:
        zone = student.timezone
        return (local_date(self._world.at, zone) - local_date(student.enrolled_at, zone)).days + 1

    def _daily(self, age: int) -> str:
        random, weights = self._random, self._keeper()
        marks = random.choices(MARKS, weights, k=age)
        if random.random() < _GAVE_UP:
            kept = random.randint(age // 3, age)
            marks[kept:] = NOTHING * (age - kept)
        if marks[-1] != NOTHING:
            marks[-1] = DONE if random.random() < _LOGGED_TODAY else NOTHING
        return "".join(marks)

    def _weekly(self, student: SeedStudent, age: int) -> str:
        """Now and then a week is empty; the week that runs has a log only from days that have come."""
        random, weights, marks = self._random, self._keeper(), [NOTHING] * age
        weekday = (local_date(self._world.at, student.timezone) - timedelta(days=age - 1)).weekday()
        for monday in range(-weekday, age, 7):
            day = random.randint(max(0, monday), min(age - 1, monday + 6))
            mark = random.choices(MARKS, weights)[0]
            marks[day] = DONE if mark == DONE_LATE and day == age - 1 else mark
        return "".join(marks)

    def _keeper(self) -> tuple[int, ...]:
        return draw(self._random, _KEEPERS)


def end_streaks(world: World) -> None:
    """Leave of each streak that is over what the sweep would have left; the logs are in the table."""
    values: dict[str, Any] = {
        "at": world.at,
        "cohorts": [each.id for each in world.cohorts],
        "worth_telling": WORTH_TELLING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, values)
        world.writer.written[StreakBreak] += cursor.rowcount
