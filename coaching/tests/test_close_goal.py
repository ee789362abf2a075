"""A goal is reached or given up …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from coaching.actions.goals import GoalClosed, abandon_goal, complete_goal
from coaching.counting import count_goals
from coaching.events import GoalSettled
from coaching.models import Goal
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    end_goals,
    forget_refreshes,
    goal_now,
    goal_of,
    local,
    moved_to,
    queueing_for,
    refreshes,
    student_acting,
)
from conftest import Cast
from core import events
from core.enums import Rank
from core.errors import NotVisible
from core.identifiers import new_id
from tests.database import as_system
from users.models import User

KEEP_ITEMS = "mentorship_coordination.keep_goal_items"
CLOSINGS = [(complete_goal, "completed"), (abandon_goal, "abandoned")]
Closing = Callable[..., Goal]


@pytest.fixture
def goal(cast: Cast) -> Goal:
    made = goal_of(cast.student, MONDAY + 2 * DAY)
    forget_refreshes()
    return made


def close(act: Closing, student: User, goal: Goal, at: datetime = NOON) -> Goal:
    with student_acting(student):
        return act(goal_id=goal.pk, by=student, at=at)


@pytest.mark.parametrize(("act", "state"), CLOSINGS)
def test_with_its_time_and_day(
    cast: Cast, goal: Goal, heard: list[object], woken: list[str], act: Closing, state: str
) -> None:
    at = NOON + DAY
    close(act, cast.student, goal, at)

    kept = goal_now(goal)
    assert (kept.state, kept.closed_at, kept.closed_date) == (state, at, MONDAY + DAY)
    assert (kept.updated_at, kept.revision) == (at, 2)
    assert heard == [GoalSettled(goal_id=goal.pk, student_id=cast.student.pk, at=at)]
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, [f"goal_{state}"])]
    assert woken.count(KEEP_ITEMS) == 1


def test_in_time_until_her_own_midnight(cast: Cast) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        student = moved_to(cast.student, zone)
        early, late = (goal_of(student, MONDAY, at=local(zone, MONDAY), title=title) for title in ("Early", "Late"))

        close(complete_goal, student, early, local(zone, MONDAY, 23, 30))
        close(complete_goal, student, late, local(zone, MONDAY + DAY, 0, 30))

        with as_system():
            found = {goal.id: goal for goal in count_goals([student.pk], local(zone, MONDAY + DAY))[student.pk]}
        assert (found[str(early.pk)].closed_date, found[str(early.pk)].is_on_time) == (MONDAY, True)
        assert (found[str(late.pk)].closed_date, found[str(late.pk)].is_on_time) == (MONDAY + DAY, False)


def test_late_is_no_longer_overdue(cast: Cast, goal: Goal) -> None:
    end_goals(NOON + 3 * DAY)

    close(complete_goal, cast.student, goal, NOON + 3 * DAY)

    assert (goal_now(goal).state, goal_now(goal).overdue_since) == ("completed", None)


def test_once(cast: Cast) -> None:
    for act, state in CLOSINGS:
        goal = goal_of(cast.student, MONDAY)
        close(act, cast.student, goal)

        for again, _ in CLOSINGS:
            with pytest.raises(GoalClosed) as refused:
                close(again, cast.student, goal, NOON + DAY)
            assert refused.value.code == "goal_closed"

        assert (goal_now(goal).state, goal_now(goal).closed_at, goal_now(goal).revision) == (state, NOON, 2)


def test_by_nobody_else(cast: Cast, goal: Goal) -> None:
    for act, _ in CLOSINGS:
        for person in (cast.stranger, cast.mentor, cast.director):
            with pytest.raises(NotVisible):
                close(act, person, goal)
        with student_acting(cast.student), pytest.raises(NotVisible):
            act(goal_id=new_id(), by=cast.student, at=NOON)

    assert goal_now(goal).state == "open"


def test_or_stays_open_when_a_listener_fails(cast: Cast, goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setitem(events._handlers, GoalSettled, [fail])
    with pytest.raises(RuntimeError, match="nobody listens"):
        close(complete_goal, cast.student, goal)

    assert (goal_now(goal).state, refreshes()) == ("open", [])


def test_by_the_first_of_two_tabs(cast: Cast, goal: Goal) -> None:
    first, second = queueing_for(
        goal, lambda: close(abandon_goal, cast.student, goal), lambda: close(complete_goal, cast.student, goal)
    )

    assert first.result().state == "abandoned"
    with pytest.raises(GoalClosed):
        second.result()
    assert goal_now(goal).state == "abandoned"
