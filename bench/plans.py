"""Whether the statements of pages and writes find their indexes at full size, under row-level security.

Run `python bench/plans.py [--mentors 1000] [--pairs 5] [--rows 5000] [--write]`. Explained as the person's role is
every statement of the pages of `bench/rls.py`, of the HTML pages, and of handing in, reviewing, booking and flagging:
by a plan for any values where the application keeps plans. A
sequential scan of a table of more than `--rows` rows is named, and the script ends with 1. EXPLAIN does not look into
functions that are not inlined: `bench/growth.py` times what they are part of.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

from academy import prepare
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from report import report
from rls import SIGN_IN, Asked, asked_by
from visits import (
    Pair,
    Replay,
    Statement,
    application_connection,
    owner_connection,
    post_json,
    recorded,
    sampled_pairs,
    settle,
    statements_of,
)

from core import clock
from core.tenancy.identity import SYSTEM, Identity, Role, acting_as
from mentorship_coordination.models.sessions import MentorSession
from missions.models import Mission, MissionSubmission
from users.models import Enrolment, User

LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s"
MENTORS_PAGES = ("mentor-page", "queue-page", "mentees-page", "sessions-page", "mentee-page", "slots-page")
STUDENTS_PAGES = ("student-page", "student-sessions-page", "habits-page", "goals-page")
OF_A_MENTEE = {"mentee-page", "slots-page"}
EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def of_html(pair: Pair) -> Iterator[Asked]:
    for names, role, person, token in (
        (MENTORS_PAGES, Role.MENTOR, pair.mentor_id, pair.mentor_token),
        (STUDENTS_PAGES, Role.STUDENT, pair.mentee_id, pair.mentee_token),
    ):
        for name in names:
            path = reverse(name, args=[pair.mentee_id] if name in OF_A_MENTEE else [])
            for query in statements_of(path, token):
                yield Asked(name, role, person, query)


def of_writes(pair: Pair) -> Iterator[Asked]:
    """What is written stays in the database of the benchmarks."""
    mission, begins = _room(pair)
    text = {"text": "The host was entered at 03:12 through the mail gateway."}
    submit = reverse("submit-mission", args=[mission])
    with recorded() as captured:
        submission = post_json(submit, pair.mentee_token, text)
    yield from _each("submit", Role.STUDENT, pair, captured)
    verdict = {"score": 55, "feedback": "Where is the timeline?", "decision": "changes_requested"}
    wish = {"mentee_id": str(pair.mentee_id), "title": "Talk", "duration_minutes": 15, "start_time": begins}
    worry = {"mentee_id": str(pair.mentee_id), "reason": "Silent.", "severity": "medium", "category": "other"}
    for name, path, body in (
        ("review", reverse("mentor-mission-review", args=[submission["id"]]), verdict),
        ("book", reverse("mentor-sessions"), wish),
        ("flag", reverse("mentor-flags"), worry),
    ):
        with recorded() as captured:
            post_json(path, pair.mentor_token, body)
        yield from _each(name, Role.MENTOR, pair, captured)


def _room(pair: Pair) -> tuple[Any, str]:
    """A mission that can be handed in, and a time that is free, with budgets that allow for it."""
    with acting_as(SYSTEM), transaction.atomic():
        User.objects.filter(pk=pair.mentor_id).update(mentor_capacity_weekly=50)
        Enrolment.objects.filter(pk=pair.enrolment_id).update(max_sessions=30_000)
        begun = MissionSubmission.objects.filter(enrolment=pair.enrolment_id)
        missions = Mission.objects.published().of_tracks([pair.track_id])
        fresh = missions.filter(level=1).exclude(pk__in=begun.values("mission")).first()
        again = begun.exclude(state__in=("approved", "rejected")).values_list("mission_id", flat=True).first()
        latest = MentorSession.objects.filter(mentor=pair.mentor_id).aggregate(at=Max("ends_at"))["at"] or clock.now()
    if fresh is None and again is None:
        raise SystemExit("A student of the seed has nothing left to hand in.")
    return fresh.pk if fresh else again, (max(latest, clock.now()) + timedelta(hours=6)).isoformat()


def _each(name: str, role: Role, pair: Pair, captured: Iterable[Statement]) -> Iterator[Asked]:
    person = pair.mentor_id if role is Role.MENTOR else pair.mentee_id
    for query in captured:
        yield Asked(name, role, person, query)


def scans_of(plan: Any) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from scans_of(inner)


def explain(asked: Iterable[Asked], large: set[str]) -> tuple[int, dict[str, str]]:
    """How many statements were explained; page and table of each scan of a large table, and its statement."""
    count, found = 0, {}
    with closing(application_connection()) as raw, raw.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        replay = Replay(cursor)
        for each in asked:
            text = each.statement.text
            if not text.lstrip(" (\n").startswith(EXPLAINED) or SIGN_IN in text:
                continue
            cursor.execute(f"BEGIN; {Identity(each.role, each.person).statement()}")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {replay.prepare(each.role, each.statement)}")
            [[[answer]]] = cursor.fetchall()
            cursor.execute("ROLLBACK")
            count += 1
            for table in set(scans_of(answer["Plan"])) & large:
                found[f"{each.page}: {table}"] = text
    return count, found


def large_tables(rows: int) -> set[str]:
    with closing(owner_connection()) as raw, raw.cursor() as cursor:
        cursor.execute(LARGE, [rows])
        return {name for (name,) in cursor.fetchall()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Plans of the hot statements under row-level security.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=5000, help="a table with more is large")
    parser.add_argument("--verbose", action="store_true", help="the statements that scan, too")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    large = large_tables(arguments.rows)
    pairs = sampled_pairs(arguments.pairs)
    asked = [each for pair in pairs for part in (asked_by, of_html, of_writes) for each in part(pair)]
    count, found = explain(asked, large)
    lines = [
        f"{count} statements of {len({each.page for each in asked})} pages and writes, {len(pairs)} pairs",
        f"tables of more than {arguments.rows} rows: {len(large)}; sequential scans of one: {len(found)}",
        *(f"  {place}" for place in sorted(found)),
    ]
    report("plans.py", lines, write=arguments.write)
    if arguments.verbose:
        print("\n\n".join(found.values()))
    sys.exit(bool(found))
