"""Server time of the pages that people live on, beside plain SQL that reads the same rows as the owner of the tables.

Run `python bench/pages.py [--mentors 1000] [--pairs 150] [--write]`. A page is asked of the whole WSGI application,
with sign-in, row-level security, rendering and entity tag, by many mentors or a student of each. Before and after each
page the SQL runs on a connection of its own, without policies. Both must find the same number of rows in each part.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import page_sql as sql
from academy import prepare
from django.urls import reverse
from report import report
from visits import Pair, get, milliseconds_since, owner_connection, p50, p95, sampled_pairs, settle, statements_of

from core import clock
from mentorship_coordination.selectors.activity import ACTIVITY_FOR, SESSIONS_CLOSED_WITHIN
from mentorship_coordination.selectors.queue import day_of
from mentorship_coordination.selectors.session_figures import COUNTED_FOR
from mentorship_coordination.selectors.sessions import week_of
from mentorship_coordination.selectors.slots import LOOK_AHEAD
from mentorship_coordination.selectors.timeline import LOOKS_BACK

RATIO, FLOOR_MS = 3, 3
MOST_QUERIES = 12
DAYS_SHOWN = timedelta(days=28)
#: Rows in each part of a page, in the order of its statements; None where the page shows no rows of that part.
Shown = Callable[[Any], list[int | None]]


@dataclass(frozen=True)
class Page:
    name: str
    path: Callable[[Pair], str]
    statements: tuple[str, ...]
    shown: Shown
    is_mentors: bool = True

    def token(self, pair: Pair) -> str:
        return pair.mentor_token if self.is_mentors else pair.mentee_token


@dataclass
class Times:
    page: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)


def _dashboard(body: Any) -> list[int | None]:
    people = sum(len(each["participants"]) for each in body["today_sessions"])
    return [1, people, len(body["at_risk_mentees"]), None, 1, len(body["recent_activity"])]


def _cockpit(body: Any) -> list[int | None]:
    answers = sum(max(len(each["feedback"]), 1) for each in body["goals"])
    return [1, len(body["readiness"]["days"]), len(body["missions"]), len(body["sessions"]), 1, len(body["flags"]),
            answers, body["metrics"]["open_items"], None]  # fmt: skip


PAGES = (
    Page(
        "mentor/dashboard",
        lambda pair: reverse("mentor-dashboard"),
        (sql.COUNTERS, sql.PEOPLE_OF_SESSIONS, sql.AT_RISK, sql.TIME_FACTS, sql.SESSION_FIGURES, sql.ACTIVITY),
        _dashboard,
    ),
    Page(
        "mentor/workqueue",
        lambda pair: reverse("mentor-workqueue"),
        (sql.QUEUE,),
        lambda body: [len(body["results"]) + (body["next"] is not None)],
    ),
    Page(
        "queue page (HTML)",
        lambda pair: reverse("queue-page"),
        (sql.LINE, sql.QUEUE, sql.PUT_OFF, sql.COUNTERS),
        lambda body: [None] * 4,
    ),
    Page(
        "cockpit of a mentee",
        lambda pair: reverse("mentor-cockpit", args=[pair.mentee_id]),
        (sql.PAIR, sql.DAYS, sql.SUBMISSIONS, sql.SESSIONS, sql.BUDGET, sql.FLAGS, sql.GOALS, sql.OPEN_ITEMS,
         sql.HAPPENED),
        _cockpit,
    ),
    Page(
        "student/dashboard",
        lambda pair: reverse("student-dashboard"),
        (sql.STUDENT_DASHBOARD,),
        lambda body: [1],
        is_mentors=False,
    ),
)  # fmt: skip


def values_of(pair: Pair, at: datetime) -> dict[str, Any]:
    today, tomorrow = day_of(pair.mentor_zone, at)
    return {
        "mentor": pair.mentor_id,
        "mentee": pair.mentee_id,
        "enrolment": pair.enrolment_id,
        "at": at,
        "today": today,
        "tomorrow": tomorrow,
        "week_from": week_of(pair.mentor_zone, at).starts_at,
        "days_from": clock.local_date(at - DAYS_SHOWN, pair.mentee_zone),
        "week_ago": at - ACTIVITY_FOR,
        "five_weeks_ago": at - ACTIVITY_FOR - SESSIONS_CLOSED_WITHIN,
        "month_ago": at - COUNTED_FOR,
        "month_ahead": at + LOOK_AHEAD,
        "quarter_ago": at - LOOKS_BACK,
    }


def read_raw(cursor: Any, statements: Iterable[str], values: dict[str, Any]) -> list[int]:
    """Rows of each statement, all of them fetched."""
    counts = []
    for statement in statements:
        cursor.execute(statement, values)
        counts.append(len(cursor.fetchall()))
    return counts


def check_same_rows(page: Page, body: bytes, counts: Sequence[int]) -> None:
    shown = page.shown(json.loads(body) if body.startswith(b"{") else None)
    for place, (there, here) in enumerate(zip(shown, counts, strict=True)):
        if there is not None and there != here:
            raise SystemExit(f"{page.name}, statement {place}: the page has {there} rows, the SQL {here}.")


def measure(page: Page, pairs: Sequence[Pair], cursor: Any) -> Times:
    """Each pair once, in milliseconds; the raw time is the mean of a run before and one after the page."""
    times = Times()
    for pair in pairs[:5]:  # plans, caches, compiled templates
        times.queries.add(len(statements_of(page.path(pair), page.token(pair))))
    for pair in pairs:
        path, token = page.path(pair), page.token(pair)
        values = values_of(pair, clock.now())
        began = time.perf_counter()
        counts = read_raw(cursor, page.statements, values)
        before = milliseconds_since(began)
        began = time.perf_counter()
        body = get(path, token)
        times.page.append(milliseconds_since(began))
        began = time.perf_counter()
        read_raw(cursor, page.statements, values)
        times.raw.append((before + milliseconds_since(began)) / 2)
        check_same_rows(page, body, counts)
    for pair in pairs[-5:]:
        times.queries.add(len(statements_of(page.path(pair), page.token(pair))))
    return times


def words(page: Page, times: Times) -> str:
    limit = RATIO * p50(times.raw) + FLOOR_MS
    verdict = "reached" if p50(times.page) <= limit else "missed"
    low, high = min(times.queries), max(times.queries)
    queries = str(low) if low == high else f"{low}-{high}"
    return (
        f"{page.name:<20} {queries:>7} {p50(times.raw):8.2f} {p95(times.raw):6.2f} {p50(times.page):8.2f} "
        f"{p95(times.page):6.2f} {limit:8.2f} {verdict}"
    )


def lines_of(pairs: Sequence[Pair]) -> list[str]:
    with closing(owner_connection()) as raw, raw.cursor() as cursor:
        found = [words(page, measure(page, pairs, cursor)) for page in PAGES]
    return [
        f"{len(pairs)} mentors; milliseconds; goal p50 <= {RATIO} x raw SQL + {FLOOR_MS} ms",
        f"queries with those of signing in, BEGIN and COMMIT; goal constant, at most {MOST_QUERIES}",
        f"{'':<20} queries  raw p50    p95 page p50    p95     goal",
        *found,
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Server time of pages beside plain SQL.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--pairs", type=int, default=150)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    report("pages.py", lines_of(sampled_pairs(arguments.pairs)), write=arguments.write)
