"""How the cost of a page, and of a round of the jobs, grows with the academy: from 100 mentors to 3,000 or 5,000.

Run `python bench/growth.py [--sizes 100,300,1000,3000] [--pairs 60] [--write]`. Each size has a seeded database of its
own (`.data/bench-<size>`; 1,000 uses that of the other benchmarks), measured by a process of its own. Cost is the CPU
time of that process and of its PostgreSQL backend together, which a busy machine disturbs least; the exponent is the
slope of log cost over log mentors. A page must be flat. A job's round may grow as what there is to look at.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from academy import ROOT, prepare
from django.db import connection
from django.urls import reverse
from pages import PAGES
from report import report
from visits import get, sampled_pairs, settle, token_of_director

from core.celery import app
from core.periodic import jobs, load_tasks

FLAT, LINEAR = 0.1, 1.1
ROUNDS = 5
#: Mentors in the database that the benchmarks share.
SHARED = 1000
DIRECTORS = 12
PAGES_OF_DIRECTORS = ("director-page", "director-work-page", "director-forecast-page", "director-report-page")
#: What the clock asks again and again. Left out are those that talk to other systems.
JOBS = (
    "prioritize_work_queue",
    "create_mission_review_queue_item",
    "keep_goal_items",
    "drain_dashboard_updates",
    "renew_dashboards",
    "notice_broken_streaks",
    "notice_overdue_goals",
    "close_ended_sessions",
    "remind_of_sessions",
    "expire_session_requests",
    "escalate_flags",
    "follow_absences",
    "store_cohort_scores",
    "check_mentor_capacity",
    "auto_match_mentors",
)


def backend_nanoseconds(pid: int) -> int:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def cost_of(run: Callable[[], object]) -> float:
    """CPU milliseconds of this thread and of its backend."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    there, here = backend_nanoseconds(pid), time.thread_time_ns()
    run()
    here = time.thread_time_ns() - here
    return (here + backend_nanoseconds(pid) - there) / 1e6


def measure_pages(count: int) -> dict[str, float]:
    pairs = sampled_pairs(count)
    found = {page.name: _typical([(page.path(pair), page.token(pair)) for pair in pairs]) for page in PAGES}
    directors = [token_of_director(pair) for pair in pairs[:: max(len(pairs) // DIRECTORS, 1)]]
    for name in PAGES_OF_DIRECTORS:
        found[name] = _typical([(reverse(name), director) for director in directors])
    return found


def _typical(visits: Sequence[tuple[str, str]]) -> float:
    for visit in visits[:5]:
        get(*visit)
    return statistics.median(cost_of(partial(get, *visit)) for visit in visits)


def measure_jobs() -> dict[str, float]:
    """A round of each with nothing to do but to look, as nearly all of them are; rounds that catch up do not count."""
    load_tasks()
    tasks = {job.name: app.tasks[job.task_name] for job in jobs()}
    found = {}
    for name in JOBS:
        for _ in range(2):
            tasks[name]()
        found[name] = min(cost_of(tasks[name]) for _ in range(ROUNDS))
    return found


def measure_here(size: int, count: int) -> dict[str, dict[str, float]]:
    prepare(size)
    measure_jobs()
    settle()
    return {"pages": measure_pages(count), "jobs": measure_jobs()}


def measure_there(size: int, count: int) -> dict[str, dict[str, float]]:
    command = [sys.executable, __file__, "--size", str(size), "--pairs", str(count)]
    environment = os.environ if size == SHARED else os.environ | {"DATA_DIR": str(ROOT / ".data" / f"bench-{size}")}
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    found: dict[str, dict[str, float]] = json.loads(answer.splitlines()[-1])
    return found


def lines_of(kind: str, limit: float, sizes: list[int], found: list[dict[str, dict[str, float]]]) -> list[str]:
    lines = [f"{kind:<34}" + "".join(f"{size:>8,}" for size in sizes) + "  exponent"]
    for name in found[0][kind]:
        costs = [each[kind][name] for each in found]
        exponent = np.polyfit(np.log(sizes), np.log(costs), 1)[0]
        verdict = "" if exponent <= limit else f" over {limit}"
        lines.append(f"{name:<34}" + "".join(f"{cost:8.2f}" for cost in costs) + f"  {exponent:+8.2f}{verdict}")
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How cost grows with the academy.")
    parser.add_argument("--sizes", default="100,300,1000,3000", help="mentors, of 20 students each")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--size", type=int, help="measure this one alone, and answer as JSON")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.size:
        print(json.dumps(measure_here(arguments.size, arguments.pairs)))
        sys.exit()
    sizes = [int(each) for each in arguments.sizes.split(",")]
    found = [measure_there(each, arguments.pairs) for each in sizes]
    report(
        "growth.py",
        [
            "mentors of 20 students each; CPU milliseconds of a request, or of a round with nothing to do but to look",
            *lines_of("pages", FLAT, sizes, found),
            "",
            *lines_of("jobs", LINEAR, sizes, found),
        ],
        write=arguments.write,
    )
