"""The one way in for whatever changes what a student sees, and the drain that follows it up.

A refresh is claimed in one transaction and computed in the next, set-based for the whole batch, so that no
request ever waits for a computation. Source: product.md §11, architecture.md §6.
"""

from __future__ import annotations

import os
import socket
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection

from core import clock
from core.actions import action, buffer, register_flusher
from core.enums import Audience, Rank, StreamEventName
from core.stream.publish import emit
from core.wakeup import wake
from student_dashboard.episodes import follow_episodes
from student_dashboard.figures import Figures, Formula, figures_of
from student_dashboard.outbox import Claim, claim_refreshes, give_back, give_back_expired, queue_stale, settle
from student_dashboard.sections import Facts, collect_facts
from student_dashboard.snapshot_rows import (
    Subject,
    Written,
    keep_day,
    lock_dashboards,
    read_subjects,
    write_dashboards,
)
from users.models import User

logger = structlog.get_logger(__name__)

DRAIN = "student_dashboard.drain_dashboard_updates"
BUFFER = "dashboard_updates"
FLUSH_ORDER = 10
#: Also keeps the one event that names a mentor's refreshed mentees within the stream's 8 KiB.
LARGEST_BATCH = 200
LONGEST_REASON = 60
LONGEST_ERROR = 500

#: The database is away or the task's time is up: no student is to blame, the lease brings the claims back.
NOT_THE_STUDENTS_FAULT = (OperationalError, InterfaceError, SoftTimeLimitExceeded)


class Request(NamedTuple):
    student_id: UUID
    rank: Rank
    reason: str


class DashboardAggregationService:
    @classmethod
    def queue_update(cls, user: User | UUID, reason: str, priority: Rank) -> None:
        """Ask for a refresh of this student's dashboard; it commits, or not, with the action around it.

        One row waits per student: a newer request raises its rank and adds its reason (at most 60
        characters, no comma). Raises `core.actions.NoActionOpen`, `ValueError`; a student who is none of the
        caller's fails the action with SQLSTATE 42501. Source: product.md §11.
        """
        if not 0 < len(reason) <= LONGEST_REASON or "," in reason:
            raise ValueError(f"not a reason for a refresh: {reason!r}")
        buffer(BUFFER, Request(user.pk if isinstance(user, User) else user, Rank(priority), reason))

    @classmethod
    def refresh(cls, limit: int = LARGEST_BATCH, *, at: datetime | None = None) -> int:
        """Claim and compute up to `limit` (1 to 200) waiting refreshes as of `at`; returns how many it took.

        Runs as the system, outside of any transaction. What failed waits again, or is dead after eight
        times; only a database that is away raises. Raises `ValueError` for another limit.
        """
        if not 1 <= limit <= LARGEST_BATCH:
            raise ValueError(f"a batch holds 1 to {LARGEST_BATCH} refreshes, not {limit}")
        at = at or clock.now()
        worker = f"{socket.gethostname()}:{os.getpid()}"[:80]
        claims = claim_refreshes(limit=limit, worker=worker, at=at)
        _refresh_or_give_back(claims, at)
        suspects: list[Claim] = []
        if len(claims) < limit:
            suspects = claim_refreshes(limit=1, worker=worker, at=at, is_suspect=True)
            _refresh_or_give_back(suspects, at)
        return len(claims) + len(suspects)

    @classmethod
    def renew(cls, *, at: datetime) -> int:
        """Ask for the refresh of everybody whose figures midnight or a new formula has made stale; how many.

        Nobody is asked for twice: who waits already, or is being computed, is left alone. Acts as the system.
        """
        count = queue_stale(at=at)
        if count:
            wake(DRAIN)
        return count

    @classmethod
    def recover(cls, *, at: datetime) -> int:
        """Let what dead workers had claimed wait again; returns how many refreshes that were."""
        return give_back_expired(at=at)


@action
def refresh_dashboards(*, claims: Sequence[Claim], at: datetime) -> None:
    """Lock, read, compute, write, settle and tell, in one transaction and a constant number of queries.

    Only an episode of risk that begins or ends takes queries of its own.
    """
    students = lock_dashboards([claim.student_id for claim in claims])
    if students:
        subjects = {subject.student_id: subject for subject in read_subjects(students, at)}
        facts = collect_facts(students, at)
        formula = Formula.current()
        figures = [_figures(subjects[student_id], facts[student_id], formula, at) for student_id in students]
        written = write_dashboards(figures, at)
        keep_day(figures)
        follow_episodes(subjects, figures, {row.student_id: row.mentor_id for row in written}, at)
        _tell(written)
    settle(claims)


def _figures(subject: Subject, facts: Facts, formula: Formula, at: datetime) -> Figures:
    return figures_of(
        student_id=subject.student_id,
        today=subject.today,
        fresh_until=subject.next_day_at,
        began_at=subject.began_at,
        risk_since=subject.risk_since,
        week_ago=subject.week_ago,
        facts=facts,
        formula=formula,
        at=at,
    )


def _refresh_or_give_back(claims: Sequence[Claim], at: datetime) -> None:
    """Halve a batch that fails until the refreshes that fail stand alone: they hold no other student up."""
    if not claims:
        return
    try:
        refresh_dashboards(claims=claims, at=at)
    except NOT_THE_STUDENTS_FAULT:
        raise
    except Exception as error:  # noqa: BLE001 - a provider may fail in any way, and this is where that ends
        if len(claims) == 1:
            _give_back_failed(claims[0], error, at)
        else:
            middle = len(claims) // 2
            _refresh_or_give_back(claims[:middle], at)
            _refresh_or_give_back(claims[middle:], at)


def _give_back_failed(claim: Claim, error: Exception, at: datetime) -> None:
    logger.error("a dashboard was not refreshed", student=str(claim.student_id), exc_info=error)
    told = ", ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    give_back(claims=[claim], error=told.replace("\x00", "")[:LONGEST_ERROR], at=at)


def _tell(written: Sequence[Written]) -> None:
    mentees_of: dict[UUID, list[str]] = defaultdict(list)
    for student_id, mentor_id, revision in sorted(written):
        emit(
            recipient_id=student_id,
            audience=Audience.STUDENT,
            event=StreamEventName.DASHBOARD,
            data={"revision": revision},
        )
        if mentor_id is not None:
            mentees_of[mentor_id].append(str(student_id))
    for mentor_id, mentees in mentees_of.items():
        emit(
            recipient_id=mentor_id,
            audience=Audience.MENTOR,
            event=StreamEventName.DASHBOARD,
            data={"mentees": mentees},
        )


def _flush(requests: Sequence[Request]) -> None:
    """Write all requests of one action by one statement, in the students' order, as of now: callers give no
    time.
    """
    wanted: dict[UUID, tuple[Rank, set[str]]] = {}
    for student_id, rank, reason in requests:
        best, reasons = wanted.get(student_id, (rank, set()))
        wanted[student_id] = min(best, rank), reasons | {reason}
    students = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.queue_updates(%s::uuid[], %s::smallint[], %s::text[], %s)",
            [
                [str(student_id) for student_id in students],
                [wanted[student_id][0].value for student_id in students],
                [",".join(sorted(wanted[student_id][1])) for student_id in students],
                clock.now(),
            ],
        )
    wake(DRAIN)


register_flusher(BUFFER, _flush, order=FLUSH_ORDER)
