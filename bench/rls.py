"""What row-level security costs: the statements of a mentor's and a student's pages with their policies and without.

Run `python bench/rls.py [--mentors 1000] [--pairs 40] [--rounds 9] [--write]`. The statements are those that the pages
really make, planned as the pages plan them. Each runs in turn as the person's role on the application's login, and as
the owner of the tables, whom no policy holds; of `--rounds` runs the quickest counts. Left out and counted are
statements that are no comparison: those that find other rows without policies, since they lean on them, and those that
ask a SECURITY DEFINER function.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
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
    for names, role, person, token in (
        (MENTORS, Role.MENTOR, pair.mentor_id, pair.mentor_token),
        (STUDENTS, Role.STUDENT, pair.mentee_id, pair.mentee_token),
    ):
        for name in names:
            path = reverse(name, args=[pair.mentee_id] if name in OF_A_MENTEE else [])
            get(path, token)
            for query in statements_of(path, token):
                if not query.text.startswith(NOT_MEASURED) and SIGN_IN not in query.text:
                    yield Asked(name, role, person, query)


def timed(replay: Replay, role: str, identity: str, statement: Statement) -> tuple[float, int]:
    """Milliseconds and rows. The identity is said first, and lasts as long as the transaction."""
    replay.cursor.execute(f"BEGIN; {identity}")
    command = replay.prepare(role, statement)
    began = time.perf_counter()
    replay.cursor.execute(command)
    count = len(replay.cursor.fetchall())
    took = milliseconds_since(began)
    replay.cursor.execute("ROLLBACK")
    return took, count


def compare(asked: Iterable[Asked], rounds: int) -> dict[tuple[Role, str], Total]:
    totals: dict[tuple[Role, str], Total] = defaultdict(Total)
    with (
        closing(application_connection()) as bound,
        closing(owner_connection()) as free,
        bound.cursor() as a,
        free.cursor() as b,
    ):
        as_herself, as_owner = Replay(a), Replay(b)
        for each in asked:
            total = totals[each.role, each.page]
            if FUNCTION.search(each.statement.text):
                total.left_out += 1
                continue
            said = Identity(each.role, each.person).statement()
            known = f"SET LOCAL app.user_id = '{each.person}'"
            here = [timed(as_herself, each.role, said, each.statement)]
            there = [timed(as_owner, "owner", known, each.statement)]
            if here[0][1] != there[0][1]:
                total.left_out += 1
                continue
            for _ in range(rounds):
                here.append(timed(as_herself, each.role, said, each.statement))
                there.append(timed(as_owner, "owner", known, each.statement))
            total.with_policies += min(here)[0]
            total.without += min(there)[0]
            total.statements += 1
    return totals


def lines_of(pairs: Sequence[Pair], rounds: int) -> Iterator[str]:
    totals = compare([each for pair in pairs for each in asked_by(pair)], rounds)
    yield f"{len(pairs)} mentors and a student of each; milliseconds a visit, the quickest of {rounds + 1} runs"
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
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    report("rls.py", list(lines_of(sampled_pairs(arguments.pairs), arguments.rounds)), write=arguments.write)
