"""A mentor's morning without the mouse: three reviews, a session booked, a flag raised."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from conftest import Cast
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from missions.models import MissionReview
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.test_queue_page import open_reviews
from tests.database import as_system
from users.models import User

Visit = Callable[[User | None], Visitor]
MOST_TABS = 40


def tab_to(page: Page, target: Locator) -> None:
    """By the tabulator alone, as somebody does who cannot point."""
    for _ in range(MOST_TABS):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached within {MOST_TABS} tabs")


def find(page: Page, words: str, name: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    expect(page.locator("#finder .found a").first).to_contain_text(name)
    page.keyboard.press("Enter")


def sign_in(page: Page, person: User) -> None:
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


def judge(page: Page, downs: int, score: str, feedback: str) -> None:
    page.keyboard.press("r")
    page.keyboard.press("Space")
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Score")).to_be_focused()
    page.keyboard.type(score)
    tab_to(page, page.get_by_label("Feedback to the student"))
    page.keyboard.type(feedback)
    page.keyboard.press("Control+Enter")


def test_a_mentor_reviews_three_submissions_books_a_session_and_raises_a_flag(visit: Visit, cast: Cast) -> None:
    open_reviews(cast, 3)
    page = visit(None).open("/sign-in?next=/mentor")
    sign_in(page, cast.mentor)

    find(page, "queue", "Queue")
    expect(page.locator("#rows .row")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for downs, score, feedback in ((0, "90", "Well done."), (1, "55", "Name your sources."), (0, "80", "Good.")):
        expect(page.get_by_role("button", name="Send the review")).to_be_visible()
        expect(page.locator("#lease")).to_contain_text("Yours until")
        judge(page, downs, score, feedback)
        expect(page.locator(".message").first).to_contain_text("Approved" if downs == 0 else "Changes requested")
    expect(page.get_by_text("All clear.")).to_be_visible()
    with as_system():
        found = MissionReview.objects.order_by("created_at").values_list("decision", "score", "feedback")
        assert list(found) == [
            ("approved", 90, "Well done."),
            ("changes_requested", 55, "Name your sources."),
            ("approved", 80, "Good."),
        ]

    find(page, "oka", cast.student.name)
    expect(page.get_by_role("heading", name=cast.student.name, level=1)).to_be_visible()
    page.keyboard.press("t")
    tab_to(page, page.get_by_label("What about"))
    page.keyboard.type("Sources and method")
    tab_to(page, page.locator("input[type=radio]").first)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_contain_text("Booked")
    with as_system():
        assert MentorSession.objects.get().title == "Sources and method"

    find(page, "oka", cast.student.name)
    expect(page.get_by_role("heading", name=cast.student.name, level=1)).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_label("Severity")).to_be_focused()
    page.keyboard.type("High")
    tab_to(page, page.get_by_label("What worries you"))
    page.keyboard.type("Silent for two weeks.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message")).to_contain_text("The flag is raised.")
    with as_system():
        flag = MentorFlag.objects.get()
        assert (flag.get_severity_display(), flag.reason) == ("high", "Silent for two weeks.")


def test_the_mouse_is_not_needed_for_phrases(visit: Visit, cast: Cast) -> None:
    open_reviews(cast, 2)
    page = visit(cast.mentor).open("/mentor/queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#lease")).to_contain_text("Yours until")
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("60")
    tab_to(page, page.get_by_label("Feedback to the student"))
    page.keyboard.type("Name your sources.")
    page.keyboard.press("Tab")
    page.keyboard.type("Sources")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Kept as a phrase: Sources.")).to_be_visible()
    expect(page.locator("#lease")).to_contain_text("Yours until")
    page.locator("body").press("p")
    tab_to(page, page.get_by_role("button", name="Put in: Sources"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Feedback to the student")).to_have_value("Name your sources.")
