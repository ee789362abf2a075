"""A mentor's answer to a goal …"""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from coaching.actions.goals import LONGEST_TEXT, answer_goal, complete_goal
from coaching.events import GoalAnswered
from coaching.models import Goal, GoalFeedback
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    end_goals,
    forget_refreshes,
    goal_of,
    mentor_acting,
    refreshes,
    student_acting,
)
from conftest import Cast
from core import events
from core.enums import Rank
from core.errors import InvalidInput, NotVisible
from core.identifiers import new_id
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from tests import factories
from tests.database import as_system
from users.models import User

LATER = NOON + 4 * DAY


@pytest.fixture
def goal(cast: Cast) -> Goal:
    made = goal_of(cast.student, MONDAY)
    forget_refreshes()
    return made


def answer(mentor: User, goal: Goal, text: str = " Two weeks more are fine. ") -> GoalFeedback:
    with mentor_acting(mentor):
        return answer_goal(goal_id=goal.pk, text=text, by=mentor, at=LATER)


def answers() -> list[str]:
    with as_system():
        return list(GoalFeedback.objects.values_list("text", flat=True))


def test_is_kept(cast: Cast, goal: Goal, heard: list[object]) -> None:
    made = answer(cast.mentor, goal)

    with as_system():
        kept = GoalFeedback.objects.get()
    assert (kept.pk, kept.goal_id, kept.student_id) == (made.pk, goal.pk, cast.student.pk)
    assert (kept.author_id, kept.text, kept.created_at) == (cast.mentor.pk, "Two weeks more are fine.", LATER)
    assert heard == [
        GoalAnswered(
            goal_id=goal.pk,
            student_id=cast.student.pk,
            title="Pass the practice exam",
            feedback_id=kept.pk,
            author_id=cast.mentor.pk,
            at=LATER,
        )
    ]
    assert refreshes() == [(cast.student.pk, Rank.HIGH, ["goal_answered"])]


def test_finishes_the_open_item(cast: Cast, goal: Goal) -> None:
    other = goal_of(cast.student, MONDAY, title="Another")
    end_goals(NOON + DAY)

    answer(cast.mentor, goal)

    with as_system():
        items = {item.reference_id: item for item in MentorWorkQueue.objects.filter(type="goal_feedback")}
    done, left = items[goal.pk], items[other.pk]
    assert (done.status, done.outcome, done.completed_at) == ("completed", "answered", LATER)
    assert left.status == "pending"


def test_is_told_to_the_student(cast: Cast, goal: Goal) -> None:
    answer(cast.mentor, goal)
    answer(cast.mentor, goal, "And take the mock exam.")

    with as_system():
        notices = list(Notification.objects.order_by("id"))
    assert {(notice.recipient_id, notice.kind) for notice in notices} == {(cast.student.pk, "goal")}
    assert [notice.title for notice in notices] == ["Your mentor wrote about your goal: Pass the practice exam"] * 2
    assert all(str(goal.pk) in notice.url for notice in notices)


def test_may_be_about_a_closed_goal(cast: Cast, goal: Goal) -> None:
    with student_acting(cast.student):
        complete_goal(goal_id=goal.pk, by=cast.student, at=NOON)

    answer(cast.mentor, goal, "Well done.")

    assert answers() == ["Well done."]


def test_says_something_and_not_too_much(cast: Cast, goal: Goal) -> None:
    for text in ("", " \n", "x" * (LONGEST_TEXT + 1)):
        with pytest.raises(InvalidInput) as refused:
            answer(cast.mentor, goal, text)
        assert list(refused.value.fields) == ["text"]
    assert answers() == []


def test_is_only_a_present_mentors(cast: Cast, goal: Goal, heard: list[object]) -> None:
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(is_mentor=True)
        factories.AssignmentFactory(mentor=cast.student)
    forget_refreshes()

    for person in (cast.other_mentor, cast.director, cast.stranger, cast.student):
        with pytest.raises(NotVisible):
            answer(person, goal)
    with mentor_acting(cast.mentor), pytest.raises(NotVisible):
        answer_goal(goal_id=new_id(), text="Hm.", by=cast.mentor, at=LATER)
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="completed", ended_at=NOON)
    with pytest.raises(NotVisible):
        answer(cast.mentor, goal)

    assert (answers(), heard, refreshes()) == ([], [], [])


def test_is_never_the_students_own(cast: Cast, goal: Goal) -> None:
    with student_acting(cast.student), pytest.raises(NotVisible):
        answer_goal(goal_id=goal.pk, text="I praise myself.", by=cast.student, at=LATER)
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with student_acting(cast.student), refused, transaction.atomic():
        GoalFeedback.objects.create(
            goal=goal, student=cast.student, author=cast.student, text="I praise myself.", created_at=LATER
        )

    assert answers() == []


def test_is_nobody_elses_word(cast: Cast, goal: Goal) -> None:
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with mentor_acting(cast.mentor), refused, transaction.atomic():
        GoalFeedback.objects.create(
            goal=goal, student=cast.student, author=cast.director, text="Said she.", created_at=LATER
        )

    assert answers() == []


def test_is_undone_when_a_listener_fails(cast: Cast, goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    end_goals(NOON + DAY)
    forget_refreshes()

    def fail(event: object) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setitem(events._handlers, GoalAnswered, [*events._handlers[GoalAnswered], fail])
    with pytest.raises(RuntimeError, match="nobody listens"):
        answer(cast.mentor, goal)

    assert (answers(), refreshes()) == ([], [])
    with as_system():
        assert not Notification.objects.filter(kind="goal").exists()
        assert MentorWorkQueue.objects.get(type="goal_feedback").status == "pending"
