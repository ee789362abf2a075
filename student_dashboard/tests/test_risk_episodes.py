"""An episode of risk …"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connections

from core import events
from student_dashboard.events import RiskCleared, RiskLimitCrossed
from student_dashboard.models import ReadinessSnapshot, RiskEpisode, StudentDashboard
from student_dashboard.sections import Section, register_section
from student_dashboard.tests.made_up import MadeUp, ask_at, refreshed, student_in
from student_dashboard.tests.refreshes import dashboard_of, drain, only_row, waiting
from tests import factories
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment, User

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def made_up(db: None) -> MadeUp:
    return MadeUp()


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was said of episodes; the apps above do not hear it here."""
    said: list[object] = []
    for event in (RiskLimitCrossed, RiskCleared):
        monkeypatch.setitem(events._handlers, event, [said.append])
    return said


def episodes() -> list[RiskEpisode]:
    """Oldest first."""
    with as_system():
        return list(RiskEpisode.objects.order_by("opened_at", "id"))


def end_enrolment_of(student: User) -> None:
    with as_system():
        Enrolment.objects.filter(student=student).update(state=EnrolmentState.WITHDRAWN, ended_at=AT)


def test_begins_when_the_score_reaches_the_limit(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    made_up.say(student, worry=25, missed=15)
    dashboard = refreshed(AT, student)
    [episode] = episodes()
    parts = [
        {"name": "worry", "points": 25, "evidence": {"points": 25}},
        {"name": "missed", "points": 15, "evidence": {"points": 15}},
    ]
    assert (dashboard.risk_score, dashboard.risk_parts, dashboard.risk_since) == (Decimal(40), parts, AT)
    assert (episode.student_id, episode.enrolment_id) == (student.pk, dashboard.enrolment_id)
    assert (episode.score, episode.parts, episode.opened_at, episode.closed_at) == (40, parts, AT, None)
    assert heard == [
        RiskLimitCrossed(
            episode_id=episode.pk,
            student_id=student.pk,
            enrolment_id=episode.enrolment_id,
            mentor_id=None,
            score=40,
            reasons=("worry", "missed"),
            at=AT,
        )
    ]


def test_does_not_begin_one_point_below_the_limit(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    made_up.say(student, worry=34)
    dashboard = refreshed(AT, student)
    assert (dashboard.risk_score, dashboard.risk_since) == (Decimal(34), None)
    assert (len(episodes()), len(heard)) == (0, 0)


def test_names_the_mentor_of_now(made_up: MadeUp, heard: list[object]) -> None:
    with as_system():
        pair = factories.AssignmentFactory(enrolment__enrolled_at=AT)
    for points in (40, 0):
        made_up.say(pair.mentee, worry=points)
        refreshed(AT, pair.mentee)
    assert [event.mentor_id for event in heard if isinstance(event, RiskLimitCrossed | RiskCleared)] == [
        pair.mentor_id
    ] * 2


def test_is_one_case_while_the_score_swings_around_the_limit(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    for hours, points in enumerate((40, 60, 34, 25, 41, 25)):
        made_up.say(student, worry=points)
        dashboard = refreshed(AT + hours * HOUR, student)
        assert (dashboard.risk_score, dashboard.risk_since) == (Decimal(points), AT)
    [episode] = episodes()
    assert (episode.score, episode.closed_at, len(heard)) == (40, None, 1)


def test_ends_below_25_once(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    for hours, points in enumerate((40, 24, 24, 34)):
        made_up.say(student, worry=points)
        refreshed(AT + hours * HOUR, student)
    [episode] = episodes()
    assert (episode.closed_at, dashboard_of(student).risk_since) == (AT + HOUR, None)
    assert heard[1:] == [
        RiskCleared(
            episode_id=episode.pk,
            student_id=student.pk,
            enrolment_id=episode.enrolment_id,
            mentor_id=None,
            at=AT + HOUR,
        )
    ]


def test_ends_when_its_evidence_is_gone(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    refreshed(AT, student)
    made_up.say(student)
    dashboard = refreshed(AT + HOUR, student)
    assert (dashboard.risk_score, dashboard.risk_parts, dashboard.risk_since) == (Decimal(0), [], None)
    assert episodes()[0].closed_at == AT + HOUR


def test_comes_again_as_another_one(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    for hours, points in enumerate((40, 0, 45)):
        made_up.say(student, worry=points)
        dashboard = refreshed(AT + hours * HOUR, student)
    first, second = episodes()
    assert (first.opened_at, first.closed_at, first.score) == (AT, AT + HOUR, 40)
    assert (second.opened_at, second.closed_at, second.score) == (AT + 2 * HOUR, None, 45)
    assert dashboard.risk_since == AT + 2 * HOUR
    assert [type(event) for event in heard] == [RiskLimitCrossed, RiskCleared, RiskLimitCrossed]


def test_ends_with_the_enrolment(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    refreshed(AT, student)
    end_enrolment_of(student)
    dashboard = refreshed(AT + HOUR, student)
    assert (dashboard.risk_score, dashboard.risk_since) == (None, None)
    assert episodes()[0].closed_at == AT + HOUR
    assert isinstance(heard[-1], RiskCleared)


def test_does_not_begin_without_an_active_enrolment(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    end_enrolment_of(student)
    made_up.say(student, worry=60)
    assert refreshed(AT, student).risk_score is None
    assert (episodes(), heard) == ([], [])


def test_of_one_student_is_nothing_to_another(made_up: MadeUp, heard: list[object]) -> None:
    at_risk, fine, better = student_in(), student_in(), student_in()
    made_up.say(better, worry=60)
    refreshed(AT, better)
    made_up.say(at_risk, worry=60)
    made_up.say(fine, better, worry=10)
    refreshed(AT + HOUR, at_risk, fine, better)
    found = [(each.student_id, each.opened_at, each.closed_at) for each in episodes()]
    assert found == [(better.pk, AT, AT + HOUR), (at_risk.pk, AT + HOUR, None)]
    assert dashboard_of(fine).risk_since is None
    assert len(heard) == 3


def test_is_one_at_a_time_in_the_database(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    refreshed(AT, student)
    [episode] = episodes()
    another = RiskEpisode(student=student, enrolment_id=episode.enrolment_id, opened_at=AT, score=50)
    with pytest.raises(IntegrityError, match="one_open_episode"), as_system():
        another.save(force_insert=True)


def test_does_not_end_before_it_begins(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    refreshed(AT, student)
    with pytest.raises(IntegrityError, match="episode_ends_after_start"), as_system():
        RiskEpisode.objects.update(closed_at=AT - HOUR)


@pytest.mark.parametrize("points", [60, 0])
def test_that_a_listener_refuses_leaves_nothing_but_the_waiting_refresh(
    made_up: MadeUp, monkeypatch: pytest.MonkeyPatch, points: int
) -> None:
    """One listener for each: that of a beginning (60 points), and that of an end (0 points)."""
    refused, others = student_in(), [student_in() for _ in range(4)]
    made_up.say(refused, work=0.5, worry=60 - points)
    before = refreshed(AT - 24 * HOUR, refused)

    def refuse(event: RiskLimitCrossed | RiskCleared) -> None:
        raise LookupError("nobody is responsible")

    for kind in (RiskLimitCrossed, RiskCleared):
        monkeypatch.setitem(events._handlers, kind, [refuse])
    made_up.say(refused, *others, work=0.9)
    made_up.say(refused, work=0.9, worry=points)
    ask_at(AT, *others[:2], refused, *others[2:])
    assert drain(AT) == 5

    after = dashboard_of(refused)
    assert (after.revision, after.readiness, after.risk_since) == (1, Decimal(50), before.risk_since)
    assert [(each.opened_at, each.closed_at) for each in episodes()] == ([] if points else [(AT - 24 * HOUR, None)])
    row = only_row()
    assert (row.student_id, row.attempts, row.dead_at, row.claimed_at) == (refused.pk, 1, None, None)
    assert row.last_error == "LookupError: nobody is responsible"
    with as_system():
        assert StudentDashboard.objects.exclude(pk=refused.pk).filter(readiness=90).count() == 4
        assert not ReadinessSnapshot.objects.filter(student=refused, local_date=AT.date()).exists()


def test_is_made_up_for_when_the_listener_is_there_again(
    made_up: MadeUp, heard: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    with monkeypatch.context() as broken:
        broken.setitem(events._handlers, RiskLimitCrossed, [{}.__getitem__])
        ask_at(AT, student)
        drain(AT)
    assert (episodes(), heard) == ([], [])
    assert drain(AT + timedelta(minutes=1)) == 1
    assert [each.opened_at for each in episodes()] == [AT + timedelta(minutes=1)]
    assert len(heard) == 1


def test_whose_signal_gives_too_many_points_fails_its_student_alone(made_up: MadeUp) -> None:
    wrong, other = student_in(), student_in()
    made_up.say(wrong, missed=21)
    made_up.say(other, missed=20)
    ask_at(AT, wrong, other)
    assert drain(AT) == 2
    assert dashboard_of(other).risk_score == 20
    assert only_row().last_error == "ValueError: the signal 'missed' gives 21 points"


def test_may_rest_on_silence_and_on_falling_readiness(made_up: MadeUp) -> None:
    """What this app sees by itself joins what others told."""
    student, later = student_in(), AT + timedelta(days=7)
    made_up.say(student, work=0.9)
    refreshed(AT, student)
    made_up.say(student, work=0.76, worry=6, is_seen=False)
    dashboard = refreshed(later, student)
    assert [(part["name"], part["points"]) for part in dashboard.risk_parts] == [
        ("silence", 24),
        ("falling_readiness", 14),
        ("worry", 6),
    ]
    assert (dashboard.risk_score, dashboard.risk_since) == (Decimal(44), later)
    assert dashboard.risk_parts[0]["evidence"] == {"days": 63, "since": "2026-01-05T09:00:00Z"}


def test_is_opened_once_by_two_drains_at_once(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    refreshed(AT - HOUR, student)
    made_up.say(student, worry=60)
    is_reading, may_go_on = threading.Event(), threading.Event()

    def wait_the_first_time(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        if not is_reading.is_set():
            is_reading.set()
            assert may_go_on.wait(5)
        return {}

    register_section("slow", wait_the_first_time)
    ask_at(AT, student)
    slow = in_thread(lambda: drain(AT))
    assert is_reading.wait(5)
    ask_at(AT, student)
    fast = in_thread(lambda: drain(AT))
    fast.join(0.3)
    may_go_on.set()
    slow.join(5)
    fast.join(5)
    assert dashboard_of(student).revision == 3
    assert (len(episodes()), len(heard), waiting()) == (1, 1, [])


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_of_an_ended_enrolment_does_not_go_on_in_the_next(made_up: MadeUp, heard: list[object]) -> None:
    student = student_in()
    made_up.say(student, worry=60)
    refreshed(AT, student)
    end_enrolment_of(student)
    with as_system():
        again = factories.EnrolmentFactory(student=student, enrolled_at=AT)
    dashboard = refreshed(AT + HOUR, student)
    old, new = episodes()
    assert (old.closed_at, new.enrolment_id, new.opened_at) == (AT + HOUR, again.pk, AT + HOUR)
    assert dashboard.risk_since == AT + HOUR
    assert [type(event) for event in heard] == [RiskLimitCrossed, RiskCleared, RiskLimitCrossed]


def test_nobody_is_silent_before_her_cohort_begins(made_up: MadeUp) -> None:
    with as_system():
        cohort = factories.CohortFactory(start_date=date(2026, 2, 27), timezone="Asia/Kathmandu")
        student = factories.EnrolmentFactory(cohort=cohort, enrolled_at=AT - timedelta(days=60)).student
    made_up.say(student, is_seen=False)
    assert refreshed(AT, student).risk_parts == []
    [silence] = refreshed(AT + timedelta(days=9), student).risk_parts
    assert silence["evidence"] == {"days": 12, "since": "2026-02-26T18:15:00Z"}
