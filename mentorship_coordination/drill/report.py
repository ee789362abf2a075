"""The drill in figures and in a verdict."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence

import numpy as np

from mentorship_coordination.drill.rehearsal import Outcome


def report_lines(outcome: Outcome, *, mentors: int, students: int, minutes: float, think: float) -> Iterator[str]:
    cast, ledger = outcome.cast, outcome.ledger
    answered = sum(ledger.statuses.values())
    yield (
        f"{mentors} mentors, {students} students each; at work: {len(cast.mentors)} mentors, {len(cast.students)} "
        f"students, {len(cast.directors)} directors, {think:.0f} s of thinking; {minutes:g} minutes; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}"
    )
    yield (
        f"{answered} answers, {answered / max(outcome.seconds, 1):.1f} a second; the longest that somebody had to try "
        f"again: {ledger.longest_wait:.1f} s; tried again: {_counts(ledger.tried_again)}; statuses: "
        f"{_counts(ledger.statuses)}"
    )
    if outcome.latest > think:
        yield f"the machine was behind the people: a step began {outcome.latest:.0f} s late"
    yield ""
    yield f"{'':<18}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'longest':>9}"
    for operation, times in sorted(ledger.times.items()):
        yield f"{operation:<18}{len(times):>8}{_percentiles(times)}{max(times):>9.0f}"
    yield ""
    if outcome.books is not None:
        books = outcome.books
        yield (
            f"writes: {books.promised} promised, {books.refused} refused, {books.unanswered} without an answer; "
            f"lost {len(books.lost)}, duplicated {len(books.duplicated)}, refused but written "
            f"{len(books.refused_but_written)}"
        )
    if outcome.streams is not None:
        yield f"streams: {outcome.streams}; {outcome.connections} connections, {outcome.restarts} started over"
    yield (
        f"rest: looked at {outcome.rest_seconds:.1f} s after the last request; then all jobs at one instant, "
        f"{outcome.rounds} rounds until one changes nothing"
    )
    held = [str(finding.invariant.number) for finding in outcome.invariants if not finding.offending]
    yield f"invariants that hold: {', '.join(held)}"
    found = sum(is_found for _, is_found in outcome.planted)
    yield f"planted faults found: {found} of {len(outcome.planted)}"
    yield ""
    yield "PASSED" if not outcome.problems else "FAILED"
    yield from (f"  {problem}" for problem in outcome.problems)


def _counts(counter: dict[object, int] | dict[str, int] | dict[int, int]) -> str:
    return ", ".join(f"{count} x {name}" for name, count in sorted(counter.items(), key=str)) or "none"


def _percentiles(times: Sequence[float]) -> str:
    return "".join(f"{value:>9.0f}" for value in np.percentile(times, (50, 95, 99)))
