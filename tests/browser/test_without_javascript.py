"""Reading and forms work where no script runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from conftest import Cast
from missions.models import MissionSubmission
from tests.browser.conftest import Visitor
from tests.browser.test_every_page import pages_of, submission_id
from tests.database import as_system

__all__ = ["submission_id"]

Visit = Callable[..., Visitor]


def test_every_page_reads(visit: Visit, cast: Cast, submission_id: Any) -> None:
    visitors: dict[Any, Visitor] = {}
    for person, path in pages_of(cast, submission_id):
        who = person.pk if person else None
        visitor = visitors.get(who) or visitors.setdefault(who, visit(person, java_script_enabled=False))
        page = visitor.go(path)
        expect(page.locator("main h1")).to_be_visible()
        assert len(page.locator("main").inner_text()) > 20, path


def test_a_review_is_sent_and_a_list_is_filtered(visit: Visit, cast: Cast, submission_id: Any) -> None:
    visitor = visit(cast.mentor, java_script_enabled=False)
    page = visitor.open(f"/mentor/review/{submission_id}")
    page.get_by_label("Ask for changes").check()
    page.get_by_label("Score").fill("55")
    page.get_by_label("Feedback to the student").fill("Show the second run, too.")
    with page.expect_navigation():
        page.get_by_role("button", name="Send the review").click()
    with as_system():
        assert MissionSubmission.objects.get(pk=submission_id).state == "changes_requested"
    page.goto(f"{visitor.site}/mentor/queue?type=risk_flag")
    expect(page.locator("main h1")).to_have_text("Your queue")
    expect(page.get_by_label("Kind")).to_have_value("risk_flag")
