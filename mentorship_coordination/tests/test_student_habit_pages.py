"""The student's habits on her pages, without a browser."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from coaching.actions.habits import archive_habit
from coaching.models import Habit, HabitLog
from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.tests.student_pages_world import DAY, habit_of, log, text_of, today_of
from tests.database import as_system
from tests.people import browser_of


@pytest.fixture
def student(cast: Cast) -> Client:
    """Her browser, signed in."""
    return browser_of(cast.student)


def states_of(habit: Habit) -> list[tuple[date, str]]:
    with as_system():
        return list(HabitLog.objects.filter(habit=habit).order_by("local_date").values_list("local_date", "state"))


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
