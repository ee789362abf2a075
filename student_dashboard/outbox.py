"""The outbox of refreshes, as the drain sees it: claim and commit, then settle or give back.

Source: product.md §11, architecture.md §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from core.actions import action
from core.enums import Rank
from core.sql import fetch
from student_dashboard.readiness import FORMULA_VERSION

#: Longer than the hard time limit of a task: whoever claimed before that is gone.
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
#: After so many failures a refresh is claimed alone: if it kills its worker, it takes no other down with it.
SUSPECT_ATTEMPTS = 3
SHORTEST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)

CLAIM = """
WITH picked AS (
  SELECT id FROM student_dashboard_dashboardupdatequeue
  WHERE claimed_at IS NULL AND dead_at IS NULL AND available_at <= %(at)s
    AND (attempts >= %(suspect_attempts)s) = %(is_suspect)s
  ORDER BY rank, requested_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE student_dashboard_dashboardupdatequeue AS q SET claimed_at = %(at)s, claimed_by = %(worker)s
FROM picked WHERE q.id = picked.id RETURNING q.id, q.student_id
"""

#: What was given up before is moot once the dashboard is fresh.
SETTLE = """
DELETE FROM student_dashboard_dashboardupdatequeue
WHERE id = ANY (%(claims)s) OR (dead_at IS NOT NULL AND student_id = ANY (%(students)s::uuid[]))
"""

#: A claim goes back as a new row, merged into one that may wait by now; two of one student become one row. Of what was
#: given up only the newest stays.
GIVE_BACK = """
WITH gone AS (
  DELETE FROM student_dashboard_dashboardupdatequeue WHERE id = ANY (%(claims)s) AND claimed_at IS NOT NULL
  RETURNING student_id, rank, reasons, requested_at, hits, attempts + 1 AS attempts
), older AS (
  DELETE FROM student_dashboard_dashboardupdatequeue WHERE dead_at IS NOT NULL
    AND student_id IN (SELECT student_id FROM gone WHERE attempts >= %(most)s)
), merged AS (
  SELECT student_id, min(rank) AS rank, min(requested_at) AS requested_at, sum(hits) AS hits,
    max(attempts) AS attempts
  FROM gone GROUP BY student_id
)
INSERT INTO student_dashboard_dashboardupdatequeue AS q
  (student_id, rank, reasons, requested_at, available_at, hits, attempts, last_error, claimed_by, dead_at)
SELECT m.student_id, m.rank,
  (SELECT array_agg(DISTINCT reason) FROM gone, unnest(gone.reasons) AS reason
    WHERE gone.student_id = m.student_id),
  m.requested_at, %(at)s + least(%(longest)s::interval, %(shortest)s::interval * power(2, m.attempts)),
  m.hits, m.attempts, %(error)s, '', CASE WHEN m.attempts >= %(most)s THEN %(at)s::timestamptz END
FROM merged m ORDER BY m.student_id
ON CONFLICT (student_id) WHERE claimed_at IS NULL AND dead_at IS NULL DO UPDATE SET
  rank = least(q.rank, excluded.rank),
  requested_at = least(q.requested_at, excluded.requested_at),
  hits = q.hits + excluded.hits,
  attempts = greatest(q.attempts, excluded.attempts),
  last_error = excluded.last_error,
  reasons = (SELECT array_agg(DISTINCT reason) FROM unnest(q.reasons || excluded.reasons) AS reason)
"""

EXPIRED = """
SELECT id FROM student_dashboard_dashboardupdatequeue
WHERE claimed_at < %(before)s ORDER BY student_id, id FOR UPDATE SKIP LOCKED
"""

#: Midnight has passed where the student lives, or the formula is another one, or there is no dashboard yet; also when
#: her enrolment has ended, rests, goes on or is another one. What was given up is tried again after a day.
QUEUE_STALE = """
INSERT INTO student_dashboard_dashboardupdatequeue AS q
  (student_id, rank, reasons, requested_at, available_at, hits, attempts, last_error, claimed_by)
SELECT stale.student_id, %(rank)s, ARRAY['new_day'], %(at)s, %(at)s, 1, 0, '', '' FROM (
  SELECT coalesce(d.student_id, e.student_id) AS student_id FROM student_dashboard_studentdashboard d
  FULL JOIN (SELECT id, student_id FROM users_enrolment WHERE state = 'active') e ON e.student_id = d.student_id
  WHERE CASE WHEN d.student_id IS NULL THEN true WHEN e.id IS NULL THEN d.risk_score IS NOT NULL
    ELSE d.fresh_until IS NULL OR d.fresh_until <= %(at)s OR d.formula_version <> %(version)s
      OR d.risk_score IS NULL OR d.enrolment_id <> e.id OR d.enrolment_id IS NULL END
) AS stale
WHERE NOT EXISTS (SELECT FROM student_dashboard_dashboardupdatequeue known WHERE known.student_id = stale.student_id
  AND (known.dead_at IS NULL OR known.dead_at > %(at)s - interval '1 day'))
ORDER BY stale.student_id
ON CONFLICT (student_id) WHERE claimed_at IS NULL AND dead_at IS NULL DO NOTHING
RETURNING q.student_id
"""


class Claim(NamedTuple):
    row_id: int
    student_id: UUID


@action
def claim_refreshes(*, limit: int, worker: str, at: datetime, is_suspect: bool = False) -> list[Claim]:
    """Take up to `limit` waiting refreshes, most urgent first, then oldest. The claim is committed on return.

    `is_suspect` chooses those that have failed often; they come alone.
    """
    return [
        Claim(*row)
        for row in fetch(
            CLAIM,
            at=at,
            limit=1 if is_suspect else limit,
            worker=worker,
            is_suspect=is_suspect,
            suspect_attempts=SUSPECT_ATTEMPTS,
        )
    ]


@action
def queue_stale(*, at: datetime) -> int:
    """Let every dashboard that is out of date by `at` wait, behind whatever somebody did; returns how many."""
    return len(fetch(QUEUE_STALE, at=at, rank=Rank.LOW.value, version=FORMULA_VERSION))


def settle(claims: Sequence[Claim]) -> None:
    """Delete what is done, in the transaction that did it."""
    fetch(
        SETTLE,
        claims=[claim.row_id for claim in claims],
        students=[str(claim.student_id) for claim in claims],
    )


@action
def give_back(*, claims: Sequence[Claim], error: str, at: datetime) -> None:
    """Let failed claims wait again, each time twice as long from 10 s on; after eight times they are dead."""
    _give_back([claim.row_id for claim in claims], error, at)


@action
def give_back_expired(*, at: datetime) -> int:
    """Give back the claims of workers that are gone; returns how many there were."""
    expired = [row_id for (row_id,) in fetch(EXPIRED, before=at - LEASE)]
    if expired:
        _give_back(expired, "the worker did not finish", at)
    return len(expired)


def _give_back(row_ids: Sequence[int], error: str, at: datetime) -> None:
    fetch(
        GIVE_BACK,
        claims=list(row_ids),
        error=error,
        at=at,
        most=MOST_ATTEMPTS,
        shortest=SHORTEST_DELAY,
        longest=LONGEST_DELAY,
    )
