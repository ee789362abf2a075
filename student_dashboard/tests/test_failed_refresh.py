"""A refresh that fails holds no other up, comes again later and later, and stays visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from conftest import Cast
from core.enums import Rank
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from student_dashboard.outbox import Claim, claim_refreshes, give_back
from student_dashboard.sections import Section, SectionProvider, register_section
from student_dashboard.tests.refreshes import (
    dashboard_of,
    drain,
    enrolled_students,
    only_row,
    queue,
    recover,
    waiting,
)
from tests.database import as_system, as_worker
from users.models import User

AT = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)


def fails_for(student: User, calls: list[int] | None = None) -> SectionProvider:
    def provider(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        if calls is not None:
            calls.append(len(student_ids))
        if student.pk in student_ids:
            raise LookupError("no such habit")
        return {student_id: Section({"fine": True}) for student_id in student_ids}

    return provider


def claim_all(at: datetime) -> list[Claim]:
    with as_worker():
        return claim_refreshes(limit=200, worker="a worker that dies", at=at)


def test_the_others_are_refreshed_all_the_same(db: None) -> None:
    students = enrolled_students(20)
    poison = students[7]
    register_section("habits", fails_for(poison))
    queue(*students)
    assert drain(AT) == 20
    with as_system():
        fresh = set(StudentDashboard.objects.filter(revision=1).values_list("student_id", flat=True))
    assert fresh == {student.pk for student in students} - {poison.pk}
    row = only_row()
    assert (row.student_id, row.attempts, row.claimed_at) == (poison.pk, 1, None)
    assert row.last_error == "LookupError: no such habit, in the section 'habits'"


def test_comes_again_twice_as_late_each_time_then_is_dead(cast: Cast) -> None:
    register_section("habits", fails_for(cast.student))
    queue(cast.student, rank=Rank.HIGH, reason="why")
    at, delays = AT, []
    for _ in range(7):
        assert drain(at) == 1
        row = only_row()
        delays.append((row.available_at - at).total_seconds())
        assert drain(row.available_at - timedelta(seconds=1)) == 0
        at = row.available_at
    assert delays == [10, 20, 40, 80, 160, 320, 640]
    assert drain(at) == 1
    row = only_row()
    assert (row.attempts, row.dead_at, row.rank, row.reasons) == (8, at, Rank.HIGH, ["why"])
    assert drain(at + timedelta(days=1)) == 0


def test_a_refresh_that_succeeds_makes_the_dead_one_moot(cast: Cast) -> None:
    queue(cast.student)
    with as_system():
        DashboardUpdateQueue.objects.update(attempts=8, dead_at=AT)
    queue(cast.student)
    assert drain(AT) == 1
    with as_system():
        assert not DashboardUpdateQueue.objects.exists()


def test_goes_back_into_the_request_that_came_meanwhile(cast: Cast) -> None:
    queue(cast.student, reason="old", rank=Rank.URGENT)
    before = only_row()
    claims = claim_all(AT)
    queue(cast.student, reason="new", rank=Rank.LOW)
    with as_worker():
        give_back(claims=claims, error="it broke", at=AT)
    row = only_row()
    assert (row.rank, sorted(row.reasons), row.hits) == (Rank.URGENT, ["new", "old"], 2)
    assert (row.attempts, row.last_error, row.requested_at) == (1, "it broke", before.requested_at)


def test_a_dead_worker_gives_its_claims_back_after_two_minutes(db: None) -> None:
    students = enrolled_students(3)
    queue(*students)
    assert len(claim_all(AT)) == 3
    assert recover(AT + timedelta(minutes=2)) == 0
    assert recover(AT + timedelta(minutes=2, seconds=1)) == 3
    assert [(row.attempts, row.last_error) for row in waiting()] == [(1, "the worker did not finish")] * 3
    assert recover(AT + timedelta(hours=1)) == 0
    assert drain(AT + timedelta(hours=1)) == 3


def test_two_claims_of_one_student_come_back_as_one(cast: Cast) -> None:
    queue(cast.student, reason="one", rank=Rank.LOW)
    claim_all(AT)
    queue(cast.student, reason="two", rank=Rank.HIGH)
    claim_all(AT)
    assert recover(AT + timedelta(minutes=3)) == 2
    row = only_row()
    assert (row.rank, sorted(row.reasons), row.hits, row.attempts) == (Rank.HIGH, ["one", "two"], 2, 1)


def test_what_failed_often_is_taken_alone(db: None) -> None:
    students = enrolled_students(4)
    queue(*students)
    with as_system():
        DashboardUpdateQueue.objects.filter(student__in=students[:3]).update(attempts=3)
    calls: list[int] = []
    register_section("habits", fails_for(students[0], calls))
    while drain(AT):
        pass
    assert calls == [1, 1, 1, 1]
    assert only_row().student_id == students[0].pk


@pytest.mark.parametrize("content", [{"x": float("nan")}, {"x": "\x00"}, {"x": object()}])
def test_a_section_that_cannot_be_stored_fails_its_student_alone(cast: Cast, content: dict[str, Any]) -> None:
    register_section("odd", lambda ids, at: {pk: Section(content if pk == cast.student.pk else {"x": 1}) for pk in ids})
    queue(cast.student, cast.stranger)
    assert drain(AT) == 2
    assert dashboard_of(cast.stranger).sections == {"odd": {"x": 1}}
    row = only_row()
    assert (row.student_id, row.attempts) == (cast.student.pk, 1)
    assert row.last_error


@pytest.mark.parametrize("fault", [OperationalError("gone"), SoftTimeLimitExceeded()])
def test_blames_nobody_when_the_database_or_the_time_is_gone(cast: Cast, fault: Exception) -> None:
    def provider(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        raise fault

    register_section("habits", provider)
    queue(cast.student)
    with pytest.raises(type(fault)):
        drain(AT)
    row = only_row()
    assert (row.attempts, row.last_error, row.claimed_at) == (0, "", AT)


def test_says_which_student_in_the_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    register_section("habits", fails_for(cast.student))
    queue(cast.student)
    drain(AT)
    assert str(cast.student.pk) in caplog.text
