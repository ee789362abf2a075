"""The stream, with everything around it killed: a small edition of `bench/stream.py --chaos`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.database import as_worker
from tests.streams.crowd import hold_against_the_table, make_listeners, say
from tests.streams.faults import try_with_faults


@pytest.mark.usefixtures("db")
def test_loses_doubles_and_swaps_nothing_whatever_is_killed(tmp_path: Path) -> None:
    told: list[str] = []
    verdict = try_with_faults(make_listeners(20), folder=tmp_path, rate=60, pause=0.7, tell=told.append)
    assert verdict.is_clean, (verdict, told)
    assert verdict.said == verdict.heard > 200
    assert not [line for line in told if "NOT all back" in line]
    assert " 0 refused for good, 0 started over" in told[-1]


@pytest.mark.usefixtures("db")
def test_the_verdict_finds_what_is_lost_doubled_or_swapped() -> None:
    people = [pk for pk, _ in make_listeners(2)]
    with as_worker():
        for serial in range(4):
            say(people, [serial, serial], {})
    heard = {
        "clean": ([0, 1, 0, 1, 0, 0, 1, 1], [1, 1, 2, 2, 3, 4, 3, 4]),
        "lost": ([0, 1, 0, 1, 0, 0, 1], [1, 1, 2, 2, 3, 4, 3]),
        "doubled": ([0, 1, 0, 1, 0, 0, 1, 1, 1], [1, 1, 2, 2, 3, 4, 3, 4, 4]),
        "swapped": ([0, 1, 0, 1, 0, 0, 1, 1], [1, 1, 2, 2, 4, 3, 3, 4]),
    }
    found = {}
    for name, (reader, number) in heard.items():
        verdict = hold_against_the_table({"reader": np.array(reader), "number": np.array(number)}, people)
        found[name] = (verdict.lost, verdict.duplicated, verdict.out_of_order)
    assert found == {"clean": (0, 0, 0), "lost": (1, 0, 0), "doubled": (0, 1, 0), "swapped": (0, 0, 1)}
