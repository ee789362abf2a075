"""Figures that a new day or a new formula has made stale are asked for, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from core import clock, events
from core.enums import Rank
from core.periodic import jobs
from core.tenancy.identity import ANON, current
from student_dashboard import outbox, snapshot_rows, tasks
from student_dashboard.aggregation import DRAIN, DashboardAggregationService
from student_dashboard.events import RiskCleared, RiskLimitCrossed
from student_dashboard.models import DashboardUpdateQueue, RiskEpisode, StudentDashboard
from student_dashboard.outbox import claim_refreshes
from student_dashboard.readiness import FORMULA_VERSION
from student_dashboard.tests.made_up import MadeUp, ask_at, refreshed, student_in
from student_dashboard.tests.refreshes import dashboard_of, drain, only_row, waiting
from tests import factories
from tests.database import as_system, as_worker, login
from users.enums import EnrolmentState
from users.models import Enrolment, User

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


#: Zone, an instant, and the end of the local day that it is in.
MIDNIGHTS = [
    ("UTC", "2026-03-02T12:00:00+00:00", "2026-03-03T00:00:00+00:00"),
    ("UTC", "2026-03-02T23:59:59.999999+00:00", "2026-03-03T00:00:00+00:00"),
    ("UTC", "2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00"),
    ("Asia/Kathmandu", "2026-03-02T12:00:00+00:00", "2026-03-02T18:15:00+00:00"),
    ("Asia/Kathmandu", "2026-03-02T18:15:00+00:00", "2026-03-03T18:15:00+00:00"),
    ("Pacific/Chatham", "2026-03-02T12:00:00+00:00", "2026-03-03T10:15:00+00:00"),
    # A day of 23 hours and one of 25.
    ("America/New_York", "2026-03-08T04:59:00+00:00", "2026-03-08T05:00:00+00:00"),
    ("America/New_York", "2026-03-08T05:00:00+00:00", "2026-03-09T04:00:00+00:00"),
    ("America/New_York", "2026-11-01T04:00:00+00:00", "2026-11-02T05:00:00+00:00"),
    # The clock is changed at midnight: the day begins at one, or ends at eleven for the second time.
    ("America/Santiago", "2026-09-05T12:00:00+00:00", "2026-09-06T04:00:00+00:00"),
    ("America/Santiago", "2026-04-04T12:00:00+00:00", "2026-04-05T04:00:00+00:00"),
    # Midnight comes twice: the day begins with the first.
    ("America/Havana", "2026-10-31T12:00:00+00:00", "2026-11-01T04:00:00+00:00"),
    ("Atlantic/Azores", "2026-10-24T12:00:00+00:00", "2026-10-25T00:00:00+00:00"),
]


def renew(at: datetime) -> int:
    with as_worker():
        return DashboardAggregationService.renew(at=at)


def fresh_student(zone: str = "UTC", at: datetime = NOON) -> User:
    student = student_in(zone)
    refreshed(at, student)
    return student


def leave(student: User) -> None:
    with as_system():
        Enrolment.objects.filter(student=student).update(state=EnrolmentState.WITHDRAWN, ended_at=NOON)


def test_a_dashboard_is_fresh_until_midnight_where_the_student_lives(db: None) -> None:
    until = [dashboard_of(fresh_student(zone, datetime.fromisoformat(at))).fresh_until for zone, at, _ in MIDNIGHTS]
    assert until == [datetime.fromisoformat(midnight) for _, _, midnight in MIDNIGHTS]


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Kathmandu", datetime(2026, 3, 2, 18, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 9, 4, 0, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 2, 5, 0, tzinfo=UTC)),
    ],
)
def test_it_is_asked_for_at_midnight_and_no_moment_before(db: None, zone: str, midnight: datetime) -> None:
    fresh_student(zone, midnight - timedelta(hours=12))
    assert (renew(midnight - MOMENT), renew(midnight)) == (0, 1)


def test_it_is_asked_for_behind_all_that_somebody_did(db: None) -> None:
    student = fresh_student()
    renew(MIDNIGHT)
    row = only_row()
    assert (row.student_id, row.rank, row.reasons) == (student.pk, Rank.LOW, ["new_day"])
    assert (row.requested_at, row.available_at, row.attempts) == (MIDNIGHT, MIDNIGHT, 0)


def test_zone_after_zone_is_asked_for_as_its_day_begins(db: None) -> None:
    zones = ["Asia/Kathmandu", "UTC", "America/New_York"]
    students = [fresh_student(zone) for zone in zones]
    order = []
    for hour in range(24):
        renew(NOON + timedelta(hours=hour, minutes=15))
        while drain(NOON + timedelta(hours=hour, minutes=15)):
            order.append(hour)
    assert order == [6, 12, 17]
    assert [dashboard_of(student).revision for student in students] == [2, 2, 2]


def test_nothing_is_asked_for_twice(db: None) -> None:
    student = fresh_student()
    assert renew(MIDNIGHT) == 1
    assert renew(MIDNIGHT + timedelta(hours=1)) == 0
    with as_worker():
        claim_refreshes(limit=1, worker="slow", at=MIDNIGHT)
    assert renew(MIDNIGHT + timedelta(hours=1)) == 0
    with as_system():
        DashboardUpdateQueue.objects.update(claimed_at=None)
    assert drain(MIDNIGHT + timedelta(hours=1)) == 1
    assert (renew(MIDNIGHT + timedelta(hours=2)), renew(MIDNIGHT + DAY - MOMENT), waiting()) == (0, 0, [])
    assert dashboard_of(student).revision == 2
    assert renew(MIDNIGHT + DAY) == 1


def test_who_waits_already_is_left_alone(db: None) -> None:
    student = fresh_student()
    ask_at(NOON, student, reason="mission_submitted", rank=Rank.HIGH)
    assert renew(MIDNIGHT) == 0
    assert (only_row().reasons, only_row().hits) == (["mission_submitted"], 1)


def test_what_somebody_does_meanwhile_is_merged_into_it(db: None) -> None:
    student = fresh_student()
    renew(MIDNIGHT)
    ask_at(MIDNIGHT + timedelta(minutes=1), student, reason="flag_raised", rank=Rank.URGENT)
    row = only_row()
    assert (row.rank, sorted(row.reasons), row.hits) == (Rank.URGENT, ["flag_raised", "new_day"], 2)
    assert row.requested_at == MIDNIGHT


def test_a_new_formula_makes_every_dashboard_stale_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    students = [fresh_student() for _ in range(3)]
    assert renew(NOON) == 0
    for module in (outbox, snapshot_rows):
        monkeypatch.setattr(module, "FORMULA_VERSION", FORMULA_VERSION + 1)
    assert renew(NOON) == 3
    assert drain(NOON) == 3
    assert renew(NOON) == 0
    assert {dashboard_of(student).formula_version for student in students} == {FORMULA_VERSION + 1}


def test_who_is_enrolled_and_has_no_dashboard_gets_one(db: None) -> None:
    student = student_in()
    assert renew(NOON) == 1
    assert drain(NOON) == 1
    assert (dashboard_of(student).revision, renew(NOON)) == (1, 0)


def test_a_dashboard_that_nobody_computed_yet_is_stale(db: None) -> None:
    student = fresh_student()
    with as_system():
        StudentDashboard.objects.update(fresh_until=None)
    assert (renew(NOON), only_row().student_id) == (1, student.pk)


def test_what_was_given_up_is_tried_again_after_a_day(db: None) -> None:
    student = fresh_student()
    ask_at(NOON, student)
    with as_system():
        DashboardUpdateQueue.objects.update(dead_at=MIDNIGHT - timedelta(hours=6), attempts=8)
    again_at = MIDNIGHT + timedelta(hours=18)
    assert (renew(MIDNIGHT), renew(again_at - MOMENT)) == (0, 0)
    assert renew(again_at) == 1
    [row] = waiting()
    assert (row.attempts, row.reasons) == (0, ["new_day"])
    assert drain(again_at) == 1
    with as_system():
        assert not DashboardUpdateQueue.objects.exists()


def test_who_has_left_is_left_alone(db: None) -> None:
    leave(fresh_student())
    leave(student_in())
    assert renew(NOON + MOMENT) == 1, "what is still said of the first"
    drain(NOON + MOMENT)
    assert renew(MIDNIGHT + 30 * DAY) == 0


def test_who_begins_another_enrolment_is_looked_at_again(db: None) -> None:
    student = fresh_student()
    leave(student)
    with as_system():
        begun = factories.EnrolmentFactory(student=student)
        StudentDashboard.objects.update(risk_score=0)
    assert (renew(NOON), drain(NOON), renew(NOON)) == (1, 1, 0)
    assert dashboard_of(student).enrolment_id == begun.pk


def test_a_dashboard_that_names_no_enrolment_is_stale(db: None) -> None:
    student = fresh_student()
    with as_system():
        StudentDashboard.objects.update(enrolment=None)
    assert (renew(NOON), only_row().student_id) == (1, student.pk)


def test_who_has_left_at_risk_is_looked_at_once_more(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for event in (RiskLimitCrossed, RiskCleared):
        monkeypatch.setitem(events._handlers, event, [])
    made_up, student = MadeUp(), student_in()
    made_up.say(student, worry=60)
    refreshed(NOON, student)
    leave(student)
    assert renew(NOON) == 1
    drain(NOON + timedelta(minutes=1))
    with as_system():
        assert RiskEpisode.objects.get().closed_at == NOON + timedelta(minutes=1)
    assert renew(MIDNIGHT) == 0


def test_the_drain_is_woken_when_there_is_something_to_do(db: None, woken: list[str]) -> None:
    fresh_student()
    woken.clear()
    renew(NOON)
    assert woken == []
    renew(MIDNIGHT)
    assert woken == [DRAIN]


def test_the_task_acts_as_the_system_at_the_time_of_now(db: None) -> None:
    fresh_student()
    with login(settings.DATABASE_WORKER_URL), clock.pinned(MIDNIGHT):
        assert current() == ANON
        assert (tasks.renew_dashboards(), tasks.renew_dashboards()) == (1, 0)


def test_it_runs_every_minute() -> None:
    [job] = [job for job in jobs() if job.task_name == tasks.RENEW]
    assert job.every_seconds == 60


@pytest.mark.parametrize("count", [1, 20])
def test_it_takes_one_query_for_any_number(db: None, django_assert_num_queries: Any, count: int) -> None:
    refreshed(NOON, *[student_in() for _ in range(count)])
    # Who acts with BEGIN, the statement, COMMIT.
    with as_worker(), django_assert_num_queries(3):
        assert DashboardAggregationService.renew(at=MIDNIGHT) == count


def test_who_always_fails_has_one_dead_row(db: None) -> None:
    fresh_student()
    for days in range(1, 4):
        at = MIDNIGHT + days * DAY + timedelta(hours=days)
        renew(at)
        for _ in range(outbox.MOST_ATTEMPTS):
            with as_system():
                DashboardUpdateQueue.objects.filter(dead_at=None).update(available_at=at)
            with as_worker():
                claims = claim_refreshes(limit=1, worker="w", at=at)
                claims = claims or claim_refreshes(limit=1, worker="w", at=at, is_suspect=True)
                outbox.give_back(claims=claims, error="x", at=at)
        assert only_row().dead_at == at


def test_an_enrolment_that_rests_or_goes_on_makes_the_figures_stale(db: None) -> None:
    student = fresh_student()
    for state, is_judged in ((EnrolmentState.PAUSED, False), (EnrolmentState.ACTIVE, True)):
        with as_system():
            Enrolment.objects.filter(student=student).update(state=state)
        assert renew(NOON + MOMENT) == 1
        drain(NOON + MOMENT)
        assert (dashboard_of(student).risk_score is not None) == is_judged
        assert renew(NOON + MOMENT) == 0
