"""The student's goals on her pages, without a browser."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coaching.actions.goals import answer_goal, complete_goal
from coaching.enums import GoalState
from coaching.models import Goal
from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.tests.student_pages_world import DAY, goal_of, goals, text_of, today_of
from tests.database import as_system
from tests.people import browser_of


@pytest.fixture
def student(cast: Cast) -> Client:
    """Her browser, signed in."""
    return browser_of(cast.student)


def test_a_goal_is_set_changed_and_reached(cast: Cast, student: Client) -> None:
    due = (today_of(cast.student) + 7 * DAY).isoformat()
    assert student.post("/student/goals", {"title": "Pass", "due_date": due, "description": ""}).status_code == 302
    with as_system():
        goal = Goal.objects.get()
    fields = {"title": "Pass well", "due_date": due, "description": "Eighty percent."}
    assert student.post(reverse("change-goal", args=[goal.pk]), fields).status_code == 302
    assert "Eighty percent." in text_of(student.get("/student/goals"))
    assert student.post(reverse("reach-goal", args=[goal.pk])).status_code == 302
    assert goals() == [("Pass well", GoalState.COMPLETED)]


def test_a_goal_is_given_up(cast: Cast, student: Client) -> None:
    student.post(reverse("give-goal-up", args=[goal_of(cast.student).pk]))
    assert goals() == [("Pass the exam", GoalState.ABANDONED)]
    assert "given up on" in text_of(student.get("/student/goals"))


def test_an_overdue_goal_is_changed_without_a_new_day(cast: Cast, student: Client) -> None:
    goal = goal_of(cast.student, due_in=-2)
    assert "2 days overdue" in text_of(student.get("/student"))
    fields = {"title": "Pass at last", "due_date": goal.due_date.isoformat(), "description": ""}
    assert student.post(reverse("change-goal", args=[goal.pk]), fields).status_code == 302
    assert goals() == [("Pass at last", GoalState.OPEN)]


def test_a_due_day_in_the_past_is_refused_with_the_words(cast: Cast, student: Client) -> None:
    goal = goal_of(cast.student)
    fields = {"title": "Pass", "due_date": (today_of(cast.student) - DAY).isoformat(), "description": "Kept."}
    for url in ("/student/goals", reverse("change-goal", args=[goal.pk])):
        refused = student.post(url, fields)
        assert refused.status_code == 400
        assert "Choose a day from today" in text_of(refused)
        assert "Kept." in text_of(refused)
    assert goals() == [("Pass the exam", GoalState.OPEN)]


def test_a_closed_goal_is_not_moved_again(cast: Cast, student: Client) -> None:
    goal = goal_of(cast.student)
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        complete_goal(goal_id=goal.pk, by=cast.student, at=clock.now())
    fields = {"title": "Again", "due_date": today_of(cast.student).isoformat(), "description": ""}
    for name in ("reach-goal", "give-goal-up", "change-goal"):
        refused = student.post(reverse(name, args=[goal.pk]), fields)
        assert refused.status_code == 409
        assert "This goal is closed already." in text_of(refused)


def test_what_the_mentor_wrote_about_a_goal_is_read(cast: Cast, student: Client) -> None:
    goal = goal_of(cast.student)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        answer_goal(goal_id=goal.pk, text="Begin with chapter two.", by=cast.mentor, at=clock.now())
    for page in ("/student", "/student/goals"):
        assert "Begin with chapter two." in text_of(student.get(page))
