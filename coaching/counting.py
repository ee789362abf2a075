"""Habits and goals of many students as of an instant, each day in its student's zone. Source: product.md §9."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from coaching.days import KEPT_DAYS, DayBits, Kept
from coaching.enums import GoalState
from coaching.standing import BREAKS_COUNT_FOR
from coaching.streaks import period_of
from core.sql import as_texts, fetch_planned

#: Days whose logs a page shows one by one.
SHOWN_DAYS = 7

HABITS = """
SELECT h.student_id, h.id::text, h.name, h.cadence, h.started_on, h.archived_on, h.chain_end, h.streak_length,
  h.longest_streak, h.keep_by, h.created_at, h.revision, local.today,
  coalesce(bit_or(1::bigint << (local.today - l.local_date)) FILTER (WHERE l.state = 'done'), 0),
  coalesce(bit_or(1::bigint << (local.today - l.local_date)) FILTER (WHERE l.state = 'skipped'), 0),
  max(l.created_at)
FROM coaching_habit h
JOIN users_user u ON u.id = h.student_id
CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE u.timezone)::date AS today) AS local
LEFT JOIN coaching_habitlog l ON l.habit_id = h.id
  AND l.local_date > local.today - %(kept_days)s AND l.local_date <= local.today
WHERE h.student_id = ANY (%(students)s::uuid[])
GROUP BY h.id, local.today ORDER BY h.student_id, h.created_at, h.id
"""

#: A break counts until the habit is done again, or put away. The last date of a weekly one is a Monday.
BREAKS = """
SELECT b.student_id, h.id::text, h.name, b.length, b.last_date, b.broken_on
FROM coaching_streakbreak b
JOIN coaching_habit h ON h.id = b.habit_id AND h.archived_on IS NULL
JOIN users_user u ON u.id = b.student_id
WHERE b.student_id = ANY (%(students)s::uuid[])
  AND b.broken_on > (%(at)s AT TIME ZONE u.timezone)::date - %(break_days)s
  AND NOT EXISTS (SELECT FROM coaching_habitlog l WHERE l.habit_id = h.id AND l.state = 'done'
    AND l.local_date > b.last_date + CASE h.cadence WHEN 'weekly' THEN 6 ELSE 0 END)
ORDER BY b.student_id, b.broken_on DESC, h.id
"""

#: Those of an enrolment that has ended stay in the list of goals and count for nothing.
GOALS = """
SELECT g.student_id, g.id::text, g.title, g.due_date, g.state, g.closed_date, g.updated_at, local.today, told.count,
  told.latest
FROM coaching_goal g
JOIN users_enrolment e ON e.id = g.enrolment_id AND e.state = 'active'
JOIN users_user u ON u.id = g.student_id
CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE u.timezone)::date AS today) AS local
CROSS JOIN LATERAL (SELECT count(*), (array_agg(f.text ORDER BY f.created_at DESC, f.id DESC))[1] AS latest
  FROM coaching_goalfeedback f WHERE f.goal_id = g.id) AS told
WHERE g.student_id = ANY (%(students)s::uuid[]) ORDER BY g.student_id, g.due_date, g.id
"""


@dataclass(frozen=True, slots=True)
class CountedHabit:
    """A habit with its days as of `bits.today`; the columns in between are those of `Habit`."""

    id: str
    name: str
    cadence: str
    started_on: date
    archived_on: date | None
    chain_end: date | None
    streak_length: int
    longest_streak: int
    keep_by: date | None
    created_at: datetime
    revision: int
    bits: DayBits
    active_at: datetime | None

    @property
    def streak(self) -> int:
        """Done periods in a row; 0 once a period was missed."""
        return self.streak_length if self.keep_by is not None and self.bits.today <= self.keep_by else 0

    @property
    def is_at_risk(self) -> bool:
        """Whether there is a streak and nothing is logged yet in the period that runs."""
        running = period_of(self.cadence, self.bits.today)
        is_behind = self.chain_end is not None and self.chain_end < running
        return self.archived_on is None and self.streak > 0 and is_behind

    @property
    def is_logged_now(self) -> bool:
        return self.bits.is_logged_now(self.cadence)

    @property
    def kept(self) -> Kept:
        return self.bits.count(self.cadence, started_on=self.started_on, archived_on=self.archived_on)

    @property
    def recent(self) -> list[tuple[date, str | None]]:
        """The last seven local days, oldest first, with what is logged."""
        days = [self.bits.today - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
        return [(day, self.bits.state_of(day)) for day in days]


@dataclass(frozen=True, slots=True)
class Break:
    habit_id: str
    name: str
    length: int
    last_date: date
    broken_on: date


@dataclass(frozen=True, slots=True)
class CountedGoal:
    id: str
    title: str
    due_date: date
    state: str
    closed_date: date | None
    updated_at: datetime
    today: date
    feedback_count: int
    latest_feedback: str | None

    @property
    def is_open(self) -> bool:
        return self.state == GoalState.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.today > self.due_date

    @property
    def was_due(self) -> bool:
        """Reached, or its day has passed before it was given up. One given up in time was never due."""
        if self.state == GoalState.COMPLETED:
            return True
        return self.is_overdue or (self.closed_date is not None and self.closed_date > self.due_date)

    @property
    def is_on_time(self) -> bool:
        return self.state == GoalState.COMPLETED and self.closed_date is not None and self.closed_date <= self.due_date


def count_habits(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, list[CountedHabit]]:
    """Student → her habits, archived ones too, oldest first. One query."""
    found: dict[UUID, list[CountedHabit]] = defaultdict(list)
    for row in _rows(HABITS, student_ids, at, kept_days=KEPT_DAYS):
        student_id, *columns, today, done, skipped, active_at = row
        found[student_id].append(CountedHabit(*[*columns, DayBits(today, done, skipped), active_at]))
    return found


def list_breaks(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, list[Break]]:
    """Student → streaks of three or more that ended in the last 14 days and were not taken up again. One query."""
    found: dict[UUID, list[Break]] = defaultdict(list)
    for student_id, *columns in _rows(BREAKS, student_ids, at, break_days=BREAKS_COUNT_FOR.days):
        found[student_id].append(Break(*columns))
    return found


def count_goals(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, list[CountedGoal]]:
    """Student → the goals of her active enrolment by due date. One query."""
    found: dict[UUID, list[CountedGoal]] = defaultdict(list)
    for student_id, *columns in _rows(GOALS, student_ids, at):
        found[student_id].append(CountedGoal(*columns))
    return found


def _rows(statement: str, student_ids: Sequence[UUID], at: datetime, **values: int) -> list[tuple[Any, ...]]:
    return fetch_planned(statement, students=as_texts(student_ids), at=at, **values)
