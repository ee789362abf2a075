"""What the mentor's pages show of readiness, risk, habits and goals, and how a goal is answered there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coaching.actions.goals import create_goal
from coaching.actions.midnight import notice_overdue_goals
from coaching.enums import LogState
from coaching.models import Goal, GoalFeedback
from conftest import Cast
from core import clock
from core.clock import local_date
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession, SessionRating
from mentorship_coordination.tests.session_world import booked, mentees_of
from mentorship_coordination.web.readiness import parts_of, sparkline_of, trend_words
from mentorship_coordination.web.words import day_words
from student_dashboard.models import ReadinessSnapshot, StudentDashboard
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

DAY = timedelta(days=1)
FIRST = date(2026, 3, 2)
QUERIES = 13
REASONS = [
    {"name": "silence", "points": 20, "evidence": {"days": 21}},
    {"name": "falling_readiness", "points": 12, "evidence": {"trend_7d": -12.0}},
    {"name": "missed_sessions", "points": 10, "evidence": {"sessions": [{}]}},
]
HABIT: dict[str, Any] = {
    "habit_id": "0198c0de-0000-7000-8000-000000000001",
    "name": "Read a report",
    "cadence": "daily",
    "streak": 12,
    "longest_streak": 20,
    "is_at_risk": True,
    "is_logged_now": False,
    "kept": 20,
    "due": 24,
    "recent": [
        {"date": (FIRST + number * DAY).isoformat(), "state": LogState.DONE if number < 6 else None}
        for number in range(7)
    ],
}


@pytest.fixture
def mentor(cast: Cast) -> Client:
    """Her browser, signed in."""
    return browser_of(cast.mentor)


def page_of(cast: Cast) -> str:
    return reverse("mentee-page", args=[cast.student.pk])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def goal_of(person: User, title: str = "Pass the exam", *, due_in: int = 5) -> Goal:
    with acting_as(Identity(Role.STUDENT, person.pk)):
        due = local_date(clock.now(), person.timezone) + due_in * DAY
        return create_goal(title=title, due_date=due, by=person, at=clock.now() - 10 * DAY)


def overdue_goal_of(person: User) -> Goal:
    goal = goal_of(person, due_in=-2)
    with as_worker():
        notice_overdue_goals(at=clock.now())
    return goal


def set_dashboard(student: User, **figures: Any) -> None:
    with as_system():
        StudentDashboard.objects.update_or_create(student=student, defaults=figures)


def feedback() -> list[tuple[str, str]]:
    with as_system():
        return list(GoalFeedback.objects.values_list("goal__title", "text"))


def test_an_overdue_goal_leads_from_the_queue_to_its_form(cast: Cast, mentor: Client) -> None:
    goal = overdue_goal_of(cast.student)
    target = f"{page_of(cast)}#goal-{goal.pk}"
    assert f'href="{target}"' in text_of(mentor.get("/mentor/queue"))
    page = text_of(mentor.get(page_of(cast)))
    assert f'href="{target}"' in page
    assert f'id="goal-{goal.pk}"' in page
    assert f'<details id="answer-{goal.pk}" hx-preserve open>' in page
    assert "2 days overdue" in page


def test_an_item_about_a_goal_offers_no_done(cast: Cast, mentor: Client) -> None:
    overdue_goal_of(cast.student)
    with as_system():
        item = MentorWorkQueue.objects.get()
    finish = reverse("finish-item", args=[item.pk])
    assert finish not in text_of(mentor.get(page_of(cast)))
    assert "Answer the goal to finish this item." in text_of(mentor.post(finish, follow=True))


def test_answering_a_goal_from_the_queue_goes_on_to_what_is_next(cast: Cast, mentor: Client) -> None:
    goal = overdue_goal_of(cast.student)
    sent = mentor.post(reverse("answer-goal", args=[goal.pk]), {"text": "Move the day, then halve it."})
    assert (sent.status_code, sent["Location"]) == (302, "/mentor/queue")
    assert feedback() == [("Pass the exam", "Move the day, then halve it.")]
    with as_system():
        assert MentorWorkQueue.objects.get().status == "completed"


def test_answering_a_goal_that_waited_for_nobody_stays_with_the_mentee(cast: Cast, mentor: Client) -> None:
    goal = goal_of(cast.student)
    sent = mentor.post(reverse("answer-goal", args=[goal.pk]), {"text": "Well chosen."})
    assert sent["Location"] == f"{page_of(cast)}#goal-{goal.pk}"
    assert "Well chosen." in text_of(mentor.get(page_of(cast)))


def test_an_empty_answer_is_refused_beside_its_goal(cast: Cast, mentor: Client) -> None:
    goal = goal_of(cast.student)
    refused = mentor.post(reverse("answer-goal", args=[goal.pk]), {"text": " "})
    assert refused.status_code == 400
    page = text_of(refused)
    assert f'<details id="answer-{goal.pk}" hx-preserve open>' in page
    assert "This field is required." in page
    assert feedback() == []


def test_strangers_answer_no_goal(cast: Cast) -> None:
    url = reverse("answer-goal", args=[goal_of(cast.student).pk])
    statuses = [
        browser_of(person).post(url, {"text": "Hello."}).status_code
        for person in (cast.other_mentor, cast.student, cast.director)
    ]
    assert statuses == [404, 403, 403]
    assert feedback() == []


def test_the_page_shows_the_course_the_parts_and_the_risk(cast: Cast, mentor: Client) -> None:
    part = {"name": "consistency", "weight": 15, "value": 0.8333, "inputs": {"kept": 20, "due": 24}}
    set_dashboard(
        cast.student,
        readiness=Decimal("61.40"),
        trend_7d=Decimal("-12"),
        inputs={"parts": [part]},
        risk_score=42,
        risk_since=clock.now(),
        risk_parts=REASONS,
        sections={"habits": {"habits": [HABIT], "kept": 20, "due": 24}},
    )
    with as_system():
        for back, figure in ((2, 70), (1, 65), (0, 61)):
            day = clock.now().date() - back * DAY
            ReadinessSnapshot.objects.create(student=cast.student, local_date=day, readiness=figure, formula_version=1)
    page = text_of(mentor.get(page_of(cast)))
    for words in (
        "−12 in 7 days",
        "From 70 to 61 since",
        "20 of 24 days or weeks kept in 28 days. Weight 15.",
        "42 of 100",
        "Nothing heard for 21 days.",
        "12 days in a row",
        "at risk: not yet today",
        "Last seven days: Mon done,",
        "Sun nothing",
        "20 of 24 kept in 28 days",
    ):
        assert words in page, words


def test_a_mentee_without_any_data_has_a_page(cast: Cast, mentor: Client) -> None:
    page = text_of(mentor.get(page_of(cast)))
    for words in ("Not enough data", "Not assessed yet.", "No habit is kept up.", "No open goal."):
        assert words in page, words


def test_the_timeline_says_what_happened_to_a_goal(cast: Cast, mentor: Client) -> None:
    goal_of(cast.student)
    assert '<span class="faint">Set a goal:</span> Pass the exam' in text_of(mentor.get(page_of(cast)))


def test_the_list_of_mentees_shows_risk_and_streak(cast: Cast, mentor: Client) -> None:
    set_dashboard(cast.student, risk_score=42, risk_since=clock.now(), sections={"habits": {"current_streak": 12}})
    page = text_of(mentor.get("/mentor/mentees"))
    assert '<span class="due" data-level="late" title="Over the limit">42</span>' in page
    assert '<td class="figure">12</td>' in page


def test_the_dashboard_gives_the_first_two_reasons(cast: Cast, mentor: Client) -> None:
    set_dashboard(cast.student, mentor=cast.mentor, risk_score=42, risk_since=clock.now(), risk_parts=REASONS)
    page = text_of(mentor.get("/mentor"))
    assert "Nothing heard for 21 days. Readiness fell by 12 points in a week." in page
    assert "Missed 1 session" not in page


def test_satisfaction_is_shown_once_it_is_known(cast: Cast, mentor: Client) -> None:
    sessions = [
        booked(cast.mentor, cast.student, clock.now() - number * DAY, at=clock.now() - 8 * DAY) for number in (1, 2, 3)
    ]

    def rate(session: MentorSession, rating: int) -> None:
        with as_system():
            SessionRating.objects.create(session=session, student=cast.student, rating=rating, rated_at=clock.now())

    rate(sessions[0], 4)
    rate(sessions[1], 5)
    assert "satisfaction" not in text_of(mentor.get("/mentor"))
    rate(sessions[2], 5)
    assert "<dt>satisfaction</dt><dd>4.7" in text_of(mentor.get("/mentor"))


@pytest.mark.parametrize("rows", [1, 15])
def test_the_page_asks_the_same_number_of_queries(
    cast: Cast, mentor: Client, rows: int, django_assert_num_queries: Any
) -> None:
    mentees_of(cast.mentor, rows - 1, cohort=cast.cohort)
    for number in range(rows):
        goal = goal_of(cast.student, f"Goal {number}")
        mentor.post(reverse("answer-goal", args=[goal.pk]), {"text": "Go on."})
    mentor.get(page_of(cast))
    with django_assert_num_queries(QUERIES):
        mentor.get(page_of(cast))


def test_a_course_leaves_a_gap_where_there_is_no_figure() -> None:
    figures = [Decimal(50), Decimal(60), None, Decimal(70), Decimal(80)]
    course = sparkline_of([(FIRST + number * DAY, figure) for number, figure in enumerate(figures)])
    assert course is not None
    assert course.lines == ["4.0,52.0 72.0,36.0", "208.0,20.0 276.0,4.0"]
    assert course.end == (276.0, 4.0)
    assert course.words == "From 50 to 80 since 2 March, between 50 and 80."


def test_a_course_of_one_day_is_a_point() -> None:
    course = sparkline_of([(FIRST, Decimal(97))])
    assert course is not None
    assert (course.lines, course.words) == ([], "97 on 2 March, the first day with a figure.")
    assert course.end == (4.0, 11.2)


def test_no_figure_makes_no_course() -> None:
    assert sparkline_of([]) is None
    assert sparkline_of([(FIRST, None)]) is None


@pytest.mark.parametrize(
    ("trend", "words"),
    [(None, ""), ("0.3", "as a week ago"), ("2.6", "+3 in 7 days"), ("-2.6", "−3 in 7 days")],
)
def test_trends_are_words(trend: str | None, words: str) -> None:
    assert trend_words(None if trend is None else Decimal(trend)) == words


@pytest.mark.parametrize(
    ("name", "inputs", "basis"),
    [
        ("missions", {}, "No data yet."),
        ("missions", {"approved_weight": 3, "expected_weight": 4}, "Approved: 3 of the 4 points expected by now."),
        ("missions", {"approved_weight": 1, "expected_weight": 0}, "More is approved than is expected by now."),
        ("quality", {"scores": [], "cohort_mean": 70.0, "shrinkage": 3}, "Nothing is scored yet."),
        ("quality", {"scores": [80], "cohort_mean": None, "shrinkage": 3}, "Mean of 1 score."),
        (
            "quality",
            {"scores": [80, 90], "cohort_mean": 71.2, "shrinkage": 3},
            "Mean of 2 scores, drawn towards the cohort’s 71.",
        ),
        ("consistency", {"kept": 0, "due": 0}, "Nothing was due in the last 28 days."),
        ("goals", {"on_time": 1, "due": 1}, "1 of 1 goal reached in time."),
        ("goals", {"on_time": 0, "due": 0}, "No goal was due yet."),
        ("attendance", {"attended": 0, "missed": 0}, "No session yet."),
    ],
)
def test_parts_say_what_they_rest_on(name: str, inputs: dict[str, Any], basis: str) -> None:
    (part,) = parts_of([{"name": name, "weight": 10, "value": None, "inputs": inputs}])
    assert (part.percent, part.basis) == (None, basis)


@pytest.mark.parametrize(
    ("left", "words"),
    [(-2, "2 days overdue"), (-1, "1 day overdue"), (0, "today"), (1, "tomorrow"), (5, "in 5 days")],
)
def test_due_days_are_words(left: int, words: str) -> None:
    assert day_words(FIRST + left * DAY, FIRST) == words
