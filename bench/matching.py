"""The matching against simpler ways to match the same pool: time, memory, share of the optimum, who comes off worst.

Run `python bench/matching.py [--sizes 2000x100,20000x1000] [--write]`. Each way runs in a program of its own on the
same file of tables, with the same scores before it; times are CPU seconds of one core.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
from matching_rivals import RIVALS  # noqa: E402
from pools import academy_pool  # noqa: E402
from report import report  # noqa: E402

from mentorship_coordination.matching.market import NOBODY, Market  # noqa: E402
from mentorship_coordination.matching.pairs import NOWHERE  # noqa: E402
from mentorship_coordination.matching.policy import Policy  # noqa: E402
from mentorship_coordination.matching.scoring import Scorer  # noqa: E402
from mentorship_coordination.matching.solver import solve  # noqa: E402
from mentorship_coordination.matching.solving import market_of  # noqa: E402
from mentorship_coordination.matching.tables import Tables, tables_of  # noqa: E402
from mentorship_coordination.matching.weights import Weights  # noqa: E402

SIZES = "2000x100,20000x1000,50000x2500,100000x5000"
OURS = "priced flow"
#: Dense assignment holds a column for each place: at 2,000 that is 32 MB, at 20,000 more than 3 GB.
MOST_DENSE = 4_000
GOAL_SECONDS, GOAL_PARTS, GOAL_MEGABYTES = 2.0, 2.5, 400


def answer(way: str, tables: Tables, market: Market, matrix: np.ndarray | None) -> tuple[np.ndarray, bool]:
    """Who gets whom, and whether it is proved best."""
    if matrix is not None:
        return RIVALS[way](tables, market, matrix), False
    solution = solve(market)
    return solution.assignment, solution.is_proved and market.upper_bound(solution.prices) == solution.objective


def run_one(name: str, folder: Path) -> dict[str, Any]:
    """What one way comes to; run in a program of its own, so that memory is its own."""
    tables = Tables.load_from(folder / "tables.npz")
    began = time.process_time()
    pairs = Scorer(tables).allowed_pairs()
    scoring = time.process_time() - began
    market = market_of(tables, pairs, Policy(), tables.places, tables.load)
    matrix = pairs.as_matrix() if name != OURS else None
    began = time.process_time()
    assignment, is_proved = answer(name, tables, market, matrix)
    took = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    matched = np.flatnonzero(assignment != NOBODY)
    positions = pairs.find(matched, assignment[matched])
    allowed = positions != NOWHERE
    points = np.where(allowed, pairs.points[positions], 0).astype(np.int64)
    taken = np.bincount(assignment[matched], minlength=tables.mentors)
    used = (tables.load + taken) / (tables.load + tables.places)
    return {
        "way": name,
        "scoring": scoring,
        "took": took,
        "memory": memory,
        "proved": is_proved,
        "matched": int(allowed.sum()),
        "broken": int((~allowed).sum()),
        "points": int(points[allowed].sum()),
        "worst": int(points[allowed].min(initial=10_000)),
        "spread": float(100 * used.std()),
    }


def apart(name: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def measure(size: str) -> tuple[list[str], dict[str, Any]]:
    students, mentors = (int(each) for each in size.split("x"))
    ways = [name for name in (OURS, *RIVALS) if name != "dense assignment" or students <= MOST_DENSE]
    ways = ways if students <= 20_000 else [OURS]
    with TemporaryDirectory() as name:
        folder = Path(name)
        tables_of(academy_pool(students, mentors), Weights()).save(folder / "tables.npz")
        found = {way: apart(way, folder) for way in ways}
    best = found[OURS]
    lines = [f"{students:,} students, {mentors:,} mentors, as many places as students; scoring {best['scoring']:.2f} s"]
    head = ("", "s", "MB", "optimum", "unmatched", "worst", "spread")
    lines.append("{:<22}{:>8}{:>7}{:>9}{:>11}{:>7}{:>8}".format(*head))
    for way, each in found.items():
        share = each["points"] / best["points"]
        lines.append(
            f"{way:<22}{each['took']:>8.2f}{each['memory']:>7.0f}{share:>9.4f}{students - each['matched']:>11}"
            f"{each['worst']:>7}{each['spread']:>8.1f}{_remark(each)}"
        )
    return [*lines, *_goals(best, students), ""], best


def _remark(each: dict[str, Any]) -> str:
    if each["proved"]:
        return "  proved best"
    return f"  {each['broken']} pairs break a rule" if each["broken"] else ""


def _goals(best: dict[str, Any], students: int) -> list[str]:
    whole, limit = best["scoring"] + best["took"], GOAL_PARTS * best["scoring"] + GOAL_SECONDS
    if students == 20_000:
        return [
            f"scoring to certificate {whole:.2f} s; goal {GOAL_PARTS} x scoring + {GOAL_SECONDS:.0f} s = {limit:.2f} s",
            f"memory {best['memory']:.0f} MB; goal {GOAL_MEGABYTES} MB",
        ]
    if students == 100_000:
        return [f"scoring to certificate {whole:.1f} s CPU (goal 60), {best['memory'] / 1024:.2f} GB (goal 3)"]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description="The matching against simpler ways.")
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(run_one(arguments.one, arguments.folder)))
        return
    lines, bests = [], {}
    for size in arguments.sizes.split(","):
        more, best = measure(size)
        lines += more
        bests[int(size.split("x")[0])] = best["scoring"] + best["took"]
    if {20_000, 100_000} <= bests.keys():
        growth = math.log(bests[100_000] / bests[20_000]) / math.log(5)
        lines.append(f"from 20,000 to 100,000 students time grows as their number to the power {growth:.2f} (goal 1.8)")
    report("matching.py", lines, write=arguments.write)


if __name__ == "__main__":
    main()
