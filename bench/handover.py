"""Mentors leave a full academy: how long a mentee takes, and whether everything still holds afterwards.

Run `python bench/handover.py [--mentors 1000] [--leaving 30] [--write]`. It changes its database: give it one of its
own by DATA_DIR. The baseline is the plain end of as many pairs, which hands nothing to anybody.
"""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from uuid import UUID

from academy import prepare
from django.db import transaction
from report import report

from core import clock
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.handover import carry_out, request_handover
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.handover import find_left_behind, get_handover_plan
from mentorship_coordination.selectors.invariants import check_invariants
from users.models import User


def leavers(count: int) -> list[User]:
    """Spread over the academy, and none of them twice in one cohort if it can be helped."""
    with transaction.atomic():
        mentors = list(User.objects.filter(is_mentor=True, is_active=True, leaving_at=None).order_by("id"))
    return mentors[:: max(len(mentors) // count, 1)][:count]


def clocks(mentor_ids: list[UUID]) -> dict[UUID, tuple[datetime | None, int | None]]:
    with transaction.atomic():
        items = MentorWorkQueue.objects.open().filter(mentor__in=mentor_ids)
        return {item.pk: (item.due_at, item.remaining_seconds) for item in items}


def seconds_to_end(pairs: int) -> float:
    """Pairs ended without any hand-over; rolled back one by one."""
    with transaction.atomic():
        sample = list(MenteeMentorAssignment.objects.active().order_by("-id").values_list("pk", flat=True)[:pairs])
    began = time.perf_counter()
    for pair in sample:
        with transaction.atomic():
            end_assignment(assignment_id=pair, state=AssignmentState.CANCELLED, reason="", by=None, at=clock.now())
            transaction.set_rollback(True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="Mentors leave a full academy.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--leaving", type=int, default=30)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    with acting_as(SYSTEM):
        report("handover.py", measure(arguments.leaving), write=arguments.write)


def measure(leaving: int) -> list[str]:
    mentors = leavers(leaving)
    ids = [mentor.pk for mentor in mentors]
    before = clocks(ids)
    began = time.perf_counter()
    with transaction.atomic():
        get_handover_plan(ids[0], clock.now())
    planning = time.perf_counter() - began
    plain = seconds_to_end(100) / 100
    began = time.perf_counter()
    done = []
    for mentor_id in ids:
        asked = request_handover(mentor_id=mentor_id, reason="Leaves.", by=None, at=clock.now(), is_started=True)
        done.append(carry_out(handover_id=asked.pk, at=clock.now()))
    took = time.perf_counter() - began
    with transaction.atomic():
        results = [each for row in MentorHandover.objects.filter(mentor__in=ids) for each in row.result.values()]
        moved = sum(each["mentor"] is not None for each in results)
        taken = sum(len(each["sessions_taken_over"]) for each in results)
        behind = sum(bool(find_left_behind(mentor_id, clock.now())) for mentor_id in ids)
        after = {
            item.pk: (item.due_at, item.remaining_seconds) for item in MentorWorkQueue.objects.filter(pk__in=before)
        }
        broken = [finding.invariant.number for finding in check_invariants(clock.now()) if finding.offending]
    moved_clocks = sum(after[pk] != clock_of for pk, clock_of in before.items())
    count = len(results)
    return [
        f"{sum(done)} of {len(ids)} mentors gone, {count} mentees: {moved} to new mentors, {count - moved} waiting",
        f"sessions taken over: {taken}",
        f"{took:.1f} s in all, {took / max(count, 1) * 1000:.0f} ms a mentee; a mentor's plan {planning * 1000:.0f} ms",
        f"ending a pair and no more: {plain * 1000:.0f} ms",
        f"open items whose clock moved: {moved_clocks} of {len(before)}",
        f"leavers to whom something still points: {behind}; invariants broken: {broken or 'none'}",
    ]


if __name__ == "__main__":
    main()
