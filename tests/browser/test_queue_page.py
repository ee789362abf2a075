"""The open queue under the hands of a mentor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.queue import MentorWorkQueue
from missions.actions import submit_mission
from missions.models import Mission
from tests import factories
from tests.browser.conftest import Visitor
from tests.database import as_system

Visit = Callable[..., Visitor]
#: What moved without somebody's doing, as the browser itself counts it (layout instability).
#: From the next frame on: what was said a moment ago ("live") has been painted by then.
WATCH_SHIFTS = """async () => {
  await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)));
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (!each.hadRecentInput)
      window.shifts.push([each.value, each.sources.map(source => source.node?.className || source.node?.nodeName)]);
  }).observe({ type: 'layout-shift' });
}"""


def open_reviews(cast: Cast, count: int, *, started: timedelta = timedelta()) -> list[Mission]:
    """What the student handed in waits with the mentor; the first mission is due first."""
    with as_system():
        missions: list[Any] = [factories.MissionFactory(track=cast.cohort.track) for _ in range(count)]
    for index, mission in enumerate(missions):
        at = clock.now() - started + timedelta(hours=index)
        with acting_as(Identity(Role.STUDENT, cast.student.pk)):
            submit_mission(mission_id=mission.pk, by=cast.student, text="Done.", at=at)
    return missions


@pytest.fixture
def queue(visit: Visit, cast: Cast) -> Page:
    open_reviews(cast, 3, started=timedelta(hours=10))
    page = visit(cast.mentor).open("/mentor/queue")
    expect(page.locator("#line")).to_have_text("live")
    return page


def links(page: Page) -> list[str]:
    return page.locator("#rows .row .what").all_inner_texts()


def test_moves_with_j_and_k_and_opens_with_enter(queue: Page) -> None:
    first, second = queue.locator("#rows .open").nth(0), queue.locator("#rows .open").nth(1)
    queue.keyboard.press("j")
    expect(first).to_be_focused()
    queue.keyboard.press("j")
    expect(second).to_be_focused()
    queue.keyboard.press("k")
    expect(first).to_be_focused()
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog", name="Keys")).to_be_visible()
    queue.keyboard.press("Escape")
    queue.keyboard.press("/")
    expect(queue.get_by_label("Kind")).to_be_focused()
    expect(first).to_have_attribute("href", re.compile(r"^/mentor/review/"))


def test_the_switch_turns_single_keys_off(queue: Page) -> None:
    queue.get_by_role("button", name="Keys").click()
    queue.get_by_label("Single keys work in this browser").uncheck()
    queue.get_by_role("button", name="Close").click()
    queue.keyboard.press("j")
    expect(queue.locator("#rows .open").first).not_to_be_focused()
    queue.reload()
    queue.keyboard.press("j")
    expect(queue.locator("#rows .open").first).not_to_be_focused()


def test_new_work_waits_behind_a_bar_while_somebody_is_in_the_list(queue: Page, cast: Cast) -> None:
    before = links(queue)
    queue.keyboard.press("j")
    (late,) = open_reviews(cast, 1, started=timedelta(hours=30))

    bar = queue.locator("#arrivals")
    expect(bar).to_have_text("1 new", timeout=15_000)
    expect(queue.locator("#rows .open").first).to_be_focused()
    assert links(queue) == before

    bar.click()
    expect(queue.locator("#rows .row")).to_have_count(4)
    assert links(queue) == [late.title, *before]


def test_new_work_comes_in_by_itself_while_nobody_is_there(queue: Page, cast: Cast) -> None:
    (late,) = open_reviews(cast, 1, started=timedelta(hours=30))
    expect(queue.locator("#rows .what").first).to_have_text(late.title, timeout=15_000)


def test_an_item_is_put_off_by_a_key_and_undone_by_another(queue: Page) -> None:
    before = links(queue)
    queue.keyboard.press("j")
    queue.keyboard.press("s")
    expect(queue.locator("#rows .row")).to_have_count(2)
    expect(queue.locator("#rows .open").first).to_be_focused()
    expect(queue.locator("#undo")).to_contain_text("Put off until")
    queue.keyboard.press("z")
    expect(queue.locator("#rows .row")).to_have_count(3)
    assert links(queue) == before
    expect(queue.locator("#undo")).to_be_hidden()
    with as_system():
        assert not MentorWorkQueue.objects.filter(snoozed_until__isnull=False).exists()


def test_what_was_done_is_sent_when_the_page_is_left(queue: Page) -> None:
    queue.keyboard.press("j")
    queue.keyboard.press("s")
    expect(queue.locator("#rows .row")).to_have_count(2)
    queue.goto(queue.url.replace("/mentor/queue", "/mentor/sessions"))
    for _ in range(50):
        with as_system():
            if MentorWorkQueue.objects.filter(snoozed_until__isnull=False).exists():
                break
        queue.wait_for_timeout(100)
    queue.go_back()
    expect(queue.locator("#rows .row")).to_have_count(2)
    expect(queue.get_by_role("link", name="1 put off")).to_be_visible()


def test_an_item_that_the_server_refuses_comes_back_with_the_reason(visit: Visit, cast: Cast) -> None:
    open_reviews(cast, 1)
    with as_system():
        MentorWorkQueue.objects.update(type="risk_flag")
    visitor = visit(cast.mentor)
    page = visitor.open("/mentor/queue")
    with as_system():
        other = cast.other_mentor
        later = clock.now() + timedelta(minutes=20)
        MentorWorkQueue.objects.update(status="in_progress", claimed_by=other, lease_until=later)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator("#undo")).to_contain_text("Done")
    expect(page.locator("#undo")).to_contain_text("Somebody else works on this item.", timeout=15_000)
    expect(page.locator("#rows .row")).to_have_count(1)
    visitor.troubles[:] = [text for text in visitor.troubles if "409" not in text]


def test_the_mentee_of_the_chosen_row_shows_beside_the_list(queue: Page, cast: Cast) -> None:
    beside = queue.locator("#beside")
    expect(beside.get_by_role("article", name=cast.student.name)).to_be_visible()
    with as_system():
        enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__name="Anna Other")
        factories.AssignmentFactory(enrolment=enrolment, mentor=cast.mentor)
    with acting_as(Identity(Role.STUDENT, enrolment.student.pk)):
        submit_mission(mission_id=cast.mission.pk, by=enrolment.student, text="Done.", at=clock.now())
    expect(queue.locator("#rows .row")).to_have_count(4, timeout=15_000)
    for _ in range(4):
        queue.keyboard.press("j")
    expect(beside.get_by_role("article", name="Anna Other")).to_be_visible()


def test_nothing_moves_under_somebody_at_work_in_the_list(queue: Page, cast: Cast) -> None:
    queue.keyboard.press("j")
    queue.evaluate(WATCH_SHIFTS)
    open_reviews(cast, 1, started=timedelta(hours=30))
    expect(queue.locator("#arrivals")).to_have_text("1 new", timeout=15_000)
    queue.wait_for_timeout(300)
    assert queue.evaluate("window.shifts") == []


def test_nothing_moves_on_the_dashboard_when_work_comes_in(visit: Visit, cast: Cast) -> None:
    page = visit(cast.mentor).open("/mentor")
    expect(page.locator("#line")).to_have_text("live")
    page.evaluate(WATCH_SHIFTS)
    (mission,) = open_reviews(cast, 1)
    expect(page.locator("main")).to_contain_text(mission.title, timeout=15_000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") == []


def test_filters_live_in_the_address(queue: Page) -> None:
    queue.get_by_label("Kind").select_option("risk_flag")
    expect(queue).to_have_url(re.compile("type=risk_flag"))
    expect(queue.get_by_text("Nothing fits these filters.")).to_be_visible()
    queue.reload()
    expect(queue.get_by_label("Kind")).to_have_value("risk_flag")
    expect(queue.get_by_text("Nothing fits these filters.")).to_be_visible()


def test_two_tabs_share_one_stream(visit: Visit, cast: Cast) -> None:
    visitor = visit(cast.mentor)
    opened: list[str] = []
    visitor.context.on("request", lambda request: opened.append(request.url) if "/stream" in request.url else None)
    pages = [visitor.open("/mentor/queue") for _ in range(2)]
    for page in pages:
        expect(page.locator("#line")).to_have_text("live")
    assert len(opened) == 1
    (mission,) = open_reviews(cast, 1)
    for page in pages:
        page.bring_to_front()
        expect(page.get_by_text(mission.title, exact=True)).to_be_visible(timeout=15_000)


def test_the_line_says_when_somebody_signed_out_elsewhere(visit: Visit, cast: Cast) -> None:
    visitor = visit(cast.mentor)
    page = visitor.open("/mentor/queue")
    expect(page.locator("#line")).to_have_text("live")
    other = visitor.open("/mentor/mentees")
    other.get_by_role("button", name="Sign out").click()
    expect(page.locator("#line")).to_have_text("signed out", timeout=30_000)
    # Whoever signs in again in the other tab reads the stream there, though this one stays open.
    other.goto(f"{visitor.site}/mentor/queue")
    other.locator("[name=email]").fill(cast.mentor.email)
    other.locator("[name=password]").fill(factories.PASSWORD)
    other.locator("main form button").click()
    expect(other.locator("#line")).to_have_text("live")
    visitor.troubles[:] = [text for text in visitor.troubles if "401" not in text]


def test_on_a_touch_screen_work_is_put_off_without_hovering(visit: Visit, cast: Cast) -> None:
    open_reviews(cast, 2)
    visitor = visit(cast.mentor, has_touch=True, is_mobile=True)
    page = visitor.open("/mentor/queue")
    page.set_viewport_size({"width": 360, "height": 740})
    rows = page.locator("#rows .row")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button", name="Later").tap()
    expect(rows).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_whose_session_ended_is_led_to_the_sign_in_instead_of_believing_it_done(queue: Page) -> None:
    """Signed out meanwhile is an answer of 200 that leads elsewhere: nothing was done."""
    queue.context.clear_cookies(name=re.compile("session"))
    queue.keyboard.press("j")
    queue.keyboard.press("s")
    expect(queue.locator("#rows .row")).to_have_count(2)
    queue.keyboard.press("s")
    queue.wait_for_url("**/sign-in**")
    with as_system():
        assert not MentorWorkQueue.objects.filter(snoozed_until__isnull=False).exists()
