"""What the statements of pages, writes and moves read at full size, and those inside functions and triggers.

Run `python bench/plans.py [--mentors 1000] [--pairs 5] [--large 5000] [--most 1000] [--write]`. All of it is done as
in life: pages by the whole application under row-level security, writes through the API, pairs that rest, go on, end
and begin by the system's actions (undone again). The server tells of each statement what it did (auto_explain,
set for the benchmark's login by the superuser of the embedded server; of nested ones too). Named is whatever reads a
table of more than `--large` rows from its beginning to its end, walks through more than `--most` entries of an index
without a condition, throws away as many rows to find its own, or compares as many pairs of rows that do not belong
together; the script ends with 1 then.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg2
from academy import prepare
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from psycopg2 import sql
from report import report
from visits import Pair, application, get, owner_connection, post_json, sampled_pairs, settle, token_of_director

from coaching.models import Habit
from core import clock
from core.embedded.servers import admin_url
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.assignments import (
    end_assignment,
    pause_assignment,
    resume_assignment,
    start_assignment,
)
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession
from missions.models import Mission, MissionSubmission
from users.models import Enrolment, User

THROWN_BY = ("Filter", "Index Recheck")
LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s"
TELLING: Mapping[str, str] = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    "client_min_messages": "notice",
}
API_OF_MENTORS = ("mentor-dashboard", "mentor-workqueue", "mentor-mentees", "mentor-sessions", "mentor-flags")
PAGES_OF_MENTORS = ("mentor-page", "queue-page", "mentees-page", "sessions-page")
OF_A_MENTEE = ("mentor-cockpit", "mentee-page", "slots-page")
OF_DIRECTORS = (
    "director-overview", "director-workqueue", "director-page", "director-work-page", "director-disputes-page",
    "director-handovers-page", "director-matching-page", "director-forecast-page", "director-report-page",
    "director-session-report", "director-sla-report", "director-flags",
)  # fmt: skip
OF_STUDENTS = (
    "student-dashboard", "missions", "submissions", "student-sessions", "student-mentor", "student-page",
    "student-sessions-page", "habits-page", "goals-page",
)  # fmt: skip


@dataclass
class Told:
    """Takes the notices of a connection; what reads much is kept, by where it was asked and of which table."""

    large: set[str]
    most: int
    place: str = ""
    statements: int = 0
    found: dict[str, str] = field(default_factory=dict)

    def append(self, notice: str) -> None:
        _, mark, plan = notice.partition("plan:\n")
        if mark:
            self.statements += 1
            told = json.loads(plan)
            for table, what in self._wasted(told["Plan"]):
                self.found[f"{self.place}: {table}, {what}"] = told["Query Text"]

    def _wasted(self, node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        table, loops = node.get("Relation Name"), node["Actual Loops"]
        compared = node.get("Rows Removed by Join Filter", 0) * loops
        if compared > self.most:
            yield node["Node Type"], f"{compared:.0f} pairs compared in vain"
        if table in self.large and loops:
            kept = node["Actual Rows"] * loops
            thrown = sum(node.get(f"Rows Removed by {what}", 0) for what in THROWN_BY) * loops
            if node["Node Type"] == "Seq Scan":
                yield table, "all of it"
            elif node["Node Type"].startswith("Index") and "Index Cond" not in node and kept + thrown > self.most:
                yield table, f"{kept + thrown:.0f} entries of {node['Index Name']}"
            elif thrown > self.most:
                yield table, f"{thrown:.0f} rows for {kept:.0f}"
        for inner in node.get("Plans", ()):
            yield from self._wasted(inner)


@contextmanager
def telling(told: Told) -> Iterator[None]:
    """The server tells this process's connection what each statement does."""
    login = sql.Identifier(connection.settings_dict["USER"])
    with closing(psycopg2.connect(admin_url(settings.DATA_DIR))) as raw, raw.cursor() as cursor:
        raw.autocommit = True
        for name, value in TELLING.items():
            line = sql.SQL("ALTER ROLE {} SET {} = {}")
            cursor.execute(line.format(login, sql.SQL(name), sql.Literal(value)))
        try:
            connection.close()
            connection.ensure_connection()
            application.cache_clear()
            application()
            connection.connection.notices = told
            yield
            if connection.connection.notices is not told:
                raise SystemExit("The connection was lost meanwhile.")
        finally:
            for name in TELLING:
                cursor.execute(sql.SQL("ALTER ROLE {} RESET {}").format(login, sql.SQL(name)))
            connection.close()


def walk(pair: Pair) -> Iterator[tuple[str, Callable[[], object]]]:
    """What a mentor, her student and a director do, each with its name. What is written stays."""
    for name in (*API_OF_MENTORS, *PAGES_OF_MENTORS):
        yield name, partial(get, reverse(name), pair.mentor_token)
    for name in OF_A_MENTEE:
        yield name, partial(get, reverse(name, args=[pair.mentee_id]), pair.mentor_token)
    for name in OF_STUDENTS:
        yield name, partial(get, reverse(name), pair.mentee_token)
    director = token_of_director(pair)
    for name in OF_DIRECTORS:
        yield name, partial(get, reverse(name), director)
    mission, begins, habit = _room(pair)
    handed_in: dict[str, Any] = {}
    text = {"text": "The host was entered at 03:12 through the mail gateway."}
    submit = reverse("submit-mission", args=[mission])
    yield "submit", lambda: handed_in.update(post_json(submit, pair.mentee_token, text))
    verdict = {"score": 55, "feedback": "Where is the timeline?", "decision": "changes_requested"}
    yield (
        "review",
        lambda: post_json(reverse("mentor-mission-review", args=[handed_in["id"]]), pair.mentor_token, verdict),
    )
    wish = {"mentee_id": str(pair.mentee_id), "title": "Talk", "duration_minutes": 15, "start_time": begins}
    yield "book", partial(post_json, reverse("mentor-sessions"), pair.mentor_token, wish)
    worry = {"mentee_id": str(pair.mentee_id), "reason": "Silent.", "severity": "medium", "category": "other"}
    yield "flag", partial(post_json, reverse("mentor-flags"), pair.mentor_token, worry)
    if habit:
        log = {"state": "done"}
        yield "log a habit", partial(post_json, reverse("habit-logs", args=[habit]), pair.mentee_token, log)
    for name, move in (("pause", _rest), ("end", _end), ("transfer", _go_on_with_another)):
        yield f"{name} a pair", partial(_undone, move, pair)


def _room(pair: Pair) -> tuple[Any, str, UUID | None]:
    """A mission that can be handed in, a time that is free, with budgets that allow for it, and a habit of hers."""
    with acting_as(SYSTEM), transaction.atomic():
        User.objects.filter(pk=pair.mentor_id).update(mentor_capacity_weekly=50)
        Enrolment.objects.filter(pk=pair.enrolment_id).update(max_sessions=30_000)
        begun = MissionSubmission.objects.filter(enrolment=pair.enrolment_id)
        missions = Mission.objects.published().of_tracks([pair.track_id])
        fresh = missions.filter(level=1).exclude(pk__in=begun.values("mission")).first()
        again = begun.exclude(state__in=("approved", "rejected")).values_list("mission_id", flat=True).first()
        latest = MentorSession.objects.filter(mentor=pair.mentor_id).aggregate(at=Max("ends_at"))["at"] or clock.now()
        habits = Habit.objects.filter(student=pair.mentee_id, archived_on__isnull=True)
        habit = habits.values_list("pk", flat=True).first()
    if fresh is None and again is None:
        raise SystemExit("A student of the seed has nothing left to hand in.")
    mission = fresh.pk if fresh else again
    return mission, (max(latest, clock.now()) + timedelta(hours=6)).isoformat(), habit


def _undone(move: Callable[[MenteeMentorAssignment], None], pair: Pair) -> None:
    with acting_as(SYSTEM), transaction.atomic():
        move(MenteeMentorAssignment.objects.primary().live().get(enrolment=pair.enrolment_id))
        transaction.set_rollback(True)


def _rest(pair: MenteeMentorAssignment) -> None:
    pause_assignment(assignment_id=pair.pk, by=None, at=clock.now())
    resume_assignment(assignment_id=pair.pk, by=None, at=clock.now())


def _end(pair: MenteeMentorAssignment) -> None:
    end_assignment(assignment_id=pair.pk, state=AssignmentState.COMPLETED, reason="", by=None, at=clock.now())


def _go_on_with_another(pair: MenteeMentorAssignment) -> None:
    _end(pair)
    others = User.objects.filter(is_mentor=True, is_active=True).exclude(pk=pair.mentor_id)
    other = others.order_by("-mentor_max_mentees")[0]
    User.objects.filter(pk=other.pk).update(mentor_max_mentees=60)
    start_assignment(enrolment_id=pair.enrolment_id, mentor_id=other.pk, by=None, at=clock.now())


def large_tables(rows: int) -> set[str]:
    with closing(owner_connection()) as raw, raw.cursor() as cursor:
        cursor.execute(LARGE, [rows])
        return {name for (name,) in cursor.fetchall()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What statements read, those inside functions and triggers too.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--large", type=int, default=5000, help="a table with more rows is large")
    parser.add_argument("--most", type=int, default=1000, help="rows that a statement may read in vain")
    parser.add_argument("--verbose", action="store_true", help="the statements, too")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    told = Told(large_tables(arguments.large), arguments.most)
    places = set()
    pairs = sampled_pairs(arguments.pairs)
    with telling(told):
        for pair in pairs:
            steps = list(walk(pair))
            for told.place, do in steps:
                places.add(told.place)
                do()
            told.place = "in between"
    lines = [
        f"{told.statements} statements of {len(places)} pages, writes and moves, {len(pairs)} pairs",
        f"tables of more than {arguments.large} rows: {len(told.large)}; read in vain: {len(told.found)}",
        *(f"  {place}" for place in sorted(told.found)),
    ]
    report("plans.py", lines, write=arguments.write)
    if arguments.verbose:
        print("\n\n".join(f"{place}\n{text}" for place, text in sorted(told.found.items())))
    sys.exit(bool(told.found))
