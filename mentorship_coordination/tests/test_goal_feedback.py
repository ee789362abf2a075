"""The work item of an overdue goal …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from coaching.actions.goals import abandon_goal, change_goal, complete_goal
from coaching.models import Goal, MissedDeadline
from conftest import Cast
from core.enums import Audience, Rank
from mentorship_coordination.actions.assignments import pause_assignment
from mentorship_coordination.enums import NotificationKind, WorkStatus, WorkType
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.coaching_world import (
    a_goal,
    answered,
    goal_items_kept,
    goals_noticed,
    items_of,
    nothing_waits,
)
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, heard, seen, student_acting
from mentorship_coordination.tests.session_world import at_once, notifications_of, refreshes_of
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

#: The day after the due date begins in New York, five hours after midnight in UTC.
DUE = date(2026, 1, 6)
MIDNIGHT = datetime(2026, 1, 7, 5, 0, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)
SETTLED = "The goal is closed, or its due date was moved."


def goal_items() -> list[MentorWorkQueue]:
    return items_of(WorkType.GOAL_FEEDBACK)


def statuses() -> list[str]:
    return [str(item.status) for item in goal_items()]


@pytest.fixture
def student(cast: Cast) -> User:
    """The student, who lives in New York."""
    with as_system():
        cast.student.timezone = "America/New_York"
        cast.student.save(update_fields=["timezone"])
    return cast.student


def overdue(student: User, count: int) -> list[Goal]:
    """Goals that are noticed in the order of their due dates, one a day; the last one at MIDNIGHT."""
    days = [DUE - timedelta(days=back) for back in reversed(range(count))]
    goals = [a_goal(student, due=day, at=MONDAY - timedelta(days=9), title=f"Goal {day:%d}") for day in days]
    for back in reversed(range(count)):
        assert goals_noticed(MIDNIGHT - timedelta(days=back)) == 1
    return goals


def test_is_opened_at_the_local_midnight_for_three_days(cast: Cast, student: User) -> None:
    goal = a_goal(student, due=DUE, at=MONDAY)
    assert goals_noticed(MIDNIGHT - A_MICROSECOND) == 0
    assert goal_items() == []
    assert goals_noticed(MIDNIGHT) == 1
    (item,) = goal_items()
    assert (item.title, item.description) == (
        "Goal: Pass the practice exam",
        "It was due on 06 January 2026 and is still open.",
    )
    assert (item.reference_id, item.cycle, item.status) == (goal.pk, 1, WorkStatus.PENDING)
    assert (item.mentor_id, item.mentee_id, item.enrolment_id) == (cast.mentor.pk, student.pk, cast.enrolment.pk)
    assert (item.base_rank, item.rank, item.budget_seconds) == (Rank.NORMAL, Rank.NORMAL, 72 * 3600)
    assert (item.clock_started_at, item.due_at) == (MIDNIGHT, MIDNIGHT + 72 * HOUR)
    assert heard(cast.mentor) == [{"event": "work_queue", "kind": "opened", "id": str(item.pk)}]


def test_has_its_clock_from_midnight_however_late_the_sweep(student: User) -> None:
    a_goal(student, due=DUE, at=MONDAY)
    goals_noticed(MIDNIGHT + 7 * HOUR)
    (item,) = goal_items()
    assert (item.clock_started_at, item.created_at) == (MIDNIGHT, MIDNIGHT + 7 * HOUR)
    assert item.due_at == MIDNIGHT + 72 * HOUR


def test_is_opened_once(cast: Cast, student: User) -> None:
    overdue(student, 1)
    before, said = goal_items(), heard(cast.mentor)
    assert [goals_noticed(MIDNIGHT + HOUR), goal_items_kept(MIDNIGHT + HOUR)] == [0, 0]
    assert [(item.pk, item.revision) for item in goal_items()] == [(before[0].pk, 1)]
    assert heard(cast.mentor) == said


def test_waits_in_the_pool_without_a_mentor(cast: Cast) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort)
    a_goal(waiting.student, due=DUE, at=MONDAY)
    assert goals_noticed(MIDNIGHT) == 1
    (item,) = goal_items()
    assert (item.mentor_id, item.enrolment_id) == (None, waiting.pk)
    assert heard(cast.director, Audience.DIRECTOR) == [{"event": "work_queue", "kind": "opened", "id": str(item.pk)}]
    assert heard(cast.mentor) == []


def test_is_one_of_three_at_most_of_a_mentee(cast: Cast, student: User) -> None:
    overdue(student, 4)
    a_goal(cast.stranger, due=DUE, at=MONDAY)
    goals_noticed(MIDNIGHT)
    assert [item.title for item in goal_items() if item.mentee_id == student.pk] == [
        "Goal: Goal 03",
        "Goal: Goal 04",
        "Goal: Goal 05",
    ]
    assert len([item for item in goal_items() if item.mentee_id == cast.stranger.pk]) == 1
    assert goal_items_kept(MIDNIGHT + HOUR) == 0
    assert len(goal_items()) == 4


def test_of_a_fourth_goal_is_opened_when_one_closes_with_its_clock_from_then(cast: Cast, student: User) -> None:
    first, *_, fourth = overdue(student, 4)
    answered(cast.mentor, first, at=MIDNIGHT + HOUR)
    later = MIDNIGHT + 9 * HOUR
    assert [goal_items_kept(later), goal_items_kept(later + HOUR)] == [1, 0]
    (item,) = items_of(WorkType.GOAL_FEEDBACK, fourth.pk)
    assert (item.cycle, item.clock_started_at, item.due_at) == (1, later, later + 72 * HOUR)
    assert item.description == "It was due on 06 January 2026 and is still open."
    assert statuses() == ["completed", "pending", "pending", "pending"]


def test_of_a_fourth_goal_is_not_opened_once_it_is_answered(cast: Cast, student: User) -> None:
    first, *_, fourth = overdue(student, 4)
    answered(cast.mentor, fourth, at=MIDNIGHT + HOUR)
    with student_acting(student):
        completed(first, student, MIDNIGHT + 2 * HOUR)
    assert [goal_items_kept(MIDNIGHT + 3 * HOUR), goal_items_kept(MIDNIGHT + 3 * HOUR)] == [1, 0]
    assert items_of(WorkType.GOAL_FEEDBACK, fourth.pk) == []


def completed(goal: Goal, student: User, at: datetime) -> None:
    complete_goal(goal_id=goal.pk, by=student, at=at)


def abandoned(goal: Goal, student: User, at: datetime) -> None:
    abandon_goal(goal_id=goal.pk, by=student, at=at)


def moved(goal: Goal, student: User, at: datetime) -> None:
    change_goal(goal_id=goal.pk, due_date=DUE + timedelta(days=7), by=student, at=at)


@pytest.mark.parametrize("settle", [completed, abandoned, moved])
def test_is_called_off_with_a_reason_once_the_goal_is_settled(
    cast: Cast, student: User, settle: Callable[[Goal, User, datetime], None]
) -> None:
    (goal,) = overdue(student, 1)
    with student_acting(student):
        settle(goal, student, MIDNIGHT + HOUR)
    assert statuses() == ["pending"]
    assert [goal_items_kept(MIDNIGHT + 2 * HOUR), goal_items_kept(MIDNIGHT + 3 * HOUR)] == [1, 0]
    (item,) = goal_items()
    assert (item.status, item.closed_reason, item.completed_by_id) == (WorkStatus.CANCELLED, SETTLED, None)
    assert (item.completed_at, item.breached_at, item.revision) == (MIDNIGHT + 2 * HOUR, None, 2)
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "cancelled"]


def test_makes_room_for_another_in_the_run_that_calls_it_off(student: User) -> None:
    first, *_ = overdue(student, 4)
    with student_acting(student):
        completed(first, student, MIDNIGHT + HOUR)
    assert [goal_items_kept(MIDNIGHT + 2 * HOUR), goal_items_kept(MIDNIGHT + 2 * HOUR)] == [2, 0]
    assert statuses() == ["cancelled", "pending", "pending", "pending"]


def test_is_completed_by_the_mentors_answer_of_which_the_student_hears_once(cast: Cast, student: User) -> None:
    goal = a_goal(student, due=DUE, at=MONDAY)
    goals_noticed(MIDNIGHT)
    nothing_waits()
    at = MIDNIGHT + 100 * HOUR
    feedback = answered(cast.mentor, goal, at=at)
    (item,) = goal_items()
    assert (item.status, item.outcome, item.completed_by_id) == (WorkStatus.COMPLETED, "answered", cast.mentor.pk)
    assert (item.completed_at, item.breached_at) == (at, MIDNIGHT + 72 * HOUR)
    assert refreshes_of(student) == [(Rank.HIGH, ["goal_answered"])]
    (told,) = notifications_of(student)
    assert (told.kind, told.title) == (
        NotificationKind.GOAL,
        "Your mentor wrote about your goal: Pass the practice exam",
    )
    assert (told.url, told.dedupe_key) == (f"/student/goals#goal-{goal.pk}", f"goal:{feedback.pk}")
    assert [goals_noticed(at + HOUR), goal_items_kept(at + HOUR)] == [0, 0]
    assert statuses() == ["completed"]


def test_is_left_finished_by_a_second_answer(cast: Cast, student: User) -> None:
    (goal,) = overdue(student, 1)
    answered(cast.mentor, goal, at=MIDNIGHT + HOUR)
    answered(cast.mentor, goal, at=MIDNIGHT + 2 * HOUR, text="One thing more.")
    (item,) = goal_items()
    assert (item.completed_at, item.revision) == (MIDNIGHT + HOUR, 2)
    assert len(notifications_of(student)) == 2


def test_of_another_missed_due_date_is_the_next_cycle(cast: Cast, student: User) -> None:
    (goal,) = overdue(student, 1)
    with student_acting(student):
        moved(goal, student, MIDNIGHT + HOUR)
    goal_items_kept(MIDNIGHT + 2 * HOUR)
    week_later = MIDNIGHT + timedelta(days=7)
    assert goals_noticed(week_later) == 1
    first, second = goal_items()
    assert (first.cycle, first.status) == (1, WorkStatus.CANCELLED)
    assert (second.cycle, second.status, second.reference_id) == (2, WorkStatus.PENDING, goal.pk)
    assert (second.clock_started_at, second.description) == (
        week_later,
        "It was due on 13 January 2026 and is still open.",
    )
    with as_system():
        assert list(MissedDeadline.objects.order_by("number").values_list("number", "due_date")) == [
            (1, DUE),
            (2, DUE + timedelta(days=7)),
        ]


def test_is_opened_once_by_two_sweeps_at_once(student: User) -> None:
    a_goal(student, due=DUE, at=MONDAY)
    assert sorted(at_once([partial(goals_noticed, MIDNIGHT)] * 2)) == [0, 1]  # type: ignore[type-var]
    assert len(goal_items()) == 1


def test_is_one_of_three_where_four_sweeps_notice_four_goals_at_once(student: User) -> None:
    for number in range(4):
        a_goal(student, due=DUE, at=MONDAY, title=f"Goal {number}")
    assert at_once([partial(goals_noticed, MIDNIGHT, 1)] * 4) == [1, 1, 1, 1]
    assert statuses() == ["pending"] * 3


def test_takes_the_one_free_place_once_where_two_sweeps_keep_at_once(cast: Cast, student: User) -> None:
    first, *_ = overdue(student, 5)
    answered(cast.mentor, first, at=MIDNIGHT + HOUR)
    assert sorted(at_once([partial(goal_items_kept, MIDNIGHT + 2 * HOUR)] * 2)) == [0, 1]  # type: ignore[type-var]
    assert sorted(statuses()) == ["completed", "pending", "pending", "pending"]


def test_is_called_off_once_by_two_sweeps_at_once(cast: Cast, student: User) -> None:
    (goal,) = overdue(student, 1)
    with student_acting(student):
        completed(goal, student, MIDNIGHT + HOUR)
    assert sorted(at_once([partial(goal_items_kept, MIDNIGHT + 2 * HOUR)] * 2)) == [0, 1]  # type: ignore[type-var]
    (item,) = goal_items()
    assert seen(item.pk).revision == 2
    assert [news["kind"] for news in heard(cast.mentor)] == ["opened", "cancelled"]


def test_is_finished_by_the_sweep_when_the_mentor_of_a_resting_pair_answers(cast: Cast, student: User) -> None:
    (goal,) = overdue(student, 1)
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=MIDNIGHT + HOUR)
    answered(cast.mentor, goal, at=MIDNIGHT + 2 * HOUR)
    assert statuses() == ["pending"], "the pool is out of her sight"
    assert goal_items_kept(MIDNIGHT + 3 * HOUR) == 1
    (item,) = goal_items()
    assert (item.status, item.outcome, item.completed_by_id) == (WorkStatus.COMPLETED, "answered", cast.mentor.pk)
    assert goal_items_kept(MIDNIGHT + 3 * HOUR) == 0
