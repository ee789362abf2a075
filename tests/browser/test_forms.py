"""Forms that do more with a script than without: files on their way, the editor of weekly hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from conftest import Cast
from core import clock
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.tests.queue_world import student_acting
from missions.models import SubmissionFile
from tests.browser.conftest import Visitor
from tests.database import as_system
from users.models import User

Visit = Callable[[User | None], Visitor]
FILE = {"name": "capture.pcap", "mimeType": "application/octet-stream", "buffer": b"x" * 2_000_000}


def throttle(page: Page, bytes_a_second: int) -> None:
    """-1 is as fast as it goes."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    wish = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    line.send("Network.emulateNetworkConditions", wish)


def files() -> list[tuple[str, int]]:
    with as_system():
        return list(SubmissionFile.objects.values_list("name", "size"))


def test_a_file_shows_how_far_it_has_got_can_be_stopped_and_is_handed_in(visit: Visit, cast: Cast) -> None:
    page = visit(cast.student).open(f"/student/missions/{cast.mission.pk}")
    page.get_by_label("Your answer").fill("Kept words.")
    page.get_by_label("Files").set_input_files(FILE)  # type: ignore[arg-type]
    throttle(page, 200_000)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d\.\d of 1\.9 MB"))).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    throttle(page, -1)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text(re.compile(r"Version \d is handed in\."))).to_be_visible(timeout=15_000)
    expect(page.get_by_role("link", name="capture.pcap").first).to_be_visible()
    expect(page.get_by_text("Kept words.").first).to_be_visible()
    # Stopped or not, nothing arrives in pieces.
    assert set(files()) == {("capture.pcap", 2_000_000)}


def test_a_refused_hand_in_with_a_file_says_why(visit: Visit, cast: Cast) -> None:
    visitor = visit(cast.student)
    page = visitor.open(f"/student/missions/{cast.mission.pk}")
    page.get_by_label("Links").fill("no link")
    page.get_by_label("Files").set_input_files(FILE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".errorlist")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Links")).to_have_value("no link")
    visitor.troubles[:] = [text for text in visitor.troubles if "400" not in text]


def test_hours_are_added_copied_and_kept(visit: Visit, cast: Cast) -> None:
    page = visit(cast.mentor).open("/profile")
    monday, friday = page.get_by_role("group", name="Monday"), page.get_by_role("group", name="Friday")
    monday.get_by_role("button", name="Monday: another span").click()
    monday.get_by_label("Monday, from").nth(1).fill("20:00")
    monday.get_by_label("Monday, until").nth(1).fill("22:30")
    monday.get_by_role("button", name="Monday: the same hours until Friday").click()
    expect(friday.get_by_label("Friday, from").nth(1)).to_have_value("20:00")
    page.locator("section[aria-labelledby=about]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    with as_system():
        hours = User.objects.get(pk=cast.mentor.pk).mentor_availability
    assert hours == {day: [["09:00", "17:00"], ["20:00", "22:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def asks(cast: Cast, title: str) -> None:
    at = clock.now()
    start = (at + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    with student_acting(cast.student):
        request_session(title=title, starts_at=start, by=cast.student, at=at)


def test_what_somebody_writes_and_where_she_is_outlives_what_comes_in(visit: Visit, cast: Cast) -> None:
    asks(cast, "First wish")
    page = visit(cast.mentor).open("/mentor/sessions")
    expect(page.locator("#line")).to_have_text("live")
    why = page.get_by_label("Why not: First wish, Mina Okafor")
    why.press_sequentially("On leave")
    asks(cast, "Second wish")
    page.wait_for_timeout(1500)
    expect(why).to_have_value("On leave")
    second = page.get_by_role("link", name="Second wish", exact=True)
    expect(second).to_have_count(0)
    why.fill("")
    expect(second).to_be_visible()
    decline = page.get_by_role("button", name="Decline: Second wish, Mina Okafor")
    decline.focus()
    asks(cast, "Third wish")
    expect(page.get_by_role("link", name="Third wish", exact=True)).to_be_visible()
    expect(decline).to_be_focused()
