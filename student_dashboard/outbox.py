"""The outbox of refreshes, as the drain sees it: claim and commit, then settle or give back.

Source: product.md §11 "Refresh queue", architecture.md §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from core.actions import action

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

#: A claim goes back as a new row, merged into one that may wait by now; two of one student become one row.
GIVE_BACK = """
WITH gone AS (
  DELETE FROM student_dashboard_dashboardupdatequeue WHERE id = ANY (%(claims)s) AND claimed_at IS NOT NULL
  RETURNING student_id, rank, reasons, requested_at, hits, attempts + 1 AS attempts
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
        for row in _run(
            CLAIM,
            at=at,
            limit=1 if is_suspect else limit,
            worker=worker,
            is_suspect=is_suspect,
            suspect_attempts=SUSPECT_ATTEMPTS,
        )
    ]


def settle(claims: Sequence[Claim]) -> None:
    """Delete what is done, in the transaction that did it."""
    _run(
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
    expired = [row_id for (row_id,) in _run(EXPIRED, before=at - LEASE)]
    if expired:
        _give_back(expired, "the worker did not finish", at)
    return len(expired)


def _give_back(row_ids: Sequence[int], error: str, at: datetime) -> None:
    _run(
        GIVE_BACK,
        claims=list(row_ids),
        error=error,
        at=at,
        most=MOST_ATTEMPTS,
        shortest=SHORTEST_DELAY,
        longest=LONGEST_DELAY,
    )


def _run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
