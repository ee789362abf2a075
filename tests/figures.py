"""Every figure of the dashboards once more, from rows alone: plain SQL as the owner and plain arithmetic.

Nothing here imports a rule of the product. Where the two disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
from django.conf import settings

DAY = timedelta(days=1)
WEIGHTS = {"missions": 35, "quality": 25, "consistency": 15, "goals": 10, "attendance": 15}


@contextmanager
def rows_as_owner() -> Iterator[Rows]:
    connection = psycopg2.connect(settings.DATABASE_URL)
    try:
        yield Rows(connection)
    finally:
        connection.rollback()
        connection.close()


@dataclass(frozen=True)
class Rows:
    connection: Any

    def all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def one(self, query: str, *values: Any) -> Any:
        [[value]] = self.all(query, *values)
        return value


@dataclass(frozen=True)
class Student:
    """One student as the rows have her at `at`."""

    rows: Rows
    id: str
    at: datetime

    @property
    def today(self) -> date:
        zone = self.rows.one("SELECT timezone FROM users_user WHERE id = %s", self.id)
        return self.at.astimezone(ZoneInfo(zone)).date()

    @property
    def enrolment(self) -> str:
        query = "SELECT id::text FROM users_enrolment WHERE student_id = %s AND state = 'active'"
        return str(self.rows.one(query, self.id))

    def values(self) -> dict[str, Fraction | None]:
        """The parts of readiness, exactly."""
        return {
            "missions": self._missions(),
            "quality": self._quality(),
            "consistency": _ratio(*self.kept_and_due()),
            "goals": _ratio(*self.goals_kept()),
            "attendance": _ratio(*self.attended_and_known()),
        }

    def readiness(self) -> float | None:
        known = {name: value for name, value in self.values().items() if value is not None}
        weight = sum(WEIGHTS[name] for name in known)
        if 2 * weight < sum(WEIGHTS.values()):
            return None
        return float(sum((100 * WEIGHTS[name] * value for name, value in known.items()), Fraction()) / weight)

    def coverage(self) -> float:
        known = sum(WEIGHTS[name] for name, value in self.values().items() if value is not None)
        return known / sum(WEIGHTS.values())

    def trend(self) -> float | None:
        """Today's row of readiness against that of seven days ago, where both are there and of one formula."""
        query = """SELECT (now.readiness - past.readiness)::float FROM student_dashboard_readinesssnapshot now
          JOIN student_dashboard_readinesssnapshot past ON past.student_id = now.student_id
            AND past.formula_version = now.formula_version AND past.local_date = now.local_date - 7
          WHERE now.student_id = %s AND now.local_date = %s"""
        found = self.rows.all(query, self.id, self.today)
        return found[0][0] if found else None

    def _missions(self) -> Fraction | None:
        query = """SELECT coalesce(sum(m.weight) FILTER (WHERE s.state = 'approved'), 0),
            coalesce(sum(m.weight) FILTER (WHERE m.expected_after_days <=
              (%s AT TIME ZONE c.timezone)::date - c.start_date), 0)
          FROM users_enrolment e JOIN users_cohort c ON c.id = e.cohort_id
          JOIN missions_mission m ON m.track_id = c.track_id AND m.is_published
          LEFT JOIN missions_missionsubmission s ON s.mission_id = m.id AND s.enrolment_id = e.id
          WHERE e.id = %s"""
        [(approved, expected)] = self.rows.all(query, self.at, self.enrolment)
        if not expected:
            return Fraction(1) if approved else None
        return min(Fraction(1), Fraction(int(approved), int(expected)))

    def scores(self) -> list[int]:
        """From the reviews themselves: the last one of each mission, unless the student handed in again."""
        query = """SELECT r.score FROM missions_missionsubmission s
          JOIN missions_submissionversion v ON v.submission_id = s.id AND v.number = (
            SELECT max(number) FROM missions_submissionversion WHERE submission_id = s.id)
          JOIN missions_missionreview r ON r.version_id = v.id WHERE s.enrolment_id = %s"""
        return [score for (score,) in self.rows.all(query, self.enrolment)]

    def _quality(self) -> Fraction | None:
        scores = self.scores()
        mean = self.rows.all(
            """SELECT mean_score FROM missions_cohortscore k JOIN users_enrolment e USING (cohort_id)
            WHERE e.id = %s ORDER BY local_date DESC LIMIT 1""",
            self.enrolment,
        )
        if not scores:
            return None
        shrunk = 3 * Fraction(mean[0][0]) if mean else Fraction()
        return Fraction(sum(scores) + shrunk, len(scores) + (3 if mean else 0)) / 100

    def goals_kept(self) -> tuple[int, int]:
        query = "SELECT state, due_date, closed_date FROM coaching_goal WHERE student_id = %s"
        on_time = due = 0
        for state, due_date, closed in self.rows.all(query, self.id):
            is_late = (closed or self.today) > due_date
            on_time += state == "completed" and not is_late
            due += state == "completed" or is_late
        return on_time, due

    def attended_and_known(self) -> tuple[int, int]:
        query = """SELECT count(*) FILTER (WHERE p.attended), count(*) FROM mentorship_coordination_sessionparticipant p
          JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
          WHERE p.person_id = %s AND p.enrolment_id = %s AND p.role = 'mentee' AND p.is_active
            AND p.attended IS NOT NULL AND s.status IN ('completed', 'no_show_mentee')"""
        [counts] = self.rows.all(query, self.id, self.enrolment)
        return counts[0], counts[1]

    def late_cancellations(self) -> int:
        """From the times alone: hers, of a session of two, less than a day ahead, and still said to be hers."""
        query = """SELECT count(*) FROM mentorship_coordination_mentorsession
          WHERE enrolment_id = %s AND status = 'cancelled_by_mentee' AND starts_at - closed_at < interval '24 hours'"""
        return int(self.rows.one(query, self.enrolment))

    def habits(self) -> list[tuple[str, str, date, date | None, dict[date, str]]]:
        """Id, cadence, first and archiving day, and the logged days of each habit."""
        found = self.rows.all(
            "SELECT id::text, cadence, started_on, archived_on FROM coaching_habit WHERE student_id = %s", self.id
        )
        logs = "SELECT local_date, state FROM coaching_habitlog WHERE habit_id = %s"
        return [(*habit, dict(self.rows.all(logs, habit[0]))) for habit in found]

    def streaks(self) -> dict[str, int]:
        """Habit → done periods in a row, walked back day by day."""
        return {
            habit: streak_of(cadence, logs, self.today)
            for habit, cadence, _, archived_on, logs in self.habits()
            if archived_on is None
        }

    def kept_and_due(self) -> tuple[int, int]:
        counted = [self.counted(*habit[1:]) for habit in self.habits()]
        return sum(kept for kept, _ in counted), sum(due for _, due in counted)

    def counted(
        self, cadence: str, started_on: date, archived_on: date | None, logs: dict[date, str]
    ) -> tuple[int, int]:
        """Periods of one habit kept and due in 28 days."""
        kept = due = 0
        running = period_of(cadence, self.today)
        end = period_of(cadence, archived_on) if archived_on else running
        for period in _periods(cadence, running, 28):
            if not period_of(cadence, started_on) <= period <= end:
                continue
            states = {logs.get(day) for day in days_of(cadence, period) if day <= self.today}
            is_done = "done" in states
            kept += is_done
            due += is_done or (period < min(running, end) and "skipped" not in states)
        return kept, due

    def risk(self) -> dict[str, int]:
        """Points by part; what has none is left out."""
        points = {
            "silence": self._silence(),
            "missed_sessions": min(20, 10 * self._missed_lately()),
            "goals_overdue": min(12, 4 * self._overdue_goals()),
            "failed_reviews": min(15, self._refusals()),
            "streak_broken": self._broken(),
            "falling_readiness": self._falling(),
        }
        return {name: each for name, each in points.items() if each}

    def _silence(self) -> int:
        query = """SELECT max(seen) FROM (
            SELECT enrolled_at AS seen FROM users_enrolment WHERE id = %(enrolment)s
            UNION ALL SELECT submitted_at FROM missions_missionsubmission WHERE enrolment_id = %(enrolment)s
            UNION ALL SELECT created_at FROM coaching_habitlog WHERE student_id = %(id)s AND local_date > %(since)s
            UNION ALL SELECT updated_at FROM coaching_goal WHERE student_id = %(id)s
            UNION ALL SELECT s.ends_at FROM mentorship_coordination_mentorsession s
              JOIN mentorship_coordination_sessionparticipant p ON p.session_id = s.id
              WHERE p.enrolment_id = %(enrolment)s AND p.attended AND p.is_active
                AND s.status IN ('completed', 'no_show_mentee')) AS activity"""
        values = {"id": self.id, "enrolment": self.enrolment, "since": self.today - 35 * DAY}
        with self.rows.connection.cursor() as cursor:
            cursor.execute(query, values)
            days = (self.at - cursor.fetchone()[0]).days
        return min(24, 2 * days) if days >= 7 else 0

    def _missed_lately(self) -> int:
        query = """SELECT count(*) FROM mentorship_coordination_sessionparticipant p
          JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
          WHERE p.enrolment_id = %s AND p.role = 'mentee' AND p.is_active AND NOT p.attended
            AND s.status IN ('completed', 'no_show_mentee') AND s.starts_at > %s"""
        return int(self.rows.one(query, self.enrolment, self.at - 28 * DAY))

    def _overdue_goals(self) -> int:
        query = "SELECT count(*) FROM coaching_goal WHERE student_id = %s AND state = 'open' AND due_date < %s"
        return int(self.rows.one(query, self.id, self.today))

    def _refusals(self) -> int:
        query = """SELECT coalesce(sum(CASE s.state WHEN 'rejected' THEN 10 ELSE 5 END), 0)
          FROM missions_missionsubmission s JOIN missions_mission m ON m.id = s.mission_id AND m.is_published
          WHERE s.enrolment_id = %s AND s.state IN ('changes_requested', 'rejected') AND s.decided_at > %s"""
        return int(self.rows.one(query, self.enrolment, self.at - 28 * DAY))

    def _broken(self) -> int:
        longest = 0
        for _, cadence, _, archived_on, logs in self.habits():
            if archived_on or streak_of(cadence, logs, self.today) or not logs:
                continue
            days = 7 if cadence == "weekly" else 1
            last = max((period_of(cadence, day) for day, state in logs.items() if state == "done"), default=None)
            if last is None:
                continue
            length = streak_of(cadence, logs, last)
            while "skipped" in {logs.get(day) for day in days_of(cadence, last + days * DAY)}:
                last += days * DAY
            broken_on = last + 2 * days * DAY
            if length >= 3 and broken_on > self.today - 14 * DAY:
                longest = max(longest, length)
        return min(14, 4 + longest) if longest else 0

    def _falling(self) -> int:
        trend = self.trend()
        return min(15, int(-trend)) if trend is not None and trend <= -5 else 0


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def period_of(cadence: str, day: date) -> date:
    return day - day.weekday() * DAY if cadence == "weekly" else day


def _periods(cadence: str, running: date, window: int) -> list[date]:
    length = 7 if cadence == "weekly" else 1
    return [running - back * length * DAY for back in range(window // length + 1)]


def days_of(cadence: str, period: date) -> list[date]:
    return [period + day * DAY for day in range(7 if cadence == "weekly" else 1)]


def streak_of(cadence: str, logs: dict[date, str], today: date) -> int:
    """Walk back from the period of `today`: done counts, skipped passes, an empty one ends unless it is the first."""
    length, period = 0, period_of(cadence, today)
    is_first = True
    while True:
        states = {logs.get(day) for day in days_of(cadence, period)}
        if "done" in states:
            length += 1
        elif "skipped" not in states and not is_first:
            return length
        is_first = False
        period -= (7 if cadence == "weekly" else 1) * DAY


def longest_streak(cadence: str, logs: dict[date, str]) -> int:
    """Walk on from the first log to the last: done counts, skipped passes, an empty period begins anew."""
    if not logs:
        return 0
    longest = length = 0
    period, last = period_of(cadence, min(logs)), max(logs)
    while period <= last:
        states = {logs.get(day) for day in days_of(cadence, period)}
        if "done" in states:
            length += 1
        elif "skipped" not in states:
            length = 0
        longest = max(longest, length)
        period += (7 if cadence == "weekly" else 1) * DAY
    return longest
