"""The student's pages, without a browser: ratings, readiness, help, and whose they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from coaching.actions.goals import answer_goal
from coaching.actions.logs import log_habit
from coaching.enums import GoalState
from coaching.models import Habit, HabitLog
from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.sessions import SessionRating
from mentorship_coordination.tests.session_world import booked
from mentorship_coordination.tests.student_pages_world import (
    DAY,
    attended,
    goal_of,
    goals,
    habit_of,
    set_dashboard,
    text_of,
    today_of,
)
from tests import factories
from tests.database import as_system
from tests.people import browser_of

#: Of a page, the look-up of session and person included.
QUERIES = {"/student": 16, "/student/habits": 5, "/student/goals": 6}


@pytest.fixture
def student(cast: Cast) -> Client:
    """Her browser, signed in."""
    return browser_of(cast.student)


def test_the_last_session_that_was_attended_is_rated_once(cast: Cast, student: Client) -> None:
    attended(cast, "The first", days_ago=3)
    last = attended(cast, "The second")
    url = reverse("rate-session", args=[last.pk])
    page = text_of(student.get("/student"))
    assert url in page
    assert "The second" in page
    assert student.post(url, {"rating": "5", "comment": "Clear."}).status_code == 302
    with as_system():
        row = SessionRating.objects.get(session=last, student=cast.student)
        assert (row.rating, row.comment) == (5, "Clear.")
    page = text_of(student.get("/student"))
    assert url not in page
    assert "The first" in page


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"attended": 2, "missed": 1, "late_cancellations": 1}, "So far: 2 of 3 sessions attended, 1 called off late."),
        ({"attended": 1, "missed": 0, "late_cancellations": 0}, "So far: 1 of 1 session attended."),
        ({"attended": 0, "missed": 0, "late_cancellations": 2}, "So far: 2 called off late."),
        ({"attended": 1, "missed": 1}, "So far: 1 of 2 sessions attended."),
        ({"attended": 0, "missed": 0, "late_cancellations": 0}, None),
    ],
)
def test_attendance_is_told_in_words(cast: Cast, student: Client, figures: dict[str, int], words: str | None) -> None:
    set_dashboard(cast.student, sections={"sessions": figures})
    page = text_of(student.get("/student"))
    assert words in page if words else "So far:" not in page


def test_a_rating_without_a_number_is_sent_back_with_its_words(cast: Cast, student: Client) -> None:
    refused = student.post(reverse("rate-session", args=[attended(cast).pk]), {"comment": "Kept."})
    assert refused.status_code == 400
    assert "Kept." in text_of(refused)


def test_a_session_that_was_not_held_is_not_rated(cast: Cast, student: Client) -> None:
    session = booked(cast.mentor, cast.student, clock.now() + DAY, at=clock.now())
    assert "How was your last session?" not in text_of(student.get("/student"))
    refused = student.post(reverse("rate-session", args=[session.pk]), {"rating": "5"})
    assert refused.status_code == 409
    assert "You can rate a session once it has taken place" in text_of(refused)


def test_readiness_is_shown_with_its_trend_and_its_parts(cast: Cast, student: Client) -> None:
    part = {"name": "attendance", "weight": 15, "value": 0.75, "inputs": {"attended": 3, "missed": 1}}
    set_dashboard(cast.student, readiness=Decimal("71.6"), trend_7d=Decimal("-3.2"), inputs={"parts": [part]})
    page = text_of(student.get("/student"))
    assert "−3 in 7 days" in page
    assert "3 of 4 sessions attended. Weight 15." in page


def test_the_next_mission_comes_with_its_reason(cast: Cast, student: Client) -> None:
    following = {"mission_id": str(cast.mission.pk), "number": 3, "title": "Triage", "reason": "begun"}
    set_dashboard(cast.student, sections={"missions": {"next_recommended": following}})
    page = text_of(student.get("/student"))
    assert "3. Triage" in page
    assert "You have begun this one." in page


@pytest.mark.parametrize("cause", [{"is_watched": True}, {"risk_since": clock.now(), "risk_score": 60}])
def test_help_is_offered_and_never_why(cast: Cast, student: Client, cause: dict[str, Any]) -> None:
    set_dashboard(cast.student, is_watched=False)
    assert "A hand, if you want one" not in text_of(student.get("/student"))
    reasons = [{"name": "silence", "points": 60, "evidence": {"days": 60}}]
    set_dashboard(cast.student, **cause, risk_parts=reasons)
    page = text_of(student.get("/student"))
    assert "A hand, if you want one" in page
    assert f"mailto:{cast.mentor.email}" in page
    main = page.split("<main", 1)[1].lower()
    assert not [word for word in ("flag", "risk", "worr", "concern", "silen", "watch") if word in main]


def test_strangers_find_nothing_and_nothing_changes(cast: Cast) -> None:
    habit, goal, session = habit_of(cast.student), goal_of(cast.student), attended(cast)
    stranger, today = browser_of(cast.stranger), today_of(cast.student).isoformat()
    fields = {
        "log-habit": (habit.pk, {"state": "done", "day": today, "page": "habits-page"}),
        "rename-habit": (habit.pk, {"name": "Mine"}),
        "put-habit-away": (habit.pk, {}),
        "take-habit-up": (habit.pk, {}),
        "change-goal": (goal.pk, {"title": "Mine", "due_date": today}),
        "reach-goal": (goal.pk, {}),
        "give-goal-up": (goal.pk, {}),
        "rate-session": (session.pk, {"rating": "1"}),
    }
    seen = {name: stranger.post(reverse(name, args=[pk]), sent).status_code for name, (pk, sent) in fields.items()}
    assert seen == dict.fromkeys(fields, 404)
    with as_system():
        assert Habit.objects.values_list("name", "archived_on").get() == ("Read a report", None)
        assert not HabitLog.objects.exists()
        assert not SessionRating.objects.exists()
    assert goals() == [("Pass the exam", GoalState.OPEN)]


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_the_pages_and_forms_are_the_students_alone(cast: Cast, role: str) -> None:
    habit, goal, session = habit_of(cast.student), goal_of(cast.student), attended(cast)
    other = browser_of(getattr(cast, role))
    assert [other.get(url).status_code for url in QUERIES] == [403] * len(QUERIES)
    targets: dict[str, UUID] = {
        **dict.fromkeys(("log-habit", "rename-habit", "put-habit-away", "take-habit-up"), habit.pk),
        **dict.fromkeys(("change-goal", "reach-goal", "give-goal-up"), goal.pk),
        "rate-session": session.pk,
    }
    for name, pk in targets.items():
        assert other.post(reverse(name, args=[pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 15])
def test_the_pages_ask_the_same_number_of_queries(
    cast: Cast, student: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        habit = habit_of(cast.student, f"Habit {number}")
        goal = goal_of(cast.student, f"Goal {number}", due_in=number - 3)
        with acting_as(Identity(Role.STUDENT, cast.student.pk)):
            log_habit(habit_id=habit.pk, by=cast.student, at=clock.now())
        with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
            answer_goal(goal_id=goal.pk, text="Go on.", by=cast.mentor, at=clock.now())
    with as_system():
        factories.MissionFactory.create_batch(rows, track=cast.cohort.track)
    for url, queries in QUERIES.items():
        assert student.get(url).status_code == 200
        with django_assert_num_queries(queries):
            student.get(url)
