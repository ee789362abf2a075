"""What the student's pages show: habits, goals, sessions, figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from coaching.actions.goals import create_goal
from coaching.actions.habits import create_habit
from coaching.models import Goal, Habit
from conftest import Cast
from core import clock
from core.clock import local_date
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.session_world import booked
from student_dashboard.models import StudentDashboard
from tests.database import as_system
from users.models import User

DAY = timedelta(days=1)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def today_of(person: User) -> date:
    return local_date(clock.now(), person.timezone)


def habit_of(person: User, name: str = "Read a report", **changes: Any) -> Habit:
    """Taken up ten days ago."""
    with acting_as(Identity(Role.STUDENT, person.pk)):
        wish = {"cadence": "daily", "at": clock.now() - 10 * DAY, **changes}
        return create_habit(name=name, by=person, **wish)


def goal_of(person: User, title: str = "Pass the exam", *, due_in: int = 5) -> Goal:
    """Set ten days ago: a goal that is overdue was once to come."""
    with acting_as(Identity(Role.STUDENT, person.pk)):
        due = today_of(person) + due_in * DAY
        return create_goal(title=title, due_date=due, by=person, at=clock.now() - 10 * DAY)


def attended(cast: Cast, title: str = "Catch up", *, days_ago: int = 1) -> MentorSession:
    begins = clock.now() - days_ago * DAY
    session = booked(cast.mentor, cast.student, begins, title=title, at=begins - DAY)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        complete_session(session_id=session.pk, by=cast.mentor, at=clock.now())
    return session


def log(browser: Client, habit: Habit, state: str, day: date, page: str = "habits-page") -> HttpResponse:
    fields = {"state": state, "day": day.isoformat(), "page": page}
    return browser.post(reverse("log-habit", args=[habit.pk]), fields)  # type: ignore[return-value]


def goals() -> list[tuple[str, str]]:
    with as_system():
        return list(Goal.objects.values_list("title", "state"))


def set_dashboard(student: User, **figures: Any) -> None:
    with as_system():
        StudentDashboard.objects.update_or_create(student=student, defaults=figures)
