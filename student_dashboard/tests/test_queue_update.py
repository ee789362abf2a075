"""Asking for a refresh commits with its cause, once for each student."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction

from conftest import Cast
from core import clock
from core.actions import NoActionOpen, action
from core.enums import Rank
from core.tenancy.identity import Identity, Role, acting_as
from student_dashboard.aggregation import DRAIN, DashboardAggregationService
from student_dashboard.tests.refreshes import ask, only_row, queue, waiting

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_makes_one_row_that_waits(cast: Cast) -> None:
    with clock.pinned(AT):
        queue(cast.student, reason="mission_submitted", rank=Rank.HIGH)
    row = only_row()
    assert (row.student_id, row.rank, row.reasons) == (cast.student.pk, Rank.HIGH, ["mission_submitted"])
    assert (row.requested_at, row.available_at, row.attempts, row.hits) == (AT, AT, 0, 1)


def test_a_newer_request_raises_the_rank_adds_its_reason_and_keeps_the_time(cast: Cast) -> None:
    with clock.pinned(AT):
        queue(cast.student, reason="session_moved", rank=Rank.NORMAL)
    with clock.pinned(AT + timedelta(minutes=1)):
        queue(cast.student, reason="flag_raised", rank=Rank.URGENT)
        queue(cast.student, reason="session_moved", rank=Rank.LOW)
    row = only_row()
    assert (row.rank, sorted(row.reasons), row.hits) == (Rank.URGENT, ["flag_raised", "session_moved"], 3)
    assert row.requested_at == AT


def test_one_action_that_asks_twice_asks_once(cast: Cast) -> None:
    @action
    def twice() -> None:
        ask(cast.student, reason="second", rank=Rank.LOW)
        ask(cast.student, reason="first", rank=Rank.HIGH)

    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        twice()
    row = only_row()
    assert (row.rank, row.reasons, row.hits) == (Rank.HIGH, ["first", "second"], 1)


def test_wakes_the_drain_once_after_the_commit(cast: Cast, woken: list[str]) -> None:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic():
        ask(cast.student, cast.student)
        assert woken == []
    assert woken == [DRAIN]


def test_is_undone_with_its_cause(cast: Cast, woken: list[str]) -> None:
    @action
    def fail() -> None:
        ask(cast.student)
        raise ZeroDivisionError

    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), pytest.raises(ZeroDivisionError):
        fail()
    assert (waiting(), woken) == ([], [])


def test_refuses_a_student_of_somebody_else(cast: Cast) -> None:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), pytest.raises(ProgrammingError, match="no relation"):
        ask(cast.stranger)
    assert waiting() == []


def test_belongs_inside_an_action(cast: Cast) -> None:
    with pytest.raises(NoActionOpen):
        DashboardAggregationService.queue_update(cast.student, "test", Rank.NORMAL)


@pytest.mark.parametrize("reason", ["", "two,reasons", "x" * 61])
def test_refuses_what_is_no_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(ValueError, match="not a reason"):
        DashboardAggregationService.queue_update(cast.student, reason, Rank.NORMAL)
