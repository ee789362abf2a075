"""A refresh that crosses the limit of risk while the pair moves …"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import sleep

import pytest
from django.db import connection

from conftest import Cast
from core.actions import action
from core.events import say
from mentorship_coordination.actions.assignments import end_assignment, pause_assignment
from mentorship_coordination.enums import AssignmentState, WorkType
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.tests.coaching_world import items_of
from mentorship_coordination.tests.queue_world import HOUR, MONDAY
from mentorship_coordination.tests.test_risk_assessment import cleared, crossing, told
from student_dashboard.snapshot_rows import lock_dashboards
from tests.database import as_system, as_worker

Move = Callable[[Cast], object]
#: How long the move may run on before the refresh goes on: it waits for the dashboard by then.
A_MOMENT = 0.5


def end(cast: Cast) -> object:
    state = AssignmentState.COMPLETED
    return end_assignment(assignment_id=cast.assignment.pk, state=state, reason="", by=None, at=MONDAY)


def pause(cast: Cast) -> object:
    return pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MONDAY)


def in_another_connection(move: Callable[[], object]) -> None:
    try:
        with as_worker():
            move()
    finally:
        connection.close()


@action
def refresh_while(cast: Cast, pool: ThreadPoolExecutor, move: Move, event: object) -> object:
    """As the drain does it: the dashboard's lock, then what the figures say; meanwhile the pair moves."""
    lock_dashboards([cast.student.pk])
    moving = pool.submit(in_another_connection, partial(move, cast))
    sleep(A_MOMENT)
    assert not moving.done()
    say(event)
    return moving


def raced(cast: Cast, move: Move, event: object) -> None:
    with ThreadPoolExecutor(1) as pool, as_worker():
        refresh_while(cast, pool, move, event).result(timeout=30)  # type: ignore[attr-defined]


@pytest.mark.parametrize("move", [end, pause])
@pytest.mark.parametrize("is_first", [True, False])
def test_leaves_its_item_in_the_pool(cast: Cast, move: Move, is_first: bool) -> None:
    if not is_first:
        with as_system():
            lock_dashboards([cast.student.pk])
    crossed = crossing(cast.enrolment, cast.mentor)
    raced(cast, move, crossed)
    (item,) = items_of(WorkType.RISK_FLAG, crossed.episode_id)
    assert (item.mentor_id, item.status) == (None, "pending")
    with as_system():
        assert [each.invariant.number for each in check_invariants(MONDAY) if each.offending] == []


@pytest.mark.parametrize("move", [end, pause])
def test_calls_its_item_off_without_a_deadlock(cast: Cast, move: Move) -> None:
    crossed = crossing(cast.enrolment, cast.mentor)
    told(crossed)
    with as_system():
        lock_dashboards([cast.student.pk])
    raced(cast, move, cleared(crossed, MONDAY + HOUR))
    (item,) = items_of(WorkType.RISK_FLAG, crossed.episode_id)
    assert item.status == "cancelled"
