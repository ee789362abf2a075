"""The "goals" section of a dashboard …"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from coaching.actions.goals import abandon_goal, answer_goal, change_goal, complete_goal
from coaching.models import Goal
from coaching.providers import goal_sections
from coaching.standing import goals_value, overdue_points
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    SECOND,
    goal_of,
    local,
    mentor_acting,
    moved_to,
    student_acting,
)
from conftest import Cast
from student_dashboard.sections import Section
from tests import factories
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import User

QUERIES = 1


def section_of(student: User, at: datetime) -> Section:
    with as_system():
        return goal_sections([student.pk], at)[student.pk]


def close(act: Any, student: User, goal: Goal, at: datetime) -> None:
    with student_acting(student):
        act(goal_id=goal.pk, by=student, at=at)


def test_knows_nothing_of_an_enrolment_that_is_over(cast: Cast) -> None:
    goal_of(cast.student, MONDAY, title="Of another term")
    with as_system():
        cast.enrolment.state, cast.enrolment.ended_at = EnrolmentState.COMPLETED, NOON
        cast.enrolment.save(update_fields=["state", "ended_at"])
        factories.EnrolmentFactory(student=cast.student)
    goal_of(cast.student, MONDAY + 9 * DAY, title="Of this one")
    section = section_of(cast.student, NOON + 2 * DAY)
    content: Any = section.content
    assert [goal["title"] for goal in content["goals"]] == ["Of this one"]
    assert (content["overdue_count"], section.inputs) == (0, {"goals": {"due": 0, "on_time": 0}})


def test_shows_open_goals_by_their_day_then_closed_ones(cast: Cast) -> None:
    late = goal_of(cast.student, MONDAY, title="Late")
    later = goal_of(cast.student, MONDAY + 9 * DAY, title="Later")
    reached = goal_of(cast.student, MONDAY + DAY, title="Reached")
    close(complete_goal, cast.student, reached, NOON + DAY)
    for hour, text in enumerate(("First.", "Second.")):
        with mentor_acting(cast.mentor):
            answer_goal(goal_id=late.pk, text=text, by=cast.mentor, at=NOON + hour * DAY / 24)

    section = section_of(cast.student, NOON + 2 * DAY)

    assert section.content == {
        "goals": [
            {
                "goal_id": str(late.pk),
                "title": "Late",
                "due_date": "2026-02-02",
                "state": "open",
                "is_overdue": True,
                "closed_date": None,
                "feedback_count": 2,
                "latest_feedback": "Second.",
            },
            {
                "goal_id": str(later.pk),
                "title": "Later",
                "due_date": "2026-02-11",
                "state": "open",
                "is_overdue": False,
                "closed_date": None,
                "feedback_count": 0,
                "latest_feedback": None,
            },
            {
                "goal_id": str(reached.pk),
                "title": "Reached",
                "due_date": "2026-02-03",
                "state": "completed",
                "is_overdue": False,
                "closed_date": "2026-02-03",
                "feedback_count": 0,
                "latest_feedback": None,
            },
        ],
        "open_count": 2,
        "overdue_count": 1,
        "due": 2,
        "on_time": 1,
    }
    assert section.inputs == {"goals": {"due": 2, "on_time": 1}}
    assert section.evidence == {
        "goals_overdue": {"goals": [{"goal_id": str(late.pk), "title": "Late", "due_date": "2026-02-02"}]}
    }
    assert section.active_at == NOON + DAY


def test_is_empty_without_goals(cast: Cast) -> None:
    section = section_of(cast.student, NOON)

    assert section.content == {"goals": [], "open_count": 0, "overdue_count": 0, "due": 0, "on_time": 0}
    assert goals_value(section.inputs["goals"]) is None
    assert overdue_points(section.evidence["goals_overdue"]) == 0
    assert section.active_at is None


def test_has_no_value_while_nothing_was_due(cast: Cast) -> None:
    """An open goal says nothing before its day, and one given up in time never does."""
    goal_of(cast.student, MONDAY + 9 * DAY)
    close(abandon_goal, cast.student, goal_of(cast.student, MONDAY), NOON)

    assert goals_value(section_of(cast.student, NOON).inputs["goals"]) is None


def test_counts_goals_in_time_of_those_that_were_due(cast: Cast) -> None:
    """In time; late; given up late; overdue. Given up in time does not count."""
    first, second, third, _, fifth = (goal_of(cast.student, MONDAY, title=str(number)) for number in range(5))
    close(complete_goal, cast.student, first, NOON)
    close(complete_goal, cast.student, second, NOON + DAY)
    close(abandon_goal, cast.student, third, NOON + DAY)
    close(abandon_goal, cast.student, fifth, NOON)

    section = section_of(cast.student, NOON + DAY)

    assert section.inputs["goals"] == {"due": 4, "on_time": 1}
    assert goals_value(section.inputs["goals"]) == 0.25
    assert overdue_points(section.evidence["goals_overdue"]) == 4


def test_is_of_her_own_day(cast: Cast) -> None:
    goal_of(cast.student, MONDAY)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        student, midnight = moved_to(cast.student, zone), local(zone, MONDAY + DAY, 0)

        found = [(section_of(student, at).content or {})["overdue_count"] for at in (midnight - SECOND, midnight)]

        assert found == [0, 1]


def test_gives_no_more_than_twelve_points(cast: Cast) -> None:
    for number in range(4):
        goal_of(cast.student, MONDAY, title=str(number))

    evidence = section_of(cast.student, NOON + DAY).evidence["goals_overdue"]

    assert (len(evidence["goals"]), overdue_points(evidence)) == (4, 12)


def test_gives_no_points_once_a_goal_is_moved_or_closed(cast: Cast) -> None:
    moved, closed = goal_of(cast.student, MONDAY, title="Moved"), goal_of(cast.student, MONDAY, title="Closed")
    at = NOON + DAY
    assert overdue_points(section_of(cast.student, at).evidence["goals_overdue"]) == 8

    with student_acting(cast.student):
        change_goal(goal_id=moved.pk, due_date=MONDAY + DAY, by=cast.student, at=at)
    close(abandon_goal, cast.student, closed, at)

    assert section_of(cast.student, at).evidence == {"goals_overdue": {"goals": []}}


def test_names_the_three_that_were_closed_last(cast: Cast) -> None:
    for day in range(5):
        close(complete_goal, cast.student, goal_of(cast.student, MONDAY + 9 * DAY, title=str(day)), NOON + day * DAY)

    content = section_of(cast.student, NOON + 5 * DAY).content or {}

    assert [goal["title"] for goal in content["goals"]] == ["4", "3", "2"]
    assert (content["due"], content["on_time"]) == (5, 5)


def test_keeps_students_apart(cast: Cast) -> None:
    goal_of(cast.student, MONDAY)
    with as_system():
        sections = goal_sections([cast.student.pk, cast.stranger.pk], NOON + DAY)

    assert (sections[cast.stranger.pk].content or {})["goals"] == []
    assert (sections[cast.student.pk].content or {})["overdue_count"] == 1


def test_is_plain_json(cast: Cast) -> None:
    goal_of(cast.student, MONDAY)
    close(complete_goal, cast.student, goal_of(cast.student, MONDAY), NOON)

    section = section_of(cast.student, NOON + DAY)

    for part in (section.content, section.inputs, section.evidence):
        assert json.loads(json.dumps(part)) == part


@pytest.mark.parametrize("count", [1, 20])
def test_takes_the_same_queries_for_one_student_and_twenty(
    cast: Cast, django_assert_num_queries: Any, count: int
) -> None:
    with as_system():
        others = factories.EnrolmentFactory.create_batch(count - 1, cohort=cast.cohort)
    students = [cast.student, *(enrolment.student for enrolment in others)]
    for student in students:
        goal_of(student, MONDAY)

    with as_system(), django_assert_num_queries(QUERIES):
        sections = goal_sections([student.pk for student in students], NOON)

    assert [(sections[student.pk].content or {})["open_count"] for student in students] == [1] * count
