"""How long a booking takes, alone and with many at once, and what becomes of many who want one slot.

Run `python bench/booking.py [--mentors 1000] [--bookings 300] [--write]`. The baseline writes the same rows by plain
SQL, with no rule looked at. The clients never pause and share one process, so each waits for all the others.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from academy import prepare
from django.db import connection, transaction
from psycopg2.extras import DateTimeTZRange
from report import report

from core import clock
from core.errors import DomainError
from core.identifiers import new_id
from core.tenancy.identity import SYSTEM, Identity, Role, acting_as
from mentorship_coordination.actions.sessions import book_session
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant

GOAL_MS = 60
CLIENTS = 20
RIVALS = 30
#: Far beyond what the seed has planned, so that nobody is busy.
AHEAD = timedelta(days=201)
HOUR = timedelta(hours=1)


def pairs_of(count: int) -> list[MenteeMentorAssignment]:
    """Active pairs, each of another mentor, so that nobody waits for the same person."""
    with acting_as(SYSTEM), transaction.atomic():
        active = MenteeMentorAssignment.objects.primary().active().select_related("mentor").order_by("mentor_id", "id")
        return list(active.distinct("mentor_id")[:count])


def book(pair: MenteeMentorAssignment, starts_at: datetime) -> str:
    with acting_as(Identity(Role.MENTOR, pair.mentor_id)):
        try:
            book_session(mentee_id=pair.mentee_id, title="Bench", starts_at=starts_at, by=pair.mentor, at=clock.now())
        except DomainError as refusal:
            return refusal.code
    return "booked"


def insert(pair: MenteeMentorAssignment, starts_at: datetime) -> None:
    """The rows of a booking, and no more."""
    at, ends_at = clock.now(), starts_at + timedelta(minutes=45)
    with acting_as(SYSTEM), transaction.atomic():
        session = MentorSession.objects.create(
            id=new_id(), mentor_id=pair.mentor_id, mentee_id=pair.mentee_id, enrolment_id=pair.enrolment_id,
            assignment_id=pair.pk, cohort_id=pair.cohort_id, title="Bench", starts_at=starts_at, ends_at=ends_at,
            created_at=at, updated_at=at,
        )  # fmt: skip
        SessionParticipant.objects.bulk_create(
            SessionParticipant(session=session, person_id=person, role=role, during=DateTimeTZRange(starts_at, ends_at))
            for person, role in ((pair.mentor_id, "mentor"), (pair.mentee_id, "mentee"))
        )


def milliseconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def words(name: str, times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{name:<40} p50 {statistics.median(times):6.1f} ms, p95 {p95:6.1f} ms"


def at_once(calls: list[Callable[[], object]]) -> list[float]:
    def run(call: Callable[[], object]) -> float:
        try:
            return milliseconds(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(run, calls))


def measure(count: int) -> list[str]:
    pairs, start = pairs_of(count), (clock.now() + AHEAD).replace(minute=0, second=0, microsecond=0)
    plain = [milliseconds(partial(insert, pair, start)) for pair in pairs]
    alone = [milliseconds(partial(book, pair, start + HOUR)) for pair in pairs]
    crowd = at_once([partial(book, pair, start + 2 * HOUR) for pair in pairs])
    with ThreadPoolExecutor(RIVALS) as rivals:
        answers = Counter(rivals.map(lambda _: book(pairs[0], start + 3 * HOUR), range(RIVALS)))
    return [
        f"{len(pairs)} pairs of different mentors",
        words("plain INSERTs of the rows", plain),
        words("a booking, alone", alone),
        words(f"{CLIENTS} at once, no pause (goal {GOAL_MS} ms)", crowd),
        f"one process books {1000 * CLIENTS / statistics.mean(crowd):.0f} a second",
        f"{RIVALS} who want one slot: {', '.join(f'{each} {code}' for code, each in sorted(answers.items()))}",
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Bookings of sessions.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--bookings", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    report("booking.py", measure(arguments.bookings), write=arguments.write)
