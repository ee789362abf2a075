"""Changing a goal …"""

from __future__ import annotations

from typing import Any

import pytest

from coaching.actions.goals import LONGEST_TEXT, LONGEST_TITLE, GoalClosed, change_goal, complete_goal
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
from core.errors import InvalidInput, NotVisible
from core.identifiers import new_id
from users.models import User

TUESDAY = NOON + DAY
KEEP_ITEMS = "mentorship_coordination.keep_goal_items"


@pytest.fixture
def goal(cast: Cast) -> Goal:
    made = goal_of(cast.student, MONDAY + 2 * DAY)
    forget_refreshes()
    return made


def change(student: User, goal: Goal, *, at: Any = TUESDAY, **given: Any) -> Goal:
    with student_acting(student):
        return change_goal(goal_id=goal.pk, by=student, at=at, **given)


def test_changes_what_is_given(cast: Cast, goal: Goal, heard: list[object]) -> None:
    change(cast.student, goal, title=" Pass  it ")
    change(cast.student, goal, description=" With 80. ", at=TUESDAY + DAY)

    kept = goal_now(goal)
    assert (kept.title, kept.description, kept.due_date) == ("Pass it", "With 80.", MONDAY + 2 * DAY)
    assert (kept.updated_at, kept.created_at, kept.revision) == (TUESDAY + DAY, NOON, 3)
    assert refreshes() == [(cast.student.pk, Rank.NORMAL, ["goal_changed"])]
    assert heard == []


def test_to_nothing_new_changes_nothing(cast: Cast, goal: Goal, heard: list[object]) -> None:
    change(cast.student, goal)
    change(cast.student, goal, due_date=goal.due_date)

    assert (goal_now(goal).revision, refreshes(), heard) == (1, [], [])


def test_of_its_day_settles_it(cast: Cast, goal: Goal, heard: list[object], woken: list[str]) -> None:
    change(cast.student, goal, due_date=MONDAY + 9 * DAY)

    assert heard == [GoalSettled(goal_id=goal.pk, student_id=cast.student.pk, at=TUESDAY)]
    assert woken.count(KEEP_ITEMS) == 1
    assert goal_now(goal).due_date == MONDAY + 9 * DAY


def test_of_its_day_once_overdue_takes_the_mark_off(cast: Cast, goal: Goal) -> None:
    end_goals(NOON + 3 * DAY)
    assert goal_now(goal).overdue_since is not None

    change(cast.student, goal, title="Still late", at=NOON + 3 * DAY)
    assert goal_now(goal).overdue_since is not None
    change(cast.student, goal, due_date=MONDAY + 9 * DAY, at=NOON + 3 * DAY)

    assert goal_now(goal).overdue_since is None


def test_leaves_a_day_that_has_passed_alone(cast: Cast, goal: Goal) -> None:
    """It may be said again, as a form does, but not chosen."""
    late = NOON + 5 * DAY
    change(cast.student, goal, title="Pass it", due_date=goal.due_date, at=late)

    with pytest.raises(InvalidInput) as refused:
        change(cast.student, goal, due_date=MONDAY + 4 * DAY, at=late)

    assert (refused.value.code, list(refused.value.fields)) == ("not_a_due_date", ["due_date"])
    assert (goal_now(goal).due_date, goal_now(goal).title) == (MONDAY + 2 * DAY, "Pass it")


def test_takes_her_own_today(cast: Cast, goal: Goal) -> None:
    student = moved_to(cast.student, "Pacific/Niue")
    sunday_there = local("Pacific/Niue", MONDAY + 6 * DAY, 23, 59)

    with pytest.raises(InvalidInput):
        change(student, goal, due_date=MONDAY + 5 * DAY, at=sunday_there)
    change(student, goal, due_date=MONDAY + 6 * DAY, at=sunday_there)

    assert goal_now(goal).due_date == MONDAY + 6 * DAY


def test_refuses_unfit_words(cast: Cast, goal: Goal) -> None:
    for field, value in (
        ("title", " "),
        ("title", "x" * (LONGEST_TITLE + 1)),
        ("description", "x" * (LONGEST_TEXT + 1)),
    ):
        with pytest.raises(InvalidInput) as refused:
            change(cast.student, goal, **{field: value})
        assert list(refused.value.fields) == [field]
    assert goal_now(goal).revision == 1


def test_is_over_once_it_is_closed(cast: Cast, goal: Goal) -> None:
    with student_acting(cast.student):
        complete_goal(goal_id=goal.pk, by=cast.student, at=NOON)

    with pytest.raises(GoalClosed) as refused:
        change(cast.student, goal, title="Other")

    assert (refused.value.code, goal_now(goal).title) == ("goal_closed", "Pass the practice exam")


def test_is_nobody_elses(cast: Cast, goal: Goal) -> None:
    for person in (cast.stranger, cast.mentor, cast.director):
        with pytest.raises(NotVisible):
            change(person, goal, title="Mine")
    with student_acting(cast.student), pytest.raises(NotVisible):
        change_goal(goal_id=new_id(), by=cast.student, at=NOON, title="Nothing")

    assert (goal_now(goal).title, goal_now(goal).revision) == ("Pass the practice exam", 1)


def test_is_undone_when_a_listener_fails(cast: Cast, goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setitem(events._handlers, GoalSettled, [fail])
    with pytest.raises(RuntimeError, match="nobody listens"):
        change(cast.student, goal, due_date=MONDAY + 9 * DAY)

    assert (goal_now(goal).due_date, refreshes()) == (MONDAY + 2 * DAY, [])


def test_waits_for_whoever_closes_it(cast: Cast, goal: Goal) -> None:
    def complete() -> Goal:
        with student_acting(cast.student):
            return complete_goal(goal_id=goal.pk, by=cast.student, at=TUESDAY)

    first, second = queueing_for(goal, complete, lambda: change(cast.student, goal, title="Too late"))

    assert first.result().state == "completed"
    with pytest.raises(GoalClosed):
        second.result()
    assert goal_now(goal).title == "Pass the practice exam"
