"""The best assignment on a few chosen pairs, by minimum-cost flow. Source: architecture.md §9.

Each student sends one unit, through a pair to a mentor and on through one of her places, or straight to the end as
unmatched; the dearer places of a mentor are taken later because their costs rise.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]

from mentorship_coordination.matching.market import NOBODY, UNITS, Ints, Market


class SolverFailed(RuntimeError):
    """The flow solver gave no answer; its status is the message."""


def best_assignment_on(market: Market, positions: Ints) -> Ints:
    """(M,) of mentors or `NOBODY`: the best that uses only the pairs at `positions`. Raises SolverFailed."""
    students, mentors = market.pairs.student_at(positions), market.pairs.mentor[positions]
    count = market.students
    end = count + market.mentors
    owner, cost = market.load_costs
    tails = np.concatenate([students, count + owner, np.arange(count)])
    heads = np.concatenate([count + mentors, np.full(len(owner) + count, end)])
    costs = np.concatenate([-UNITS * market.points_at(positions), cost, np.full(count, UNITS * market.match_points)])
    flow = SimpleMinCostFlow()
    # Every student has her way as unmatched, so supply and demand always meet: asking an unbalanced one crashes.
    flow.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), np.ones(len(tails), np.int64), costs.astype(np.int64)
    )
    supplies = np.concatenate([np.ones(count, np.int64), np.zeros(market.mentors, np.int64), [-count]])
    flow.set_nodes_supplies(np.arange(end + 1, dtype=np.int32), supplies)
    status = flow.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise SolverFailed(str(status))
    used = flow.flows(np.arange(len(students), dtype=np.int32)) > 0
    assignment = np.full(count, NOBODY, np.int64)
    assignment[students[used]] = mentors[used]
    return assignment
