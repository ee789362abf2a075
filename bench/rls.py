"""What row-level security costs: the statements of a mentor's and a student's pages with their policies and without.

Run `python bench/rls.py [--mentors 1000] [--pairs 40] [--rounds 15] [--write]`. The statements are those that the pages
really make, planned as the pages plan them; those of a page run in one transaction, in turn as the person's role on the
application's login and as the owner of the tables, whom no policy holds. Of `--rounds` runs the quickest counts. Both
connections' servers run on one core and this process on another: otherwise the one that shares a core with this process
is quicker by more than policies cost. Left out and counted are statements that are no comparison: those that find other
rows without policies, since they lean on them, and those that ask a SECURITY DEFINER function.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from academy import prepare
from django.urls import reverse
from report import report
from visits import (
    Pair,
    Replay,
    Statement,
    application_connection,
    get,
    milliseconds_since,
    owner_connection,
    sampled_pairs,
    settle,
    statements_of,
)

from core.tenancy.identity import Identity, Role

GOAL_PERCENT = 8
MENTORS = (
    "mentor-dashboard",
    "mentor-workqueue",
    "mentor-mentees",
    "mentor-sessions",
    "mentor-flags",
    "mentor-cockpit",
)
STUDENTS = ("student-dashboard", "missions", "submissions", "student-sessions", "student-mentor")
OF_A_MENTEE = {"mentor-cockpit"}
#: Not a reading of rows: signing in, and the transaction itself.
NOT_MEASURED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
SIGN_IN = "app.token_person"
FUNCTION = re.compile(r"\bapp\.\w+\(")


@dataclass(frozen=True, slots=True)
class Asked:
    page: str
    role: Role
    person: UUID
    statement: Statement


@dataclass(slots=True)
class Total:
    """Sums of milliseconds; `left_out` counts statements."""

    with_policies: float = 0
    without: float = 0
    statements: int = 0
    left_out: int = 0

    @property
    def percent(self) -> float:
        return (self.with_policies / self.without - 1) * 100 if self.without else 0


def asked_by(pair: Pair) -> Iterator[Asked]:
    for asked in visits_of(pair):
        yield from asked


def visits_of(pair: Pair) -> Iterator[list[Asked]]:
    for names, role, person, token in (
        (MENTORS, Role.MENTOR, pair.mentor_id, pair.mentor_token),
        (STUDENTS, Role.STUDENT, pair.mentee_id, pair.mentee_token),
    ):
        for name in names:
            path = reverse(name, args=[pair.mentee_id] if name in OF_A_MENTEE else [])
            get(path, token)
            yield [
                Asked(name, role, person, query)
                for query in statements_of(path, token)
                if not query.text.startswith(NOT_MEASURED) and SIGN_IN not in query.text
            ]


def visit(replay: Replay, role: str, identity: str, statements: Iterable[Statement]) -> tuple[float, list[int]]:
    """Milliseconds and rows of each, all in one transaction, as a page has them; saying who acts is not counted."""
    cursor, took, counts = replay.cursor, 0.0, []
    cursor.execute(f"BEGIN; {identity}")
    for statement in statements:
        command = replay.prepare(role, statement)
        began = time.perf_counter()
        cursor.execute(command)
        counts.append(len(cursor.fetchall()))
        took += milliseconds_since(began)
    cursor.execute("ROLLBACK")
    return took, counts


def compare(visits: Iterable[Sequence[Asked]], rounds: int) -> dict[tuple[Role, str], Total]:
    totals: dict[tuple[Role, str], Total] = defaultdict(Total)
    with (
        closing(application_connection()) as bound,
        closing(owner_connection()) as free,
        bound.cursor() as a,
        free.cursor() as b,
    ):
        _apart(bound, free)
        as_herself, as_owner = Replay(a), Replay(b)
        for asked in visits:
            role, page, person = asked[0].role, asked[0].page, asked[0].person
            said, known = Identity(role, person).statement(), f"SET LOCAL app.user_id = '{person}'"
            plain = [each.statement for each in asked if not FUNCTION.search(each.statement.text)]
            here, there = visit(as_herself, role, said, plain)[1], visit(as_owner, "owner", known, plain)[1]
            alike = [each for each, mine, all_ in zip(plain, here, there, strict=True) if mine == all_]
            times = [
                (visit(as_herself, role, said, alike)[0], visit(as_owner, "owner", known, alike)[0])
                for _ in range(rounds)
            ]
            total = totals[role, page]
            total.with_policies += min(mine for mine, _ in times)
            total.without += min(free for _, free in times)
            total.statements += len(alike)
            total.left_out += len(asked) - len(alike)
    return totals


def _apart(*connections: Any) -> None:
    """Their servers on one core, this process on another; where that is not ours to say, wherever they are."""
    first, *_, last = sorted(os.sched_getaffinity(0)) * 2
    with suppress(PermissionError, ProcessLookupError):
        for each in connections:
            os.sched_setaffinity(each.info.backend_pid, {last})
        os.sched_setaffinity(0, {first})


def lines_of(pairs: Sequence[Pair], rounds: int) -> Iterator[str]:
    totals = compare([visit for pair in pairs for visit in visits_of(pair)], rounds)
    yield f"{len(pairs)} mentors and a student of each; milliseconds a visit, the quickest of {rounds} runs"
    yield f"{'':<20} statements  policies  without   cost"
    sums: dict[str, Total] = defaultdict(Total)
    for (role, page), total in totals.items():
        yield _words(page, total, len(pairs))
        for name in (f"all of a {role.value}", "all"):
            sums[name].with_policies += total.with_policies
            sums[name].without += total.without
            sums[name].statements += total.statements
            sums[name].left_out += total.left_out
    for name, total in sums.items():
        yield _words(name, total, len(pairs))
    verdict = "reached" if sums["all"].percent <= GOAL_PERCENT else "missed"
    yield f"goal {GOAL_PERCENT} %: {verdict}; {sums['all'].left_out} statements left out, of {_count(sums['all'])}"


def _count(total: Total) -> int:
    return total.statements + total.left_out


def _words(name: str, total: Total, visits: int) -> str:
    return (
        f"{name:<20} {total.statements / visits:10.1f} {total.with_policies / visits:9.2f} "
        f"{total.without / visits:8.2f} {total.percent:+5.1f} %"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The cost of row-level security.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    report("rls.py", list(lines_of(sampled_pairs(arguments.pairs), arguments.rounds)), write=arguments.write)
