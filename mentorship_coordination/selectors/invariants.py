"""What must hold on any database at any time, each as one query for the rows that break it. Source: product.md §12."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from mentorship_coordination.sql_sessions import RESERVES_BUDGET, USES_BUDGET
from student_dashboard.recomputation import find_unexplained


@dataclass(frozen=True, slots=True)
class Invariant:
    """`query` gives the ids (as text) of what breaks the rule; `constraint` names what makes that impossible.

    A rule that no query can tell is looked at by `find`, which gives ids.
    """

    number: int
    name: str
    query: str = ""
    constraint: str = ""
    find: Callable[[], Iterable[object]] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`offending` is empty when the rule holds. `kept_by` names the constraint that stands for it, if it is there."""

    invariant: Invariant
    offending: tuple[str, ...]
    kept_by: str


INVARIANTS: Final = (
    Invariant(
        1,
        "No two active participations of one person overlap",
        """SELECT id::text FROM (
          SELECT id, lower(during) < max(upper(during)) OVER (PARTITION BY person_id ORDER BY lower(during), id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS collides
          FROM mentorship_coordination_sessionparticipant WHERE is_active) p WHERE collides""",
        constraint="no_double_booking",
    ),
    Invariant(
        2,
        "One open item for each piece of work",
        """SELECT unnest(array_agg(id))::text FROM mentorship_coordination_mentorworkqueue
        WHERE status IN ('pending', 'in_progress') GROUP BY type, reference_id HAVING count(*) > 1""",
        constraint="one_open_item",
    ),
    Invariant(
        3,
        "Each submission that waits for an answer has one open item while its student is enrolled; no other has any",
        """SELECT s.id::text FROM missions_missionsubmission s JOIN users_enrolment e ON e.id = s.enrolment_id
        LEFT JOIN mentorship_coordination_mentorworkqueue i ON i.type = 'mission_review' AND i.reference_id = s.id
          AND i.status IN ('pending', 'in_progress')
        GROUP BY s.id, e.id
        HAVING count(i.id) <> (s.state = 'submitted' AND e.state IN ('active', 'paused'))::int
          OR bool_or(i.cycle <> s.cycle)""",
    ),
    Invariant(
        4,
        "No open item belongs to an inactive mentor, a pair or an enrolment that has ended, and no pair to the latter",
        """SELECT a.id::text FROM mentorship_coordination_menteementorassignment a
        JOIN users_enrolment e ON e.id = a.enrolment_id AND e.state NOT IN ('active', 'paused')
        WHERE a.state IN ('pending', 'active', 'paused')
        UNION SELECT i.id::text FROM mentorship_coordination_mentorworkqueue i
        JOIN users_enrolment e ON e.id = i.enrolment_id AND e.state NOT IN ('active', 'paused')
        WHERE i.status IN ('pending', 'in_progress')
        UNION SELECT i.id::text FROM mentorship_coordination_mentorworkqueue i JOIN users_user u ON u.id = i.mentor_id
        WHERE i.status IN ('pending', 'in_progress') AND (NOT u.is_active OR NOT u.is_mentor OR (
          EXISTS (SELECT FROM mentorship_coordination_menteementorassignment a
            WHERE a.enrolment_id = i.enrolment_id AND a.mentor_id = i.mentor_id)
          AND NOT EXISTS (SELECT FROM mentorship_coordination_menteementorassignment a
            WHERE a.enrolment_id = i.enrolment_id AND a.mentor_id = i.mentor_id
              AND a.state IN ('pending', 'active', 'paused'))))""",
    ),
    Invariant(
        5,
        "An item closed after its due time is marked breached at that time, and none closed by then is",
        """SELECT id::text FROM mentorship_coordination_mentorworkqueue
        WHERE status NOT IN ('pending', 'in_progress') AND due_at IS NOT NULL
        AND breached_at IS DISTINCT FROM CASE WHEN completed_at > due_at THEN due_at END""",
    ),
    Invariant(
        6,
        "An item has no due time exactly while one of its pauses is open",
        """SELECT i.id::text FROM mentorship_coordination_mentorworkqueue i WHERE (i.due_at IS NULL) <> EXISTS (
          SELECT FROM mentorship_coordination_slapause p WHERE p.item_id = i.id AND p.closed_at IS NULL)""",
    ),
    Invariant(
        7,
        "No mentor has more mentees than places, unless the places became fewer afterwards",
        """SELECT u.id::text FROM users_user u
        JOIN mentorship_coordination_menteementorassignment a
          ON a.mentor_id = u.id AND a.state IN ('pending', 'active', 'paused')
        GROUP BY u.id HAVING count(*) > u.mentor_max_mentees AND max(a.created_at) >= u.updated_at""",
    ),
    Invariant(
        8,
        "One primary mentor for each enrolment",
        """SELECT enrolment_id::text FROM mentorship_coordination_menteementorassignment
        WHERE is_primary AND state IN ('pending', 'active', 'paused')
        GROUP BY enrolment_id HAVING count(*) > 1""",
        constraint="one_primary_mentor",
    ),
    Invariant(
        9,
        "Nobody mentors themselves",
        "SELECT id::text FROM mentorship_coordination_menteementorassignment WHERE mentor_id = mentee_id",
        constraint="nobody_mentors_themselves",
    ),
    Invariant(
        10,
        "Sessions held and planned stay within the budget of the enrolment",
        f"""SELECT e.id::text FROM users_enrolment e
        JOIN mentorship_coordination_sessionparticipant p ON p.enrolment_id = e.id AND p.role = 'mentee'
        JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
        WHERE {USES_BUDGET} OR {RESERVES_BUDGET}
        GROUP BY e.id HAVING count(*) > e.max_sessions""",  # noqa: S608 - conditions of our own
    ),
    Invariant(
        11,
        "Each high or critical flag has a delivered notice or a failure that can be seen, within an hour",
        """SELECT f.id::text FROM mentorship_coordination_mentorflag f
        WHERE f.severity >= 3 AND f.updated_at < %(at)s - interval '1 hour'
        AND NOT EXISTS (SELECT FROM mentorship_coordination_notification n WHERE n.flag_id = f.id
          AND n.created_at >= coalesce((SELECT max(e.created_at) FROM mentorship_coordination_mentorflagentry e
            WHERE e.flag_id = f.id AND e.kind IN ('raised', 'worsened', 'reopened')), f.created_at) AND (
          n.mail_state IN ('sent', 'failed') OR n.mail_state = 'pending' AND n.mail_error <> ''))""",
    ),
    Invariant(
        12,
        "Stream numbers of a recipient have no holes",
        """SELECT c.recipient_id::text || '/' || c.audience FROM core_streamcounter c
        LEFT JOIN core_streamevent e ON e.recipient_id = c.recipient_id AND e.audience = c.audience
          AND e.number > c.pruned_to
        GROUP BY c.id, c.recipient_id, c.audience, c.last_number, c.pruned_to
        HAVING count(e.id) <> c.last_number - c.pruned_to OR max(e.number) > c.last_number""",
    ),
    Invariant(13, "Readiness and risk equal what their stored inputs give", find=find_unexplained),
    Invariant(
        14,
        "Everybody whom the last run left unmatched has a reason",
        """SELECT p.id::text FROM mentorship_coordination_matchproposal p
        JOIN (SELECT DISTINCT ON (cohort_id) id FROM mentorship_coordination_matchrun WHERE state = 'published'
              ORDER BY cohort_id, published_at DESC, id DESC) last ON last.id = p.run_id
        WHERE p.state = 'unmatched' AND p.blocked = '{}'::jsonb""",
    ),
)

#: A constraint, or the unique index that stands for one with a condition; valid, so that it holds for every row.
PRESENT: Final = """
SELECT conname::text FROM pg_constraint WHERE conname = ANY (%(names)s) AND convalidated
UNION SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = ANY (%(names)s) AND i.indisvalid AND i.indisunique
"""


def check_invariants(at: datetime) -> Iterator[Finding]:
    """Every invariant with what breaks it, in order of number. Run as the system.

    Where a constraint of the database keeps the rule, its presence is the answer; without it the rows are looked at.
    """
    present = _present_constraints()
    for invariant in INVARIANTS:
        if invariant.constraint in present:
            yield Finding(invariant, (), invariant.constraint)
        else:
            yield Finding(invariant, _offending(invariant, at), "")


def find_offending(number: int, at: datetime) -> tuple[str, ...]:
    """The ids of the rows that break one invariant, looked at row by row. Raises StopIteration for no such number."""
    return _offending(next(each for each in INVARIANTS if each.number == number), at)


def _present_constraints() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, {"names": [each.constraint for each in INVARIANTS if each.constraint]})
        return {name for (name,) in cursor.fetchall()}


def _offending(invariant: Invariant, at: datetime) -> tuple[str, ...]:
    if invariant.find is not None:
        return tuple(sorted(str(found) for found in invariant.find()))
    with connection.cursor() as cursor:
        cursor.execute(invariant.query, {"at": at})
        return tuple(sorted(row[0] for row in cursor.fetchall()))
