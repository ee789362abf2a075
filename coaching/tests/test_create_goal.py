"""Setting a goal …"""

from __future__ import annotations

from datetime import timedelta

import pytest

from coaching.actions.goals import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_OPEN_GOALS,
    NoActiveEnrolment,
    TooManyGoals,
    abandon_goal,
    create_goal,
)
from coaching.models import Goal
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    forget_refreshes,
    goal_now,
    goal_of,
    local,
    moved_to,
    refreshes,
    student_acting,
)
from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment


def count() -> int:
    with as_system():
        return Goal.objects.count()


def test_belongs_to_the_active_enrolment(cast: Cast) -> None:
    with student_acting(cast.student):
        made = create_goal(
            title="  Pass the \n practice exam ",
            description=" With 80 points.\n",
            due_date=MONDAY + 14 * DAY,
            by=cast.student,
            at=NOON,
        )

    kept = goal_now(made)
    assert (kept.student_id, kept.enrolment_id, kept.cohort_id) == (cast.student.pk, cast.enrolment.pk, cast.cohort.pk)
    assert (kept.title, kept.description) == ("Pass the practice exam", "With 80 points.")
    assert (kept.due_date, kept.state, kept.closed_at, kept.overdue_since) == (MONDAY + 14 * DAY, "open", None, None)
    assert (kept.created_at, kept.updated_at, kept.revision) == (NOON, NOON, 1)


def test_asks_for_her_refresh_and_says_nothing(cast: Cast, heard: list[object]) -> None:
    goal_of(cast.student, MONDAY)

    assert (refreshes(), heard) == ([(cast.student.pk, Rank.NORMAL, ["goal_set"])], [])


def test_takes_her_own_today_at_the_earliest(cast: Cast) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        student, at = moved_to(cast.student, zone), local(zone, MONDAY, 0)
        for day in (MONDAY - DAY, MONDAY + timedelta(days=732)):
            with pytest.raises(InvalidInput) as refused:
                goal_of(student, day, at=at)
            assert (refused.value.code, list(refused.value.fields)) == ("not_a_due_date", ["due_date"])
        assert goal_of(student, MONDAY, at=at).due_date == MONDAY
        assert goal_of(student, MONDAY + timedelta(days=731), at=at).state == "open"

    assert count() == 4


def test_needs_a_title_and_not_too_many_words(cast: Cast) -> None:
    with student_acting(cast.student):
        for field, value in (
            ("title", ""),
            ("title", " \n "),
            ("title", "x" * (LONGEST_TITLE + 1)),
            ("description", "x" * (LONGEST_TEXT + 1)),
        ):
            given = {"title": "Pass", "description": "", field: value}
            with pytest.raises(InvalidInput) as refused:
                create_goal(**given, due_date=MONDAY, by=cast.student, at=NOON)
            assert list(refused.value.fields) == [field]

    assert count() == 0


def test_needs_an_active_enrolment(cast: Cast) -> None:
    for state, ended_at in ((EnrolmentState.PAUSED, None), (EnrolmentState.WITHDRAWN, NOON)):
        with as_system():
            Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=state, ended_at=ended_at)
        with pytest.raises(NoActiveEnrolment) as refused:
            goal_of(cast.student, MONDAY)
        assert refused.value.code == "no_active_enrolment"

    assert count() == 0


def test_ends_at_fifty_that_are_open(cast: Cast) -> None:
    goals = [goal_of(cast.student, MONDAY, title="First")]
    with as_system():
        goals += Goal.objects.bulk_create(
            Goal(
                student=cast.student,
                enrolment=cast.enrolment,
                cohort=cast.cohort,
                title=f"Goal {number}",
                due_date=MONDAY,
                created_at=NOON,
                updated_at=NOON,
            )
            for number in range(1, MOST_OPEN_GOALS)
        )

    with pytest.raises(TooManyGoals) as refused:
        goal_of(cast.student, MONDAY)
    assert (refused.value.code, count()) == ("too_many_goals", 50)
    with student_acting(cast.student):
        abandon_goal(goal_id=goals[0].pk, by=cast.student, at=NOON)
    assert goal_of(cast.student, MONDAY).state == "open"


def test_is_undone_when_the_refresh_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise RuntimeError("no queue")

    forget_refreshes()
    monkeypatch.setattr(DashboardAggregationService, "queue_update", fail)
    with pytest.raises(RuntimeError, match="no queue"):
        goal_of(cast.student, MONDAY)

    assert count() == 0
