"""The report on service levels …"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.assignments import pause_assignment, transfer_assignment
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.actions.queue import complete_work_item
from mentorship_coordination.api.sla_report import LINE, REPORT_AS_CSV, SlaLineSerializer, as_csv
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.capacity import CapacityEpisode
from mentorship_coordination.selectors.sla_report import SlaLine, SlaReport
from mentorship_coordination.tests.handover_world import a_mentor
from mentorship_coordination.tests.queue_world import HOUR, at, finishable_item, mentor_acting
from mentorship_coordination.tests.session_world import NOW
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment, User

Api = Callable[[User | None], APIClient]
REPORT = "/api/v1/director/sla-report"
DAY = timedelta(days=1)
NO_BREACH = {"no_mentor": 0, "mentor_away": 0, "over_capacity": 0, "not_reached": 0}


def finished(enrolment: Enrolment, mentor: User, *, hours: float, ended: datetime = NOW - DAY) -> None:
    """An item of 72 hours that took so many, to the end."""
    item_id = finishable_item(enrolment, started_at=ended - hours * HOUR)
    with mentor_acting(mentor):
        complete_work_item(item_id=item_id, outcome="done", by=mentor, at=ended)


def read(api: Api, person: User, **query: Any) -> Any:
    with at(NOW):
        answer = api(person).get(REPORT, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def figures(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["finished"], line["on_time"], line["median_hours"], line["p90_hours"], line["breached"]


def begin_pair(cast: Cast, at: datetime) -> None:
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(started_at=at)


def test_gives_shares_and_percentiles_by_cohort_and_mentor(cast: Cast, api: Api) -> None:
    begin_pair(cast, NOW - 60 * DAY)
    for hours in (10, 20, 72, 90):
        finished(cast.enrolment, cast.mentor, hours=hours)
    with as_system():
        second = factories.AssignmentFactory(enrolment__cohort=cast.cohort, mentor__name="Quinn Quick")
    finished(second.enrolment, second.mentor, hours=1)
    finished(cast.other_enrolment, cast.other_mentor, hours=100)
    told = read(api, cast.director)
    # Of 1, 10, 20, 72 and 90 hours the median is 20, and nine tenths lie at 72 + 0.6 × 18.
    assert figures(told["total"]) == (5, 4, 20.0, 82.8, 1)
    assert told["total"]["on_time_share"] == 0.8
    assert [(each["name"], *figures(each)) for each in told["mentors"]] == [
        ("Tomas Berg", 4, 3, 46.0, 84.6, 1),
        ("Quinn Quick", 1, 1, 1.0, 1.0, 0),
    ]
    assert [(each["id"], *figures(each)) for each in told["cohorts"]] == [(str(cast.cohort.pk), 5, 4, 20.0, 82.8, 1)]


def breached_items(cast: Cast) -> None:
    for enrolment in (cast.enrolment, cast.enrolment):
        finishable_item(enrolment, started_at=NOW - 80 * HOUR)
    with as_worker():
        prioritize_work_queue(at=NOW - HOUR)


@pytest.mark.parametrize("cause", ["no_mentor", "mentor_away", "over_capacity", "not_reached"])
def test_names_what_stood_in_the_way(cast: Cast, api: Api, cause: str) -> None:
    breach = NOW - 8 * HOUR
    begin_pair(cast, breach + HOUR if cause == "no_mentor" else breach - 60 * DAY)
    with as_system():
        if cause == "mentor_away":
            MentorAbsence.objects.create(mentor=cast.mentor, starts_at=breach - HOUR, ends_at=breach + HOUR)
        if cause == "over_capacity":
            CapacityEpisode.objects.create(
                mentor=cast.mentor, kind="mentees", figure=2, limit=1, began_at=breach - HOUR
            )
    breached_items(cast)
    told = read(api, cast.director)
    assert told["total"]["breaches"] == NO_BREACH | {cause: 2}
    assert told["mentors"][0]["breached"] == told["cohorts"][0]["breached"] == 2
    assert told["mentors"][0]["name"] == ("In the pool" if cause == "no_mentor" else "Tomas Berg")
    assert told["total"]["on_time_share"] is None


def test_charges_a_breach_to_whoever_had_the_work_then(cast: Cast, api: Api) -> None:
    """Tomas was away when the time ran out; the student is somebody else's by now."""
    breach = NOW - 8 * HOUR
    begin_pair(cast, breach - 60 * DAY)
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, starts_at=breach - HOUR, ends_at=breach + HOUR)
    breached_items(cast)
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=a_mentor().pk, reason="Away.", by=None, at=NOW - HOUR
        )
    told = read(api, cast.director)
    assert [(each["name"], each["breached"]) for each in told["mentors"]] == [("Tomas Berg", 2)]
    assert told["total"]["breaches"] == NO_BREACH | {"mentor_away": 2}


def test_charges_nobody_with_what_ran_out_while_the_pair_rested(cast: Cast, api: Api) -> None:
    begin_pair(cast, NOW - 60 * DAY)
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=NOW - 20 * HOUR)
    breached_items(cast)
    assert read(api, cast.director)["total"]["breaches"] == NO_BREACH | {"no_mentor": 2}


def test_is_of_the_days_asked_for_in_the_directors_zone(cast: Cast, api: Api) -> None:
    """00:30 on 2 March in Nairobi is 21:30 on 1 March in UTC."""
    with as_system():
        User.objects.filter(pk=cast.director.pk).update(timezone="Africa/Nairobi")
    finished(cast.enrolment, cast.mentor, hours=10, ended=datetime.fromisoformat("2026-03-01T21:30:00Z"))
    finished(cast.enrolment, cast.mentor, hours=30, ended=datetime.fromisoformat("2026-03-01T20:30:00Z"))
    assert read(api, cast.director)["total"]["finished"] == 2
    assert figures(read(api, cast.director, **{"from": "2026-03-02"})["total"])[:3] == (1, 1, 10.0)
    assert figures(read(api, cast.director, to="2026-03-01")["total"])[:3] == (1, 1, 30.0)
    assert read(api, cast.director, **{"from": "2026-03-02"})["since"] == "2026-03-01T21:00:00Z"


def test_can_be_of_one_mentor_or_one_of_her_cohorts(cast: Cast, api: Api) -> None:
    finished(cast.enrolment, cast.mentor, hours=10)
    assert read(api, cast.director, mentor=str(cast.mentor.pk))["total"]["finished"] == 1
    assert read(api, cast.director, mentor=str(cast.other_mentor.pk))["total"]["finished"] == 0
    assert read(api, cast.director, cohort=str(cast.cohort.pk))["total"]["finished"] == 1
    with at(NOW):
        stranger = api(cast.director).get(REPORT, {"cohort": str(cast.other_enrolment.cohort_id)})
    assert stranger.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"from": "soon"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2020-01-01"},
        {"to": "9999-12-31"},
        {"to": "0001-01-01"},
        {"cohort": "x"},
        {"since": "2026-03-01"},
    ],
)
def test_refuses_what_it_cannot_answer(cast: Cast, api: Api, query: dict[str, str]) -> None:
    for url in (REPORT, f"{REPORT}.csv"):
        with at(NOW):
            answer = api(cast.director).get(url, query)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["code"] == "invalid"


def test_comes_as_csv_that_a_spreadsheet_can_trust(cast: Cast, api: Api) -> None:
    finished(cast.enrolment, cast.mentor, hours=10)
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(name='=HYPERLINK("http://evil.example")')
    with at(NOW):
        answer = api(cast.director).get(f"{REPORT}.csv", HTTP_ACCEPT="text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="sla-2026-02-03.csv"'
    header, *lines = csv.reader(io.StringIO(answer.content.decode()))
    assert header[:5] == ["of", "name", "finished", "on_time", "on_time_share"]
    assert [line[:6] for line in lines] == [
        ["all", "All", "1", "1", "1.0", "10.0"],
        ["cohort", cast.cohort.name, "1", "1", "1.0", "10.0"],
        ["mentor", '\'=HYPERLINK("http://evil.example")', "1", "1", "1.0", "10.0"],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_writes_no_formula(name: str) -> None:
    line = SlaLine(None, name)
    told = as_csv(SlaReport(NOW, NOW, SlaLine(None, "All"), [], [line]))
    assert list(csv.reader(io.StringIO(told, newline="")))[2][1] == f"'{name}"


def test_shows_as_csv_what_it_shows_as_json() -> None:
    def line(name: str) -> SlaLine:
        return SlaLine(None, name, 40, 36, 20.5 * 3600, 44.1 * 3600, LINE["breaches"])

    told = as_csv(SlaReport(NOW, NOW, line("All"), [line("Digital forensics, spring")], [line("Tomas Berg")]))
    assert told.splitlines() == REPORT_AS_CSV.splitlines()
    shown = SlaLineSerializer(line("Tomas Berg")).data
    assert {name: shown[name] for name in LINE if name != "id"} == {
        name: figure for name, figure in LINE.items() if name != "id"
    }


def test_is_for_directors(cast: Cast, api: Api) -> None:
    for url in (REPORT, f"{REPORT}.csv"):
        assert api(cast.mentor).get(url).status_code == 403
        assert api(None).get(url).status_code == 401
