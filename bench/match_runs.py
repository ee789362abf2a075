"""A whole academy matched from nothing: reading the pool, solving, keeping the draft, publishing it.

Run `python bench/match_runs.py [--mentors 1000] [--write]`. All pairs of its database are ended first, so give it
one of its own by DATA_DIR. The baseline copies rows of the same number and size by COPY.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2
from academy import prepare
from django.conf import settings
from django.db import transaction
from django.db.models import F
from report import report

from core import clock
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.match_runs import discard_match_run, request_match_run
from mentorship_coordination.actions.match_solving import keep_answer
from mentorship_coordination.enums import OPEN_RUNS, AssignmentState
from mentorship_coordination.matching.engine import match
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.selectors.match_runs import get_inputs

T = TypeVar("T")
#: What a publication writes: its rows are copied as plain text for the baseline.
WRITTEN = (
    "mentorship_coordination_menteementorassignment",
    "mentorship_coordination_assignmententry",
    "mentorship_coordination_notification",
)
STUDENTS = """
SELECT e.id, e.cohort_id, u.name, u.timezone, u.languages, u.wanted_skills, u.student_availability
FROM users_enrolment e JOIN users_user u ON u.id = e.student_id"""


def end_all_pairs() -> None:
    with transaction.atomic():
        for run in MatchRun.objects.filter(state__in=OPEN_RUNS):
            discard_match_run(run_id=run.pk, by=None, at=clock.now())
        MenteeMentorAssignment.objects.live().update(
            state=AssignmentState.COMPLETED, ended_at=clock.now(), end_reason="Begin anew.", revision=F("revision") + 1
        )


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def durable(work: Callable[[], T]) -> T:
    with transaction.atomic():
        return work()


def copied(queries: dict[str, str]) -> tuple[float, float]:
    """Seconds to copy the rows of these queries out, and into tables without constraints, triggers or indexes."""
    out = back = 0.0
    owner = psycopg2.connect(settings.DATABASE_URL)
    with owner.cursor() as cursor:
        for name, query in queries.items():
            text = io.StringIO()
            began = time.perf_counter()
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", text)
            out += time.perf_counter() - began
            cursor.execute(f"CREATE TABLE copy_{name} AS {query} LIMIT 0")
            text.seek(0)
            began = time.perf_counter()
            cursor.copy_expert(f"COPY copy_{name} FROM STDIN", text)
            back += time.perf_counter() - began
    owner.rollback()
    owner.close()
    return out, back


def measure() -> list[str]:
    end_all_pairs()
    run = request_match_run(cohort_id=None, by=None, at=clock.now(), is_over_everybody=True, is_woken=False)
    reading, inputs = timed(lambda: durable(lambda: get_inputs(run, clock.now())))
    solving, matching = timed(lambda: match(inputs.pool, weights=inputs.weights, policy=inputs.policy, tell=_ignore))
    keeping, _ = timed(
        lambda: keep_answer(run_id=run.pk, matching=matching, inputs=inputs, at=clock.now(), is_automatic=True)
    )
    at = clock.now()
    publishing, run = timed(lambda: publish_match_run(run_id=run.pk, by=None, at=at))
    out, _ = copied({"students": STUDENTS})
    _, back = copied({table: f"SELECT * FROM {table} WHERE created_at = '{at.isoformat()}'" for table in WRITTEN})
    with transaction.atomic():
        broken = [finding.invariant.number for finding in check_invariants(clock.now()) if finding.offending]
    summary = run.summary
    return [
        f"{summary['waiting']} students, {len(matching.fillings)} mentors, proved best: {matching.solved.is_proved}",
        f"{summary['matched']} matched, {summary['published']} pairs begun, {summary['lost']} lost",
        f"reading the pool (goal 5 s)        {reading:5.1f} s; COPY of the students' rows {out:4.2f} s",
        f"encoding, solving, explaining      {solving:5.1f} s",
        f"keeping the draft                  {keeping:5.1f} s",
        f"publishing (goal 5 s)              {publishing:5.1f} s; COPY of what it writes {back:4.2f} s",
        f"invariants broken afterwards: {broken or 'none'}",
    ]


def _ignore(*_: Any) -> None:
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description="A whole academy matched from nothing.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    with acting_as(SYSTEM):
        report("match_runs.py", measure(), write=arguments.write)


if __name__ == "__main__":
    main()
