"""The capacity check and the forecast over the whole of an academy; beside the bare reading of what they are made of.

Run `python bench/capacity.py [--mentors 1000] [--write]`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import datetime

from academy import prepare
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from report import report

from core import clock
from core.sql import fetch
from core.tenancy.identity import SYSTEM, Identity, Role, acting_as
from mentorship_coordination.actions.capacity import check_mentor_capacity
from mentorship_coordination.models.capacity import CapacityEpisode
from mentorship_coordination.selectors.forecast import HORIZON, LOOK_BACK, OUTLOOK, get_forecast, read_outlooks
from mentorship_coordination.selectors.mentor_loads import list_mentor_loads
from users.models import CohortDirector

TIMES = 5


def milliseconds(run: Callable[[], object], *, keep: bool = False) -> float:
    with transaction.atomic():
        began = time.perf_counter()
        run()
        took = (time.perf_counter() - began) * 1000
        transaction.set_rollback(not keep)
    return took


def words(name: str, run: Callable[[], object]) -> str:
    times = [milliseconds(run) for _ in range(TIMES)]
    return f"{name:<44} median {statistics.median(times):6.0f} ms, best {min(times):6.0f} ms"


def of_the_academy(at: datetime) -> list[str]:
    with acting_as(SYSTEM), transaction.atomic():
        CapacityEpisode.objects.all().delete()
        outlooks = read_outlooks(at)
        works = sum(len(each) for each in outlooks.works.values())
        forecast = get_forecast(outlooks)
    moved = sum(len(move.item_ids) for move in forecast.moves)
    window = {"at": at, "since": at - LOOK_BACK, "until": at + HORIZON}
    with acting_as(SYSTEM):
        lines = [
            f"{len(outlooks.of)} mentors, {works} running items: {len(forecast.late)} will be late within seven days",
            f"{len(forecast.moves)} moves of {moved} items avoid {forecast.avoided}",
            words("the SQL of the outlook alone", lambda: fetch(OUTLOOK, **window)),
            words("outlook: hours and pace of every mentor", lambda: read_outlooks(at)),
            words("loads of all mentors", lambda: list_mentor_loads(at)),
            words("forecast with moves, all cohorts", lambda: get_forecast(read_outlooks(at))),
            words("the check, every episode beginning", lambda: check_mentor_capacity(at=at)),
        ]
        with CaptureQueriesContext(connection) as seen:
            milliseconds(lambda: check_mentor_capacity(at=at), keep=True)
        begun = len(seen)
        lines.append(words("the check, nothing new", lambda: check_mentor_capacity(at=at)))
        with transaction.atomic():
            count = CapacityEpisode.objects.count()
        return [*lines, f"{count} episodes began with {begun} queries"]


def of_a_director(at: datetime) -> str:
    with acting_as(SYSTEM), transaction.atomic():
        director = CohortDirector.objects.order_by("user_id").values_list("user_id", flat=True)[0]
    with acting_as(Identity(Role.DIRECTOR, director)):
        return words("forecast with moves, one director", lambda: get_forecast(read_outlooks(at)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Capacity and forecast of a whole academy.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    at = clock.now()
    lines = of_the_academy(at)
    report("capacity.py", [*lines, of_a_director(at)], write=arguments.write)
