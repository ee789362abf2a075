"""What holds for every page: nothing refused by the CSP, no error in the console, accessible, light, calm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from coaching.actions.goals import answer_goal, complete_goal, create_goal
from coaching.actions.habits import archive_habit, create_habit
from coaching.actions.logs import log_habit
from coaching.enums import LogState
from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.handover import request_handover_as_director
from mentorship_coordination.actions.session_outcomes import complete_session
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.actions.sessions import book_session
from mentorship_coordination.enums import FlagCategory, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.notifications import FeedbackSnippet
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tasks.handover import carry_out_handovers
from mentorship_coordination.tests.match_world import drafted, waits
from missions.actions import review_submission, submit_mission
from missions.models import Mission
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import ReadinessSnapshot, StudentDashboard
from tests import factories
from tests.browser.conftest import Visitor
from tests.database import as_system, as_worker
from users.models import User

Visit = Callable[[User | None], Visitor]
CONTROLS = "main button, main select, main textarea, main input:not([type=hidden])"
OPENED = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
FOUND = {"resultTypes": ["violations"]}
COLOURS = {**FOUND, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
WIDE: Final[ViewportSize] = {"width": 1280, "height": 860}
NARROW: Final[ViewportSize] = {"width": 360, "height": 740}
MOST_BYTES = 100_000
LOADED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(each => !/\\.(svg|png|ico)$/.test(new URL(each.name).pathname))
  .map(each => [each.name, each.encodedBodySize])"""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RUBRIC = [{"criterion": "evidence", "points": 40}, {"criterion": "clarity", "points": 60}]
SEEN = "nodes => nodes.filter(node => node.checkVisibility({opacityProperty: true, visibilityProperty: true})).length"


@pytest.fixture
def submission_id(cast: Cast) -> UUID:
    """A cohort at work: an answered mission, one that waits, a session, a flag, a student without a mentor."""
    at = clock.now()
    with as_system():
        second: Mission = factories.MissionFactory(
            track=cast.cohort.track, competencies=["triage", "reporting"], rubric=RUBRIC
        )
        FeedbackSnippet.objects.create(mentor=cast.mentor, title="Praise", text="Well told.", created_at=at)
        factories.EnrolmentFactory(cohort=cast.cohort, student__name="Waiting Wanda")
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        first = submit_mission(mission_id=cast.mission.pk, by=cast.student, text="Done.", at=at)
        submit_mission(mission_id=second.pk, by=cast.student, text="Seen at 03:12.\nNo more.", at=at - HOUR)
        waiting = submit_mission(
            mission_id=second.pk,
            by=cast.student,
            text="Seen at 04:12.\nAll.",
            links=["https://example.org"],
            at=at,
        )
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        review_submission(
            submission_id=first.pk, by=cast.mentor, decision="approved", score=80, feedback="Good.", at=at
        )
        book_session(
            mentee_id=cast.student.pk,
            title="Weekly talk",
            starts_at=at + timedelta(minutes=30),
            by=cast.mentor,
            at=at,
        )
        raise_flag(
            mentee_id=cast.student.pk,
            reason="Two weeks of silence.",
            severity=Severity.HIGH,
            category=FlagCategory.ENGAGEMENT,
            by=cast.mentor,
            at=at,
        )
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        request_session(title="A question", starts_at=at + 2 * DAY, by=cast.student, at=at)
    practise(cast, at)
    return waiting.pk


def practise(cast: Cast, at: datetime) -> None:
    """Habits with every mark, one put away; goals overdue, answered and closed; a session to rate; all figures."""
    student = cast.student
    with acting_as(Identity(Role.STUDENT, student.pk)):
        daily, weekly, old = (
            create_habit(name=f"Habit {name}", cadence=name.split()[0], by=student, at=at - 5 * DAY)
            for name in ("daily", "weekly", "daily of old")
        )
        for back, state in ((3, LogState.DONE), (2, LogState.SKIPPED), (1, LogState.DONE)):
            log_habit(habit_id=daily.pk, state=state, by=student, at=at - back * DAY)
        log_habit(habit_id=weekly.pk, by=student, at=at)
        archive_habit(habit_id=old.pk, by=student, at=at)
        late, closed = (
            create_goal(title=title, due_date=at.date() - DAY, description="Soon.", by=student, at=at - 5 * DAY)
            for title in ("Finish the lab with everything that belongs to it", "Install it")
        )
        complete_goal(goal_id=closed.pk, by=student, at=at)
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        answer_goal(goal_id=late.pk, text="Halve it.", by=cast.mentor, at=at)
        past = book_session(
            mentee_id=student.pk, title="First talk", starts_at=at - DAY, by=cast.mentor, at=at - 2 * DAY
        )
        complete_session(session_id=past.pk, by=cast.mentor, at=at)
    with as_worker():
        DashboardAggregationService.refresh()
    with as_system():
        for back in range(1, 9):
            ReadinessSnapshot.objects.create(
                student=student, local_date=at.date() - back * DAY, readiness=50 + 3 * back, formula_version=1
            )
        StudentDashboard.objects.filter(student=student).update(risk_since=at, trend_7d=-4)


def pages_of(cast: Cast, submission_id: UUID) -> list[tuple[User | None, str]]:
    waiting_id = waits(cast, "Wanda Waits").student_id
    waits(cast, "Nia Pugh", languages=["cy"])
    run_id = drafted(cast).pk
    with as_system():
        past_id = MentorSession.objects.get(title="First talk").pk
        flag_id = MentorFlag.objects.get().pk
    handover_id = planned_handover(cast)
    return [
        (None, "/sign-in"),
        (None, "/forgot-password"),
        (cast.mentor, "/mentor"),
        (cast.mentor, "/mentor/queue"),
        (cast.mentor, f"/mentor/review/{submission_id}"),
        (cast.mentor, "/mentor/mentees"),
        (cast.mentor, f"/mentor/mentees/{cast.student.pk}"),
        (cast.mentor, "/mentor/sessions"),
        (cast.mentor, f"/mentor/mentees/{cast.student.pk}/slots"),
        (cast.mentor, f"/mentor/sessions/{past_id}"),
        (cast.mentor, "/profile"),
        (cast.mentor, "/mentor/phrases"),
        (cast.mentor, "/mentor/dates"),
        (cast.mentor, "/mentor/find"),
        (cast.mentor, f"/mentor/flags/{flag_id}"),
        (cast.mentor, "/notifications"),
        (cast.student, "/student/dates"),
        (cast.student, "/notifications"),
        (cast.director, f"/director/flags/{flag_id}"),
        (cast.director, "/director/handovers"),
        (cast.director, f"/director/handovers/{handover_id}"),
        (cast.director, f"/director/enrolments/{cast.enrolment.pk}/leave"),
        (cast.student, "/student"),
        (cast.student, "/student/habits"),
        (cast.student, "/student/goals"),
        (cast.student, "/student/sessions"),
        (cast.student, f"/student/sessions/{past_id}"),
        (cast.student, f"/student/missions/{cast.mission.pk}"),
        (cast.director, "/director"),
        (cast.director, "/director/forecast"),
        (cast.director, "/director/work"),
        (cast.director, "/director/report"),
        (cast.director, "/director/disputes"),
        (cast.director, "/director/matching"),
        (cast.director, f"/director/matching/{run_id}"),
        (cast.director, f"/director/matching/{run_id}/mentors"),
        (cast.director, f"/director/matching/{run_id}/students/{waiting_id}"),
        (cast.director, f"/director/matching/{run_id}/what-if"),
        (cast.director, f"/director/matching/{run_id}/comparison?other={run_id}"),
    ]


def planned_handover(cast: Cast) -> UUID:
    at = clock.now()
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        wish = request_handover_as_director(mentor_id=cast.mentor.pk, reason="Leaves.", by=cast.director, at=at)
    with as_worker():
        carry_out_handovers()
    return wish.pk


def found_by_axe(page: Page) -> list[str]:
    """In light everything that axe knows, its best practices included; in dark what it knows of colours."""
    page.emulate_media(color_scheme="light")
    found = list(Axe().run(page, options=FOUND).response["violations"])
    page.emulate_media(color_scheme="dark")
    found += page.evaluate("async options => (await axe.run(options)).violations", COLOURS)
    return [f"{page.url} {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}" for each in found]


def weight_of(page: Page) -> list[tuple[str, int]]:
    """Everything that the page needed but for images: what came over the wire, or would have without the cache."""
    page.wait_for_load_state()
    loaded: list[tuple[str, int]] = page.evaluate(LOADED)
    assert len(loaded) >= 3, f"{page.url} has neither style nor script"
    return loaded


def test_every_page_is_accessible_light_and_narrow_and_breaks_no_csp(
    visit: Visit, cast: Cast, submission_id: UUID
) -> None:
    """Opened once each, for its time: axe in light and dark, its weight, whom it asks, and 360 px."""
    faults: list[str] = []
    visitors: dict[UUID | None, Visitor] = {}
    for person, path in pages_of(cast, submission_id):
        who = person.pk if person else None
        visitor = visitors.get(who) or visitors.setdefault(who, visit(person))
        page = visitor.go(path)
        expect(page.locator("main h1")).to_have_count(1)
        loaded = weight_of(page)
        if sum(size for _, size in loaded) > MOST_BYTES:
            faults.append(f"{path} weighs {sum(size for _, size in loaded)} bytes")
        faults += [f"{path} asks {name}" for name, _ in loaded if not name.startswith(visitor.site)]
        page.evaluate(OPENED)
        faults += found_by_axe(page)
        page.set_viewport_size(NARROW)
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            faults.append(f"{path} scrolls sideways")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
    assert not faults, "\n".join(faults)


def test_the_admin_works_under_the_csp(visit: Visit, cast: Cast) -> None:
    page = visit(cast.admin).open("/admin/")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    page.goto(page.url + "users/user/")
    expect(page.get_by_text(cast.student.name)).to_be_visible()


def test_the_api_documentation_works_under_the_csp_and_offline(visit: Visit, site: str) -> None:
    visitor = visit(None)
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(request.url))
    page = visitor.open("/api/schema/swagger-ui/")
    # Sections are closed at first: so many open ones are drawn only where the reader has scrolled to.
    section = page.get_by_role("heading", name="mentor: work queue")
    expect(section).to_be_visible(timeout=30_000)
    section.click()
    expect(page.get_by_text("/api/v1/mentor/workqueue", exact=True)).to_be_visible(timeout=30_000)
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []


def test_the_dashboard_has_at_most_seven_visible_controls(visit: Visit, cast: Cast, submission_id: UUID) -> None:
    page = visit(cast.mentor).open("/mentor")
    expect(page.locator("main")).to_contain_text("Two weeks of silence.")
    assert page.locator(CONTROLS).evaluate_all(SEEN) + page.locator("main a.button").count() <= 7


def test_a_page_that_does_not_exist_says_so(visit: Visit, cast: Cast) -> None:
    visitor = visit(cast.student)
    page = visitor.open("/student/missions/00000000-0000-0000-0000-000000000000")
    expect(page.get_by_role("heading", name="There is nothing here that you may see.")).to_be_visible()
    visitor.troubles[:] = [text for text in visitor.troubles if "404" not in text]
