"""A picture of each page of a seeded academy: light and dark, wide and on a phone.

`SCREENSHOTS=docs/screenshots make test ARGS=tests/browser/test_screenshots.py` renews those of the documentation;
without it two of each are taken all the same, and thrown away.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from django.core.management import call_command
from django.db.models import Exists, OuterRef
from django.urls import get_resolver, resolve
from playwright.sync_api import Page, ViewportSize, expect

from coaching.models import Goal, Habit
from core import clock
from mentorship_coordination.actions.handover import request_handover_as_director
from mentorship_coordination.actions.match_runs import request_match_run
from mentorship_coordination.enums import WorkStatus
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tasks.handover import carry_out_handovers
from mentorship_coordination.tests.match_world import director_acting, job_runs
from missions.models import MissionSubmission
from tests.browser.conftest import Visitor
from tests.database import as_system, as_worker
from users.models import Cohort, CohortDirector, User

Scheme = Literal["light", "dark"]
WIDE: Final[ViewportSize] = {"width": 1280, "height": 860}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
KINDS: Final[tuple[tuple[Scheme, ViewportSize], ...]] = (
    ("light", WIDE),
    ("dark", WIDE),
    ("light", PHONE),
    ("dark", PHONE),
)
Visit = Callable[[User | None], Visitor]


class Academy:
    """Who is shown, and where: the mentor with the most work, her students, the director of one of their cohorts."""

    def __init__(self) -> None:
        with as_worker():
            call_command("seed_mentorship", "--mentors", "4", "--mentees-per-mentor", "12", verbosity=0)
            call_command("run_periodic", "--once", verbosity=0)
        with as_system():
            open_items = MentorWorkQueue.objects.filter(status=WorkStatus.PENDING, mentor__isnull=False)
            self.mentor = User.objects.get(pk=open_items.values_list("mentor", flat=True)[0])
            pairs = MenteeMentorAssignment.objects.primary().active().filter(mentor=self.mentor)
            waiting = MissionSubmission.objects.filter(mentor=self.mentor, state="submitted")
            self.submission = waiting.order_by(
                Exists(Habit.objects.filter(student=OuterRef("student"), archived_on__isnull=True)).desc(),
                Exists(Goal.objects.filter(student=OuterRef("student"), state="open")).desc(),
                "id",
            )[0]
            self.student = self.submission.student
            cohort: Cohort = pairs.filter(mentee=self.student)[0].cohort
            self.director = CohortDirector.objects.filter(cohort=cohort)[0].user
            sessions = MentorSession.objects.filter(mentor=self.mentor, status="completed", mentee__isnull=False)
            self.session = sessions.order_by("-starts_at")[0]
            self.held_with = self.session.mentee
            self.flag = MentorFlag.objects.filter(mentor=self.mentor).order_by("-severity", "id")[0]
            absence = {"starts_at": clock.now() + timedelta(days=20), "ends_at": clock.now() + timedelta(days=27)}
            MentorAbsence.objects.create(mentor=self.mentor, reason="Spring break", **absence)
            leaver = MenteeMentorAssignment.objects.primary().active().filter(cohort=cohort).exclude(mentor=self.mentor)
            leaver_id = leaver.values_list("mentor", flat=True)[0]
        with director_acting(self.director):
            self.handover = request_handover_as_director(
                mentor_id=leaver_id, reason="Takes another post in spring.", by=self.director, at=clock.now()
            )
            self.run = request_match_run(cohort_id=None, by=self.director, at=clock.now())
            self.of_cohort = request_match_run(cohort_id=cohort.pk, by=self.director, at=clock.now())
        job_runs()
        with as_worker():
            carry_out_handovers()
        with as_system():
            self.matched = self.run.proposals.filter(mentor__isnull=False).order_by("id")[0].enrolment.student_id

    def pages(self) -> list[tuple[str, User | None, str]]:
        mentor, student, director = self.mentor, self.student, self.director
        run = f"/director/matching/{self.run.pk}"
        return [
            ("sign-in", None, "/sign-in"),
            ("forgot-password", None, "/forgot-password"),
            ("mentor-dashboard", mentor, "/mentor"),
            ("mentor-queue", mentor, "/mentor/queue"),
            ("mentor-review", mentor, f"/mentor/review/{self.submission.pk}"),
            ("mentor-mentees", mentor, "/mentor/mentees"),
            ("mentor-cockpit", mentor, f"/mentor/mentees/{student.pk}"),
            ("mentor-sessions", mentor, "/mentor/sessions"),
            ("mentor-slots", mentor, f"/mentor/mentees/{student.pk}/slots"),
            ("mentor-phrases", mentor, "/mentor/phrases"),
            ("mentor-away", mentor, "/mentor/dates"),
            ("mentor-flag", mentor, f"/mentor/flags/{self.flag.pk}"),
            ("mentor-find", mentor, "/mentor/find?q=a"),
            ("notifications", mentor, "/notifications"),
            ("mentor-session", mentor, f"/mentor/sessions/{self.session.pk}"),
            ("profile", mentor, "/profile"),
            ("student-dashboard", student, "/student"),
            ("student-mission", student, f"/student/missions/{self.submission.mission_id}"),
            ("student-habits", student, "/student/habits"),
            ("student-goals", student, "/student/goals"),
            ("student-sessions", student, "/student/sessions"),
            ("student-session", self.held_with, f"/student/sessions/{self.session.pk}"),
            ("student-away", student, "/student/dates"),
            ("director-overview", director, "/director"),
            ("director-flag", director, f"/director/flags/{self.flag.pk}"),
            ("director-matching", director, "/director/matching"),
            ("director-match-run", director, run),
            ("director-match-mentors", director, f"{run}/mentors"),
            ("director-match-student", director, f"{run}/students/{self.matched}"),
            ("director-what-if", director, f"{run}/what-if"),
            ("director-comparison", director, f"{run}/comparison?other={self.of_cohort.pk}"),
            ("director-forecast", director, "/director/forecast"),
            ("director-work", director, "/director/work"),
            ("director-handovers", director, "/director/handovers"),
            ("director-handover", director, f"/director/handovers/{self.handover.pk}"),
            ("director-leave", director, f"/director/enrolments/{self.submission.enrolment_id}/leave"),
            ("director-report", director, "/director/report"),
            ("director-disputes", director, "/director/disputes"),
        ]


def pages_without_a_picture(academy: Academy) -> set[str]:
    """By the names of their addresses, which for pages end so."""
    shown = {resolve(path.partition("?")[0]).url_name for _, _, path in academy.pages()}
    routes = (name for name in get_resolver().reverse_dict if isinstance(name, str))
    return {name for name in routes if name.endswith("-page")} - shown


def take(page: Page, path: Path) -> bytes:
    """Nothing moves, and nothing is still on its way."""
    page.wait_for_load_state()
    line = page.locator("#line")
    if line.count():
        expect(line).to_have_text(re.compile("live|connecting"))
    return page.screenshot(path=path, animations="disabled", caret="hide")


@pytest.mark.usefixtures("db")
def test_every_page_has_its_picture(visit: Visit, tmp_path: Path) -> None:
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    academy = Academy()
    assert pages_without_a_picture(academy) == set()
    visitors: dict[Any, Visitor] = {}
    for name, person, path in academy.pages():
        key = person and person.pk
        if key not in visitors:
            visitors[key] = visit(person)
        page = visitors[key].go(path)
        if page.locator("#beside").count():
            expect(page.locator("#beside .glance")).to_be_visible()
        for scheme, size in KINDS if "SCREENSHOTS" in os.environ else KINDS[::3]:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            kind = "phone" if size is PHONE else "wide"
            picture = take(page, folder / f"{name}-{kind}-{scheme}.png")
            assert len(picture) > 5_000, f"{name} is empty"
        page.set_viewport_size(WIDE)
    write_index(folder, [name for name, _, _ in academy.pages()])


def write_index(folder: Path, names: list[str]) -> None:
    lines = ["# What it looks like", "", "Of a seeded academy, written by `tests/browser/test_screenshots.py`."]
    for name in names:
        lines += ["", f"## {name.replace('-', ' ').capitalize()}", ""]
        for scheme, size in KINDS:
            kind = "phone" if size is PHONE else "wide"
            width = 180 if size is PHONE else 420
            lines.append(f'<img src="{name}-{kind}-{scheme}.png" alt="{name}, {kind}, {scheme}" width="{width}">')
    (folder / "README.md").write_text("\n".join(lines) + "\n")
