"""A drain takes what waits in order, computes it for all students at once, and tells whom it concerns."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.enums import Audience, Rank
from core.models import StreamEvent
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from student_dashboard.outbox import claim_refreshes
from student_dashboard.sections import Section, register_section
from student_dashboard.tests.refreshes import (
    dashboard_of,
    drain,
    enrolled_students,
    greeting,
    queue,
    told,
    waiting,
)
from tests import factories
from tests.database import as_system, as_worker
from users.enums import EnrolmentState
from users.models import Enrolment, User

LATER = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)


def test_writes_the_sections_of_each_student(cast: Cast) -> None:
    register_section("greeting", greeting)
    register_section("nothing", lambda student_ids, at: {})
    queue(cast.student, cast.stranger)
    assert drain(LATER) == 2
    mine = dashboard_of(cast.student)
    assert mine.sections == {"greeting": {"hello": "Mina Okafor"}, "nothing": None}
    assert (mine.mentor_id, mine.cohort_id, mine.enrolment_id) == (
        cast.mentor.pk,
        cast.cohort.pk,
        cast.enrolment.pk,
    )
    assert (mine.computed_at, mine.revision, mine.readiness) == (LATER, 1, None)
    assert dashboard_of(cast.stranger).sections["greeting"] == {"hello": "Sam Stranger"}
    assert waiting() == []


def test_writes_over_what_was_there(cast: Cast) -> None:
    register_section("greeting", greeting)
    queue(cast.student)
    drain(LATER)
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(name="Mina Berg")
        StudentDashboard.objects.update(mentor=None, cohort=None)
    queue(cast.student)
    drain(LATER + timedelta(minutes=1))
    mine = dashboard_of(cast.student)
    assert (mine.sections, mine.revision) == ({"greeting": {"hello": "Mina Berg"}}, 2)
    assert (mine.mentor_id, mine.cohort_id) == (cast.mentor.pk, cast.cohort.pk)
    assert mine.computed_at == LATER + timedelta(minutes=1)


def test_is_about_the_active_enrolment(cast: Cast) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.PAUSED)
        active = factories.EnrolmentFactory(
            student=cast.student, enrolled_at=cast.enrolment.enrolled_at - timedelta(days=400)
        )
    queue(cast.student)
    drain(LATER)
    assert dashboard_of(cast.student).enrolment_id == active.pk


def test_tells_the_student_and_her_mentor_once_for_all_mentees(cast: Cast) -> None:
    with as_system():
        second = factories.AssignmentFactory(mentor=cast.mentor).mentee
        alone = factories.EnrolmentFactory().student
    queue(cast.student, second, alone)
    drain(LATER)
    mentees = ",".join(f'"{pk}"' for pk in sorted([cast.student.pk, second.pk]))
    assert told() == sorted(
        [
            (cast.mentor.pk, Audience.MENTOR, f'{{"mentees":[{mentees}]}}'),
            *(
                (person.pk, Audience.STUDENT, '{"revision":1}')
                for person in sorted([cast.student, second, alone], key=lambda person: person.pk)
            ),
        ]
    )


def test_somebody_who_was_never_enrolled_has_no_dashboard(cast: Cast) -> None:
    queue(cast.director)
    assert drain(LATER) == 1
    with as_system():
        assert not StudentDashboard.objects.exists()
        assert not DashboardUpdateQueue.objects.exists()


def test_takes_the_most_urgent_first_then_the_oldest(db: None) -> None:
    students = enrolled_students(4)
    for student, rank in zip(students, (Rank.LOW, Rank.NORMAL, Rank.URGENT, Rank.NORMAL), strict=True):
        queue(student, rank=rank)
    order: list[UUID] = []

    def note(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        order.extend(student_ids)
        return {}

    register_section("order", note)
    while drain(LATER, limit=1):
        pass
    assert order == [students[index].pk for index in (2, 1, 3, 0)]


def test_does_not_take_what_is_not_due(cast: Cast) -> None:
    queue(cast.student)
    [row] = waiting()
    assert drain(row.available_at - timedelta(microseconds=1)) == 0
    assert drain(row.available_at) == 1


def test_a_second_run_changes_nothing(cast: Cast) -> None:
    register_section("greeting", greeting)
    queue(cast.student)
    drain(LATER)
    before = (dashboard_of(cast.student).revision, told())
    assert drain(LATER + timedelta(hours=1)) == 0
    assert (dashboard_of(cast.student).revision, told()) == before


def test_a_request_that_comes_while_it_computes_waits_for_the_next_run(cast: Cast) -> None:
    def change_meanwhile(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        other = threading.Thread(target=queue_and_close, args=(cast.student,))
        other.start()
        other.join(5)
        assert not other.is_alive(), "a request waits for the drain"
        return {}

    register_section("slow", change_meanwhile)
    queue(cast.student, reason="first")
    drain(LATER)
    [row] = waiting()
    assert row.reasons == ["meanwhile"]
    assert dashboard_of(cast.student).revision == 1


def queue_and_close(student: User) -> None:
    try:
        queue(student, reason="meanwhile")
    finally:
        connections.close_all()


def test_reads_facts_only_once_it_holds_the_row(cast: Cast) -> None:
    """A slow drain cannot write older facts over those of a faster one that came after it."""
    queue(cast.student)
    drain(LATER)
    has_read, may_write = threading.Event(), threading.Event()

    def read(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
        found = greeting(student_ids, at)
        if not has_read.is_set():
            has_read.set()
            may_write.wait(5)
        return found

    register_section("greeting", read)
    slow = start_drain(cast.student)
    assert has_read.wait(5)
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(name="Newer")
    fast = start_drain(cast.student)
    fast.join(0.3)
    may_write.set()
    slow.join(5)
    fast.join(5)
    mine = dashboard_of(cast.student)
    assert (mine.sections, mine.revision) == ({"greeting": {"hello": "Newer"}}, 3)


def start_drain(student: User) -> threading.Thread:
    def run() -> None:
        try:
            drain(LATER)
        finally:
            connections.close_all()

    queue(student)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_workers_share_the_work(db: None) -> None:
    students = enrolled_students(60)
    queue(*students)
    counts: list[int] = []

    def work() -> None:
        try:
            while taken := drain(LATER, limit=5):
                counts.append(taken)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 60
    with as_system():
        assert set(StudentDashboard.objects.values_list("revision", flat=True)) == {1}
        assert StudentDashboard.objects.count() == 60
        assert StreamEvent.objects.count() == 60


@pytest.mark.parametrize("count", [1, 20])
def test_needs_as_many_queries_for_one_student_as_for_twenty(db: None, count: int) -> None:
    register_section("greeting", greeting)
    students = enrolled_students(count)
    queue(*students)
    drain(LATER)
    queue(*students)
    with as_worker(), CaptureQueriesContext(connection) as captured:
        assert DashboardAggregationService.refresh(at=LATER) == count
        statements = [query["sql"] for query in captured.captured_queries]
    work = [sql for sql in statements if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    # Claim; lock newcomers, create what is missing, lock, who they are, the section's facts, write, keep the day,
    # settle, number the events; claim a suspect.
    assert len(work) == 11


def test_claims_are_committed_before_anything_is_computed(cast: Cast) -> None:
    queue(cast.student)
    with as_worker():
        [claim] = claim_refreshes(limit=5, worker="one", at=LATER)
    with as_system():
        row = DashboardUpdateQueue.objects.get(pk=claim.row_id)
    assert (row.claimed_by, row.claimed_at) == ("one", LATER)


@pytest.mark.parametrize("limit", [0, 201])
def test_refuses_a_batch_of_another_size(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        DashboardAggregationService.refresh(limit, at=LATER)
