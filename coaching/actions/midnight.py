"""What the clock notices as midnight passes where a student lives: streaks that ended, goals that are overdue.

Each is noticed by one statement over the rows whose day has passed, leaves a row that makes it once for all, and says
an event per new row. Source: product.md §9, §11.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from coaching.events import GoalOverdue, StreakBroken
from coaching.standing import BREAKS_COUNT_FOR
from coaching.streaks import WORTH_TELLING
from core.actions import action
from core.clock import local_date
from core.enums import Rank
from core.events import say
from core.sql import fetch
from student_dashboard.aggregation import DashboardAggregationService

#: Rows of one transaction; what is more, the next round takes. A goal's item holds its enrolment: fewer of those.
STREAK_BATCH, GOAL_BATCH = 1000, 50
#: The zone where a day begins first: no local day is later than this one's.
EARLIEST_ZONE = "Pacific/Kiritimati"

BROKEN = """
WITH ended AS (
  SELECT h.id, h.lost_end, h.lost_length, CASE h.cadence WHEN 'weekly' THEN 14 ELSE 2 END AS grace,
    coalesce(h.keep_by < local.today, false) AS is_over, local.today
  FROM coaching_habit h JOIN users_user u ON u.id = h.student_id
  CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE u.timezone)::date AS today) AS local
  WHERE h.archived_on IS NULL
    AND (h.lost_end IS NOT NULL OR h.keep_by < %(latest)s AND h.keep_by < local.today)
  ORDER BY h.id LIMIT %(limit)s FOR NO KEY UPDATE OF h SKIP LOCKED
), emptied AS (
  UPDATE coaching_habit h SET keep_by = CASE WHEN ended.is_over THEN NULL ELSE h.keep_by END,
    lost_end = NULL, lost_length = 0
  FROM ended WHERE h.id = ended.id
  RETURNING h.id, h.student_id, h.name, h.chain_end, h.streak_length, ended.lost_end, ended.lost_length, ended.grace,
    ended.is_over, ended.today
), broken AS (
  SELECT e.id, e.student_id, e.name, chain.ended_on, chain.length, chain.ended_on + e.grace AS broken_on, e.today
  FROM emptied e CROSS JOIN LATERAL (
    SELECT e.chain_end, e.streak_length WHERE e.is_over UNION ALL
    SELECT e.lost_end, e.lost_length WHERE e.lost_end IS NOT NULL) AS chain(ended_on, length)
), noted AS (
  INSERT INTO coaching_streakbreak (id, habit_id, student_id, last_date, length, broken_on, noticed_at)
  SELECT gen_random_uuid(), id, student_id, ended_on, length, broken_on, %(at)s FROM broken
  WHERE length >= %(worth_telling)s AND broken_on > today - %(news_days)s ORDER BY id, ended_on
  ON CONFLICT (habit_id, last_date) DO NOTHING RETURNING habit_id, last_date
)
SELECT b.id, b.student_id, b.name, b.length, b.ended_on, n.habit_id IS NOT NULL
FROM broken b LEFT JOIN noted n ON n.habit_id = b.id AND n.last_date = b.ended_on ORDER BY b.student_id, b.id
"""

OVERDUE = """
WITH passed AS (
  SELECT g.id, app.day_begins(g.due_date + 1, u.timezone) AS since
  FROM coaching_goal g JOIN users_user u ON u.id = g.student_id
  JOIN users_enrolment e ON e.id = g.enrolment_id AND e.state = 'active'
  WHERE g.state = 'open' AND g.overdue_since IS NULL AND g.due_date < %(latest)s
    AND g.due_date < (%(at)s AT TIME ZONE u.timezone)::date
  ORDER BY g.due_date, g.id LIMIT %(limit)s FOR NO KEY UPDATE OF g SKIP LOCKED
), marked AS (
  UPDATE coaching_goal g SET overdue_since = p.since, revision = g.revision + 1 FROM passed p WHERE g.id = p.id
  RETURNING g.id, g.student_id, g.enrolment_id, g.title, g.due_date, p.since
), noted AS (
  INSERT INTO coaching_misseddeadline (id, goal_id, student_id, due_date, number, noticed_at)
  SELECT gen_random_uuid(), m.id, m.student_id, m.due_date,
    1 + (SELECT count(*) FROM coaching_misseddeadline d WHERE d.goal_id = m.id), %(at)s
  FROM marked m ORDER BY m.id
  ON CONFLICT DO NOTHING RETURNING goal_id, number
)
SELECT m.id, m.student_id, m.enrolment_id, m.title, m.due_date, n.number, m.since
FROM marked m LEFT JOIN noted n ON n.goal_id = m.id ORDER BY m.enrolment_id, m.id
"""


@action
def notice_broken_streaks(*, at: datetime, limit: int = STREAK_BATCH) -> int:
    """Look at up to `limit` habits of which a streak has ended; how many streaks that were. Safe to run again.

    Says StreakBroken, and asks for the student's refresh (high: a risk assessment), for each streak of three or more,
    once per habit and last date. One that ended over 14 days ago, before the habit was archived and restored, is no
    news any more. Acts as the system.
    """
    ended = _run(BROKEN, at, limit, worth_telling=WORTH_TELLING, news_days=BREAKS_COUNT_FOR.days)
    for habit_id, student_id, name, length, last_date, is_news in ended:
        if is_news:
            say(StreakBroken(habit_id, student_id, name, length, last_date, at))
            DashboardAggregationService.queue_update(student_id, "streak_broken", Rank.HIGH)
    return len(ended)


@action
def notice_overdue_goals(*, at: datetime, limit: int = GOAL_BATCH) -> int:
    """Mark up to `limit` open goals whose due date has passed; how many. Safe to run again.

    Asks for the student's refresh (high), and says GoalOverdue once per goal and due date. Acts as the system.
    """
    passed = _run(OVERDUE, at, limit)
    for goal_id, student_id, enrolment_id, title, due_date, number, since in passed:
        DashboardAggregationService.queue_update(student_id, "goal_overdue", Rank.HIGH)
        if number is not None:
            say(GoalOverdue(goal_id, student_id, enrolment_id, title, due_date, number, since, at))
    return len(passed)


def _run(statement: str, at: datetime, limit: int, **values: Any) -> list[tuple[Any, ...]]:
    latest = local_date(at, EARLIEST_ZONE) + timedelta(days=1)
    return fetch(statement, at=at, limit=limit, latest=latest, **values)
