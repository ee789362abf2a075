"""A student's habits and goals in the browser: under her hands, and between her and her mentor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from coaching.actions.goals import create_goal
from coaching.actions.habits import archive_habit, create_habit
from coaching.actions.logs import log_habit
from coaching.actions.midnight import notice_overdue_goals
from coaching.models import Habit
from conftest import Cast
from core import clock
from core.clock import local_date
from core.tenancy.identity import Identity, Role, acting_as
from tests.browser.conftest import Visitor
from tests.database import as_worker
from users.models import User

Visit = Callable[[User | None], Visitor]
PATIENCE = 15_000
DAY = timedelta(days=1)


@pytest.fixture
def habit(cast: Cast) -> Habit:
    """Done on each of the three days before today."""
    at = clock.now()
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        habit = create_habit(name="Read a report", cadence="daily", by=cast.student, at=at - 4 * DAY)
        for back in (3, 2, 1):
            log_habit(habit_id=habit.pk, by=cast.student, at=at - back * DAY)
    return habit


def overdue_goal(cast: Cast) -> None:
    at = clock.now()
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        due = local_date(at, cast.student.timezone) - DAY
        create_goal(title="Finish the lab", due_date=due, by=cast.student, at=at - 9 * DAY)
    with as_worker():
        notice_overdue_goals(at=at)


def mark(page: Page) -> None:
    """The page is recognised as long as it is not loaded anew."""
    page.evaluate("document.documentElement.dataset.same = 'yes'")


def expect_same(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-same", "yes")


@pytest.mark.usefixtures("habit")
@pytest.mark.parametrize("path", ["/student", "/student/habits"])
def test_a_habit_is_logged_by_keyboard_and_its_streak_goes_up_in_place(visit: Visit, cast: Cast, path: str) -> None:
    page = visit(cast.student).open(path)
    habits = page.locator("#habits")
    expect(habits).to_contain_text("3 days in a row")
    expect(habits).to_contain_text("at risk: not yet today")
    mark(page)

    button = page.get_by_role("button", name="Done today: Read a report")
    button.focus()
    page.keyboard.press("Enter")
    expect(habits).to_contain_text("4 days in a row")
    expect(habits).not_to_contain_text("at risk")
    undo = page.get_by_role("button", name="Take back: Read a report, done today, 4 days in a row")
    expect(undo).to_be_focused()

    page.keyboard.press("Enter")
    expect(habits).to_contain_text("3 days in a row")
    expect(button).to_be_focused()
    expect_same(page)


def test_a_refusal_of_a_click_is_said_in_place(visit: Visit, cast: Cast, habit: Habit) -> None:
    visitor = visit(cast.student)
    page = visitor.open("/student")
    mark(page)
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        archive_habit(habit_id=habit.pk, by=cast.student, at=clock.now())
    page.get_by_role("button", name="Done today").click()
    expect(page.get_by_role("alert")).to_contain_text("This habit is put away")
    expect_same(page)
    # The browser notes the refusal's status in its console; nothing else may stand there.
    visitor.troubles[:] = [text for text in visitor.troubles if "409" not in text]


@pytest.mark.usefixtures("background", "habit")
def test_what_is_typed_and_opened_survives_a_refresh(visit: Visit, cast: Cast) -> None:
    page = visit(cast.student).open("/student/habits")
    expect(page.locator("#line")).to_have_text("live")
    page.get_by_text("Rename or put away").click()
    page.get_by_label("Name", exact=True).fill("Read two reports")
    page.get_by_role("button", name="Done today").click()
    expect(page.locator("#habits")).to_contain_text("4 days in a row")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Read two reports")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#habits")).to_contain_text("Read two reports")


@pytest.mark.usefixtures("background")
def test_an_overdue_goal_is_answered_from_the_queue_and_the_student_reads_it(visit: Visit, cast: Cast) -> None:
    overdue_goal(cast)
    student = visit(cast.student).open("/student")
    expect(student.locator("#line")).to_have_text("live")
    expect(student.get_by_role("region", name="Goals")).to_contain_text("1 day overdue")
    parts = student.get_by_text("How it is counted")
    expect(parts).to_be_visible(timeout=PATIENCE)
    parts.click()
    mark(student)

    mentor = visit(cast.mentor).open("/mentor/queue")
    mentor.keyboard.press("j")
    mentor.keyboard.press("Enter")
    answer = mentor.get_by_label("What you say about it")
    expect(answer).to_be_in_viewport()
    answer.fill("Halve it, and set a new day.")
    mentor.get_by_role("button", name="Send the feedback").click()
    expect(mentor.get_by_text("Sent: what you wrote about “Finish the lab”.")).to_be_visible()
    expect(mentor.get_by_text("All clear.")).to_be_visible()

    expect(student.get_by_text("Halve it, and set a new day.")).to_be_visible(timeout=PATIENCE)
    expect(student.get_by_role("row", name="Goals")).to_be_visible()
    expect_same(student)
