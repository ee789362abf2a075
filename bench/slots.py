"""How long the slot finder takes for a pair and fourteen days, over the whole of an academy.

Run `python bench/slots.py [--mentors 1000] [--pairs 200] [--write]`. The baseline is the SQL that reads the same facts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import timedelta

from academy import prepare
from django.db import transaction
from report import report

from core import clock
from core.tenancy.identity import SYSTEM, Identity, Role, acting_as
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.sessions import Span
from mentorship_coordination.selectors.slots import (
    get_pair_of_mentor,
    get_week_capacity,
    list_slots_of_pair,
    read_time_facts,
)
from mentorship_coordination.slots.finder import DEFAULT_MINUTES

GOAL_MS = 20
FORTNIGHT = timedelta(days=14)


def milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def measure(pairs: list[MenteeMentorAssignment]) -> dict[str, list[float]]:
    """Times in milliseconds by what was done; each as the mentor, under row-level security."""
    found: dict[str, list[float]] = {"facts": [], "slots": [], "dashboard": [], "offered": []}
    at = clock.now()
    between = Span(at, at + FORTNIGHT)
    for each in pairs:
        with acting_as(Identity(Role.MENTOR, each.mentor_id)), transaction.atomic():
            pair = get_pair_of_mentor(each.mentor_id, each.mentee_id)
            people = [pair.mentor_id, pair.mentee_id]
            began = time.perf_counter()
            read_time_facts(mentor=pair.mentor, people=people, between=between)
            found["facts"].append(milliseconds(began))
            began = time.perf_counter()
            pair = get_pair_of_mentor(each.mentor_id, each.mentee_id)
            slots = list_slots_of_pair(
                pair, between=between, minutes=DEFAULT_MINUTES, at=at, viewer=pair.mentor, notice=timedelta()
            )
            found["slots"].append(milliseconds(began))
            found["offered"].append(len(slots.slots))
            began = time.perf_counter()
            get_week_capacity(pair.mentor, at)
            found["dashboard"].append(milliseconds(began))
    return found


def words(name: str, times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{name:<36} p50 {statistics.median(times):5.1f} ms, p95 {p95:5.1f} ms, longest {max(times):5.1f} ms"


def sampled(count: int) -> list[MenteeMentorAssignment]:
    with acting_as(SYSTEM), transaction.atomic():
        active = list(MenteeMentorAssignment.objects.active().order_by("id"))
    return active[:: max(len(active) // count, 1)][:count]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Slots of a pair in fourteen days.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    found = measure(sampled(arguments.pairs))
    lines = [
        f"{len(found['slots'])} pairs, {statistics.mean(found['offered']):.0f} slots each on average",
        words("the SQL that reads the facts", found["facts"]),
        words(f"slots of 14 days (goal {GOAL_MS} ms)", found["slots"]),
        words("next_available and the week's use", found["dashboard"]),
    ]
    report("slots.py", lines, write=arguments.write)
