"""The prioritiser over 200,000 open items, 1 % of which cross a limit; beside rewriting them all.

Run `python bench/prioritise.py [--items 200000] [--write]`, with a DATA_DIR of its own: it fills the queue.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

from academy import prepare
from django.db import transaction
from report import report
from visits import owner_connection

from core import clock
from core.sql import fetch
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.priorities import CROSS, prioritize_work_queue

GOAL_MS = 60
TIMES = 7
#: Of a hundred items one has just run into 75 % of its time; the others have a day or more until their next limit.
FILL = """
INSERT INTO mentorship_coordination_mentorworkqueue (id, type, reference_id, cycle, reference_version, title,
  description, enrolment_id, cohort_id, mentee_id, mentor_id, status, base_rank, rank, rank_reasons, budget_seconds,
  clock_started_at, warn_75_at, warn_90_at, due_at, band, next_cross_at, outcome, closed_reason, created_at, updated_at,
  revision)
SELECT gen_random_uuid(), 'goal_feedback', gen_random_uuid(), 1, 1, 'Answer: a goal that is late', '',
  a.enrolment_id, a.cohort_id, a.mentee_id, a.mentor_id, 'pending', 2, 2, '[]', 259200, s.started,
  s.started + interval '54 hours', s.started + interval '64.8 hours', s.started + interval '72 hours', 0,
  s.started + interval '54 hours', '', '', s.started, s.started, 1
FROM (SELECT row_number() OVER (ORDER BY enrolment_id) - 1 AS place, count(*) OVER () AS pairs, b.*
      FROM mentorship_coordination_menteementorassignment b WHERE b.is_primary AND b.state = 'active') a
JOIN generate_series(0, %(items)s - 1) n ON n %% a.pairs = a.place
CROSS JOIN LATERAL (SELECT %(at)s - CASE WHEN n %% 100 = 0 THEN interval '54 hours' + n * interval '10 ms'
  ELSE n %% 30 * interval '1 hour' END AS started) s
"""
SWEEP = "VACUUM ANALYZE mentorship_coordination_mentorworkqueue"
REWRITE = """
UPDATE mentorship_coordination_mentorworkqueue i SET
  band = c.band, rank = app.rank_of(i.base_rank, c.band, c.steps, false),
  rank_reasons = app.rank_reasons(c.band, c.steps, false), updated_at = %(at)s, revision = i.revision + 1
FROM (SELECT id, app.aged_steps(ages_at, %(at)s) AS steps,
    CASE WHEN due_at < %(at)s THEN 3 WHEN warn_90_at <= %(at)s THEN 2 WHEN warn_75_at <= %(at)s THEN 1 ELSE 0 END
      AS band
  FROM mentorship_coordination_mentorworkqueue WHERE status IN ('pending', 'in_progress')) c
WHERE i.id = c.id
"""


def fill(items: int, at: datetime) -> int:
    """The queue holds `items` open ones and no other; how many of them cross by `at`."""
    with transaction.atomic():
        fetch("DELETE FROM mentorship_coordination_slapause")
        fetch("DELETE FROM mentorship_coordination_mentorworkqueue")
        fetch(FILL, items=items, at=at)
        crossing = "SELECT count(*) FROM mentorship_coordination_mentorworkqueue WHERE next_cross_at <= %(at)s"
        [(count,)] = fetch(crossing, at=at)
    return int(count)


def sweep() -> None:
    with closing(owner_connection()) as raw, raw.cursor() as cursor:
        cursor.execute(SWEEP)


def milliseconds(run: Callable[[], object]) -> float:
    """Undone afterwards, so that every run finds the same rows; swept before, so that none finds what another left."""
    sweep()
    with transaction.atomic():
        began = time.perf_counter()
        run()
        took = (time.perf_counter() - began) * 1000
        transaction.set_rollback(True)
    return took


def measure(items: int) -> list[str]:
    at = clock.now()
    crossing = fill(items, at)
    one = [milliseconds(lambda: fetch(CROSS, at=at, limit=items)) for _ in range(TIMES)]
    job = [milliseconds(lambda: prioritize_work_queue(at=at, limit=items)) for _ in range(TIMES)]
    idle = [milliseconds(lambda: fetch(CROSS, at=at - timedelta(days=30), limit=items)) for _ in range(TIMES)]
    rewriting = [milliseconds(lambda: fetch(REWRITE, at=at)) for _ in range(2)]
    ratio = min(rewriting) / statistics.median(one)
    return [
        f"{items} open items, {crossing} cross",
        f"the statement (goal {GOAL_MS} ms)      median {statistics.median(one):6.0f} ms, best {min(one):6.0f} ms",
        f"with events and notices      median {statistics.median(job):6.0f} ms, best {min(job):6.0f} ms",
        f"nothing to do                median {statistics.median(idle):6.1f} ms",
        f"rewriting all of them                         best {min(rewriting):6.0f} ms: {ratio:.0f} times slower",
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The prioritiser over a full queue.")
    parser.add_argument("--mentors", type=int, default=100, help="of 20 students each; for an empty database")
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    with acting_as(SYSTEM):
        report("prioritise.py", measure(arguments.items), write=arguments.write)
