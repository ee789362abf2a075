"""A pool solved in a process of its own, for a number of seconds. Tables go in as a file, answers come out as files.

A Celery worker's child may not fork, the solver holds the interpreter and knows no time limit: so a new program is
started, and ended when its time is over. Each answer on the way is written whole, under its name at once.
Source: architecture.md §9.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

import numpy as np

from mentorship_coordination.matching.explaining import Ranks
from mentorship_coordination.matching.flow import SolverFailed
from mentorship_coordination.matching.market import UNITS
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.solving import Solved, solve_tables
from mentorship_coordination.matching.tables import Tables

TABLES, POLICY, ANSWER = "tables.npz", "policy.json", "answer.npz"
ROOT: Final = Path(__file__).resolve().parents[2]
LAST_WORDS: Final = 500

Tell = Callable[[int, float], None]


class SolverStopped(SolverFailed):
    """The time was over before there was any answer."""


def solve_apart(tables: Tables, policy: Policy, *, budget: float, tell: Tell | None = None) -> Solved:
    """As `solve_tables`, for `budget` seconds at most; then the best so far, without ranks, its bound above it.

    `tell` hears (round, gap in points). Raises SolverFailed with the program's last words, SolverStopped.
    """
    with TemporaryDirectory(prefix="matching-") as name:
        folder = Path(name)
        tables.save(folder / TABLES)
        (folder / POLICY).write_text(json.dumps(asdict(policy)))
        command = [sys.executable, "-m", __name__, name]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        words = folder / "words.txt"
        with (
            words.open("w") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as program,
        ):
            try:
                _listen(program, budget, tell)
            finally:
                program.kill()
        if program.returncode not in (0, -signal.SIGKILL):
            last = words.read_text(errors="replace").strip()[-LAST_WORDS:]
            raise SolverFailed(last or f"The solver ended with code {program.returncode}.")
        if not (folder / ANSWER).exists():
            raise SolverStopped(f"No answer within {budget:g} seconds.")
        return _read(folder / ANSWER)


def _listen(program: subprocess.Popen[str], budget: float, tell: Tell | None) -> None:
    """Until the program ends or the time is over. A thread reads, so that silence cannot outlast the time."""
    lines: Queue[str | None] = Queue()
    threading.Thread(target=_read_lines, args=(program, lines), daemon=True).start()
    ends = monotonic() + budget
    while (left := ends - monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except Empty:
            return
        if line is None:
            # Told everything; what is left is to end.
            with suppress(subprocess.TimeoutExpired):
                program.wait(max(ends - monotonic(), 0))
            return
        if tell is not None:
            turn, gap = line.split()
            tell(int(turn), float(gap))


def _read_lines(program: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    for line in program.stdout or ():
        lines.put(line)
    lines.put(None)


def _write(solved: Solved, path: Path) -> None:
    arrays = {"assignment": solved.assignment, "prices": solved.prices}
    if solved.ranks is not None:
        arrays |= {f"ranks_{name}": values for name, values in vars(solved.ranks).items()}
    numbers = np.array([solved.objective, solved.bound, solved.rounds, solved.match_points], np.int64)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **arrays | {"numbers": numbers})
    unfinished.replace(path)


def _read(path: Path) -> Solved:
    with np.load(path, allow_pickle=False) as stored:
        objective, bound, rounds, match_points = stored["numbers"].tolist()
        ranks = {name.removeprefix("ranks_"): stored[name] for name in stored.files if name.startswith("ranks_")}
        solved = Solved(stored["assignment"], stored["prices"], objective, bound, rounds, match_points)
        return replace(solved, ranks=Ranks(**ranks)) if ranks else solved


def main(folder: Path) -> None:
    tables = Tables.load_from(folder / TABLES)
    policy = Policy(**json.loads((folder / POLICY).read_text()))

    def tell(solved: Solved) -> None:
        _write(solved, folder / ANSWER)
        sys.stdout.write(f"{solved.rounds} {(solved.bound - solved.objective) / UNITS}\n")
        sys.stdout.flush()

    _write(solve_tables(tables, policy, tell=tell), folder / ANSWER)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
