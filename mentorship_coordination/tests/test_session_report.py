"""The report on sessions …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.session_outcomes import cancel_session, complete_session, mark_no_show
from mentorship_coordination.api.session_report import LINE, REPORT_AS_CSV, as_csv
from mentorship_coordination.enums import ParticipantRole
from mentorship_coordination.selectors.session_report import SessionLine, SessionReport
from mentorship_coordination.tests.queue_world import at, mentor_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, booked
from tests import factories
from tests.database import as_system
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]
URL, CSV = "/api/v1/director/session-report", "/api/v1/director/session-report.csv"
DAY = timedelta(days=1)
LATER = NOW + 10 * DAY


def went(cast: Cast, mentor: User, mentee: User) -> None:
    """Two held, one missed by each side, one called off late by the mentor and one in good time."""
    for nth, end in enumerate(("held", "held", "mentee", "mentor", "late", "early")):
        starts_at = NOW + (nth + 1) * DAY
        session = booked(mentor, mentee, starts_at)
        with mentor_acting(mentor):
            wish: dict[str, Any] = {"session_id": session.pk, "by": mentor}
            if end == "held":
                complete_session(**wish, at=starts_at + HOUR)
            elif end in ("mentee", "mentor"):
                mark_no_show(**wish, who=ParticipantRole(end), at=starts_at + HOUR)
            else:
                cancel_session(**wish, at=starts_at - (HOUR if end == "late" else 2 * DAY))


def read(api: Api, who: User, path: str = URL, **query: str) -> Any:
    with at(LATER):
        return api(who).get(path, query)


def test_counts_what_became_of_sessions_by_cohort_and_mentor(cast: Cast, api: Api) -> None:
    went(cast, cast.mentor, cast.student)
    went(cast, cast.other_mentor, cast.other_assignment.mentee)
    report = read(api, cast.director).json()
    [cohort], [mentor] = report["cohorts"], report["mentors"]
    counts = {
        "held": 2,
        "mentee_no_shows": 1,
        "mentor_no_shows": 1,
        "mentee_late_cancellations": 0,
        "mentor_late_cancellations": 1,
        "attendance_rate": 2 / 3,
    }
    assert cohort == {"id": str(cast.cohort.pk), "name": cast.cohort.name} | counts
    assert mentor == {"id": str(cast.mentor.pk), "name": "Tomas Berg"} | counts
    assert report["total"] == {"id": None, "name": "All"} | counts


def test_is_of_the_days_asked_for(cast: Cast, api: Api) -> None:
    went(cast, cast.mentor, cast.student)
    first = (NOW + DAY).date().isoformat()
    assert read(api, cast.director, **{"from": first, "to": first}).json()["total"]["held"] == 1
    empty = read(api, cast.director, **{"from": "2026-01-01", "to": "2026-01-02"}).json()
    assert (empty["total"]["held"], empty["total"]["attendance_rate"], empty["mentors"]) == (0, None, [])


def test_can_be_of_one_mentor_or_one_of_her_cohorts(cast: Cast, api: Api) -> None:
    went(cast, cast.mentor, cast.student)
    with as_system():
        second = factories.CohortDirectorFactory(user=cast.director).cohort
    assert read(api, cast.director, cohort=str(second.pk)).json()["cohorts"] == []
    assert read(api, cast.director, mentor=str(cast.other_mentor.pk)).json()["total"]["held"] == 0
    assert read(api, cast.director, cohort=str(cast.other_enrolment.cohort_id)).status_code == 404
    assert read(api, cast.director, word="x").status_code == 400


def test_comes_as_csv_without_formulas(cast: Cast, api: Api) -> None:
    went(cast, cast.mentor, cast.student)
    answer = read(api, cast.director, CSV)
    assert answer["Content-Disposition"].startswith('attachment; filename="sessions-')
    assert answer.content.decode().splitlines()[1] == "all,All,2,1,1,0,1,0.6666666666666666"
    line = SessionLine(None, "=HYPERLINK(1)", 1)
    assert "'=HYPERLINK(1),1" in as_csv(SessionReport(NOW, LATER, line, [], []))


def test_shows_as_csv_what_it_shows_as_json() -> None:
    of_all, mentor = (SessionLine(None, name, 18, 1, 0, 1, 0) for name in ("All", "Tomas Berg"))
    cohort = SessionLine(None, "Digital forensics, spring", 18, 1, 0, 1, 0)
    told = as_csv(SessionReport(NOW, LATER, of_all, [cohort], [mentor]))
    assert told.splitlines() == REPORT_AS_CSV.splitlines()
    assert {name: getattr(mentor, name) for name in LINE if name != "id"} == {
        name: figure for name, figure in LINE.items() if name != "id"
    }


@pytest.mark.parametrize("path", [URL, CSV])
def test_is_for_directors(cast: Cast, api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 401
    assert api(cast.mentor).get(path).status_code == 403
    assert api(cast.student).get(path).status_code == 403


def test_stands_on_the_page_of_reports(cast: Cast) -> None:
    went(cast, cast.mentor, cast.student)
    with at(LATER):
        page = browser_of(cast.director).get("/director/report").content.decode()
    figures = '<td class="figure">2</td><td class="figure">67 %</td><td class="figure">1</td>'
    assert page.count(f'<th scope="row">Tomas Berg</th>{figures}') == 1
    assert page.count(figures) == 2
