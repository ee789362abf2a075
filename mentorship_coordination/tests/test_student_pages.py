"""The student's pages on habits, goals and ratings, without a browser."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from coaching.actions.goals import answer_goal, complete_goal, create_goal
from coaching.actions.habits import archive_habit, create_habit
from coaching.actions.logs import log_habit
from coaching.enums import GoalState
from coaching.models import Goal, Habit, HabitLog
from conftest import Cast
from core import clock
from core.clock import local_date
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.models.sessions import MentorSession, SessionRating
from mentorship_coordination.tests.session_world import booked
from student_dashboard.models import StudentDashboard
from tests import factories
from tests.database import as_system
from tests.people import browser_of
from users.models import User

DAY = timedelta(days=1)
#: Of a page, the look-up of session and person included.
QUERIES = {"/student": 16, "/student/habits": 5, "/student/goals": 6}


@pytest.fixture
def student(cast: Cast) -> Client:
    """Her browser, signed in."""
    return browser_of(cast.student)


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


def states_of(habit: Habit) -> list[tuple[date, str]]:
    with as_system():
        return list(HabitLog.objects.filter(habit=habit).order_by("local_date").values_list("local_date", "state"))


def goals() -> list[tuple[str, str]]:
    with as_system():
        return list(Goal.objects.values_list("title", "state"))


def set_dashboard(student: User, **figures: Any) -> None:
    with as_system():
        StudentDashboard.objects.update_or_create(student=student, defaults=figures)


def test_a_habit_is_logged_skipped_and_taken_back_by_a_click(cast: Cast, student: Client) -> None:
    habit, today = habit_of(cast.student), today_of(cast.student)
    done = log(student, habit, "done", today, page="student-page")
    assert (done.status_code, done["Location"]) == (302, "/student")
    assert log(student, habit, "skipped", today - DAY)["Location"] == "/student/habits"
    assert states_of(habit) == [(today - DAY, "skipped"), (today, "done")]
    assert "1 day in a row" in text_of(student.get("/student"))
    log(student, habit, "taken_back", today)
    assert states_of(habit) == [(today - DAY, "skipped")]


def test_the_last_seven_days_have_a_text_alternative(cast: Cast, student: Client) -> None:
    habit, today = habit_of(cast.student), today_of(cast.student)
    log(student, habit, "done", today)
    log(student, habit, "skipped", today - DAY)
    words = f"{today - 2 * DAY:%a} nothing, {today - DAY:%a} skipped, {today:%a} done"
    assert words in text_of(student.get("/student"))


def test_a_streak_at_risk_says_so(cast: Cast, student: Client) -> None:
    habit, today = habit_of(cast.student), today_of(cast.student)
    log(student, habit, "done", today - DAY)
    assert "at risk: not yet today" in text_of(student.get("/student"))


def test_a_weekly_habit_that_is_done_asks_no_more_this_week(cast: Cast, student: Client) -> None:
    habit, today = habit_of(cast.student, cadence="weekly"), today_of(cast.student)
    log(student, habit, "done", today)
    page = text_of(student.get("/student/habits"))
    assert "done this week" in page
    assert "Done yesterday" not in page
    assert "Take back" in page


@pytest.mark.parametrize("page", ["habits-page", "student-page"])
def test_a_day_that_is_over_is_not_logged(cast: Cast, student: Client, page: str) -> None:
    habit, today = habit_of(cast.student), today_of(cast.student)
    refused = log(student, habit, "done", today - 2 * DAY, page=page)
    assert refused.status_code == 400
    assert "or yesterday." in text_of(refused)
    assert states_of(habit) == []


def test_a_habit_that_was_put_away_is_not_logged(cast: Cast, student: Client) -> None:
    habit = habit_of(cast.student)
    student.post(reverse("put-habit-away", args=[habit.pk]))
    refused = log(student, habit, "done", today_of(cast.student), page="student-page")
    assert refused.status_code == 409
    assert "This habit is put away" in text_of(refused)


@pytest.mark.parametrize("field", [{"state": "dreamt"}, {"day": "someday"}, {"page": "elsewhere"}])
def test_unknown_values_are_a_bad_request(cast: Cast, student: Client, field: dict[str, str]) -> None:
    fields = {"state": "done", "day": today_of(cast.student).isoformat(), "page": "habits-page", **field}
    assert student.post(reverse("log-habit", args=[habit_of(cast.student).pk]), fields).status_code == 400


def test_a_habit_is_taken_up_renamed_put_away_and_taken_up_again(cast: Cast, student: Client) -> None:
    assert student.post("/student/habits", {"name": "Walk", "cadence": "weekly"}).status_code == 302
    with as_system():
        habit = Habit.objects.get()
    student.post(reverse("rename-habit", args=[habit.pk]), {"name": "Walk home"})
    assert "Walk home" in text_of(student.get("/student/habits"))
    student.post(reverse("put-habit-away", args=[habit.pk]))
    assert "Take up again" in text_of(student.get("/student/habits"))
    student.post(reverse("take-habit-up", args=[habit.pk]))
    assert "Take up again" not in text_of(student.get("/student/habits"))


def test_a_second_habit_of_a_name_is_refused_with_the_words(cast: Cast, student: Client) -> None:
    habit_of(cast.student, "Walk")
    other = habit_of(cast.student, "Swim")
    refusals = [
        student.post("/student/habits", {"name": "walk", "cadence": "daily"}),
        student.post(reverse("rename-habit", args=[other.pk]), {"name": "WALK"}),
    ]
    assert [each.status_code for each in refusals] == [409, 409]
    assert all("You have a habit of this name already." in text_of(each) for each in refusals)


def test_a_habit_without_a_name_is_refused(cast: Cast, student: Client) -> None:
    other = habit_of(cast.student)
    assert student.post("/student/habits", {"name": " ", "cadence": "daily"}).status_code == 400
    assert student.post(reverse("rename-habit", args=[other.pk]), {"name": ""}).status_code == 400


def test_a_habit_comes_back_only_where_its_name_is_free(cast: Cast, student: Client) -> None:
    old = habit_of(cast.student, "Walk")
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        archive_habit(habit_id=old.pk, by=cast.student, at=clock.now())
    habit_of(cast.student, "Walk")
    refused = student.post(reverse("take-habit-up", args=[old.pk]))
    assert refused.status_code == 409
    assert "You have a habit of this name already." in text_of(refused)


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
