"""The drill: a small edition of it, and what its verdict rests on."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings

from mentorship_coordination.drill.calendar import next_change, seeded_zones
from mentorship_coordination.drill.client import has_passed
from mentorship_coordination.drill.plants import PLANTS
from mentorship_coordination.drill.schedule import Schedule
from mentorship_coordination.selectors.invariants import INVARIANTS

SMALL = ["--mentors", "5", "--mentees", "4", "--minutes", "0.5", "--think", "1", "--online", "10"]
#: Faults in books (3), streams (4), and a second run that changes something.
OTHER_PLANTS = 8


def drill(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "drill", *arguments]
    environment = os.environ | {"DATA_DIR": str(settings.DATA_DIR)}
    return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("status", "errors", "passed"),
    [
        (400, [{"field": "start_time", "code": "invalid", "message": "This is in the past."}], True),
        (400, [{"field": "start_time", "code": "invalid", "message": "Give the offset too."}], False),
        (400, [{"field": "title", "code": "required", "message": "This is in the past."}], False),
        (400, [], False),
        (409, [{"field": "start_time", "code": "invalid", "message": "This is in the past."}], False),
    ],
)
def test_a_time_that_passed_as_the_clocks_jumped_is_a_refusal(
    status: int, errors: list[dict[str, str]], passed: bool
) -> None:
    assert has_passed(status, {"code": "invalid", "errors": errors}) is passed


def test_a_small_academy_survives_everything() -> None:
    ran = drill(*SMALL)
    told = ran.stdout
    assert ran.returncode == 0, told + ran.stderr
    assert "PASSED" in told
    assert told.count(": well again after") == 7
    assert "not killed" not in told
    assert f"planted faults found: {len(PLANTS) + OTHER_PLANTS} of {len(PLANTS) + OTHER_PLANTS}" in told
    assert "lost 0, duplicated 0, refused but written 0" in told
    assert "lost 0, duplicated 0, out of order 0" in told
    promised, heard = re.search(r"writes: (\d+) promised", told), re.search(r"streams: (\d+) said", told)
    assert promised is not None
    assert int(promised[1]) > 50
    assert heard is not None
    assert int(heard[1]) > 50
    assert not (settings.DATA_DIR / "drill").exists()


def test_refuses_numbers_that_make_no_drill() -> None:
    ran = drill("--minutes", "0")
    assert (ran.returncode, "more than 0" in ran.stderr) == (1, True)


def test_each_invariant_that_rows_can_break_has_a_planted_fault() -> None:
    assert {plant.number for plant in PLANTS} == {each.number for each in INVARIANTS}


@pytest.mark.parametrize(
    ("zone", "after", "change"),
    [
        ("Europe/Berlin", datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ],
)
def test_finds_when_clocks_change_next(zone: str, after: datetime, change: datetime) -> None:
    assert next_change([zone, "Asia/Tokyo"], after) == (change, zone)


def test_clocks_that_never_change_are_told() -> None:
    with pytest.raises(ValueError, match="no clock"):
        next_change(["Asia/Tokyo"], datetime(2026, 1, 9, tzinfo=UTC))
    assert len(seeded_zones()) > 20


def test_lets_everybody_do_her_steps_and_tells_of_who_broke() -> None:
    done: list[int] = []

    def steady(number: int) -> Iterator[float]:
        for _ in range(3):
            done.append(number)
            yield 0.01

    def broken() -> Iterator[float]:
        yield 0.0
        raise ZeroDivisionError

    schedule = Schedule()
    for number in range(50):
        schedule.add(steady(number), after=0.0)
    schedule.add(broken(), after=0.0)
    schedule.start()
    end = time.monotonic() + 10
    while (len(done) < 150 or not schedule.failures) and time.monotonic() < end:
        time.sleep(0.01)
    schedule.stop()
    assert sorted(done) == sorted(itertools.chain.from_iterable([number] * 3 for number in range(50)))
    [failure] = schedule.failures
    assert "ZeroDivisionError" in failure
