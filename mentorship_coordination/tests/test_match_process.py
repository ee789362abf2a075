"""A large pool is solved by a program of its own: the same answer, a budget, and errors that are told."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mentorship_coordination.matching import engine, process
from mentorship_coordination.matching.engine import match
from mentorship_coordination.matching.flow import SolverFailed
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.process import SolverStopped, solve_apart
from mentorship_coordination.matching.solving import Solved, solve_tables
from mentorship_coordination.matching.tables import Tables, tables_of
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.tests.matching_world import random_pool


@pytest.fixture
def tables() -> Tables:
    return tables_of(random_pool(4, students=60, mentors=8, scarce=True), Weights())


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_gives_the_answer_of_the_own_process(tables: Tables, tmp_path: Path) -> None:
    heard: list[tuple[int, float]] = []
    policy = Policy(evenness=40)
    apart = solve_apart(tables, policy, budget=60, tell=lambda turn, gap: heard.append((turn, gap)))
    here = solve_tables(tables, policy)
    assert (apart.assignment == here.assignment).all()
    assert (apart.prices == here.prices).all()
    assert (apart.objective, apart.bound, apart.is_proved) == (here.objective, here.bound, True)
    assert apart.ranks is not None
    assert here.ranks is not None
    for name, values in vars(here.ranks).items():
        assert (getattr(apart.ranks, name) == values).all()
    assert heard[0][0] == 0
    assert heard[-1] == (here.rounds, 0.0)
    assert list(tmp_path.iterdir()) == []


def test_is_asked_for_large_pools_only(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, asked = random_pool(1), []

    def spy(tables: Tables, *_: object, **__: object) -> object:
        asked.append(tables.students)
        return solve_tables(tables, Policy())

    monkeypatch.setattr(engine, "solve_apart", spy)
    match(pool)
    assert asked == []
    monkeypatch.setattr(engine, "SMALL", len(pool.waiting) * len(pool.candidates) - 1)
    match(pool)
    assert asked == [len(pool.waiting)]


def test_tells_the_last_words_of_a_program_that_fails(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Tables, "save", lambda self, path: path.write_bytes(b"no tables"))
    with pytest.raises(SolverFailed, match=r"pickle|zip|magic"):
        solve_apart(tables, Policy(), budget=60)
    assert list(tmp_path.iterdir()) == []


def test_is_stopped_when_its_time_is_over(tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(SolverStopped, match=r"No answer within 0\.01 seconds"):
        solve_apart(tables, Policy(), budget=0.01)
    assert list(tmp_path.iterdir()) == []


def test_stopped_after_an_answer_it_gives_the_best_so_far(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program that writes one answer with its bound and then thinks for ever."""
    first = tmp_path / "first.npz"
    here = solve_tables(tables, Policy(), explains=False)
    loose = Solved(here.assignment, here.prices, here.objective, here.bound + 1024, 0, here.match_points)
    process._write(loose, first)
    slow = tmp_path / "slow"
    slow.write_text(
        f"#!{sys.executable}\n"
        "import shutil, sys, time\n"
        f"shutil.copy({str(first)!r}, sys.argv[3] + '/answer.npz')\n"
        "print(0, 1.0, flush=True)\n"
        "time.sleep(600)\n"
    )
    slow.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(slow))
    found = solve_apart(tables, Policy(), budget=3)
    assert (found.assignment == here.assignment).all()
    assert (found.is_proved, found.bound - found.objective, found.ranks) == (False, 1024, None)


def test_tables_go_through_a_file_unchanged(tables: Tables, tmp_path: Path) -> None:
    tables.save(tmp_path / "tables.npz")
    again = Tables.load_from(tmp_path / "tables.npz")
    for name, values in vars(tables).items():
        assert np.array_equal(getattr(again, name), values) if name != "weights" else again.weights == values
