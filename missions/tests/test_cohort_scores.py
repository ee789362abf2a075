"""The mean score of a cohort is stored …"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from conftest import Cast
from core import clock
from core.enums import Rank
from core.periodic import jobs
from missions import tasks
from missions.cohort_scores import store_cohort_scores
from missions.models import CohortScore, MissionSubmission
from missions.providers import mission_sections
from missions.tests.world import TUESDAY, WEDNESDAY, review, submit
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system, as_worker, login
from users.enums import EnrolmentState
from users.models import Cohort, Enrolment

Rows = list[tuple[date, Decimal, int]]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def scored(cohort: Cohort, *scores: int | None) -> Enrolment:
    """An enrolment with a submission for each score; None is one that waits for its verdict. Run as the system."""
    enrolment: Enrolment = factories.EnrolmentFactory(cohort=cohort)
    for score in scores:
        MissionSubmission.objects.create(
            mission=factories.MissionFactory(track=cohort.track),
            enrolment=enrolment,
            student_id=enrolment.student_id,
            cohort=cohort,
            state="submitted" if score is None else "approved",
            version=1,
            score=score,
            submitted_at=NOON,
            decided_at=None if score is None else NOON,
            created_at=NOON,
            updated_at=NOON,
        )
    return enrolment


def stored_of(cohort: Cohort) -> Rows:
    with as_system():
        rows = CohortScore.objects.filter(cohort=cohort).order_by("local_date")
        return list(rows.values_list("local_date", "mean_score", "score_count"))


def store(at: datetime) -> int:
    with as_worker():
        return store_cohort_scores(at=at)


def cohort_in(zone: str = "UTC") -> Cohort:
    cohort: Cohort = factories.CohortFactory(timezone=zone)
    return cohort


def test_once_a_day(db: None) -> None:
    with as_system():
        cohort = cohort_in()
        scored(cohort, 80, 91, None)
        scored(cohort, 60)
    assert (store(NOON), store(NOON), store(NOON + timedelta(hours=11))) == (1, 0, 0)
    assert stored_of(cohort) == [(date(2026, 3, 2), Decimal("77.00"), 3)]
    assert store(NOON + timedelta(hours=12)) == 1
    assert stored_of(cohort)[1] == (date(2026, 3, 3), Decimal("77.00"), 3)


def test_and_does_not_move_during_the_day(db: None) -> None:
    with as_system():
        cohort = cohort_in()
        scored(cohort, 80)
    store(NOON)
    with as_system():
        scored(cohort, 20)
    store(NOON + timedelta(hours=1))
    assert stored_of(cohort) == [(date(2026, 3, 2), Decimal(80), 1)]


@pytest.mark.parametrize(
    ("scores", "mean"), [((70, 70, 71), "70.33"), ((0, 0, 1), "0.33"), ((0,), "0.00"), ((100, 100), "100.00")]
)
def test_with_two_decimals(db: None, scores: tuple[int, ...], mean: str) -> None:
    with as_system():
        cohort = cohort_in()
        scored(cohort, *scores)
    store(NOON)
    assert [str(each) for _, each, _ in stored_of(cohort)] == [mean]


def test_for_the_day_of_its_zone(db: None) -> None:
    with as_system():
        early, late = cohort_in("Asia/Kathmandu"), cohort_in("America/New_York")
        for cohort in (early, late):
            scored(cohort, 80)
    at = datetime(2026, 3, 2, 18, 14, tzinfo=UTC)
    assert [store(at + timedelta(minutes=minutes)) for minutes in (0, 1, 2)] == [2, 1, 0]
    assert [day for day, _, _ in stored_of(early)] == [date(2026, 3, 2), date(2026, 3, 3)]
    assert [day for day, _, _ in stored_of(late)] == [date(2026, 3, 2)]


def test_from_active_enrolments_of_its_own_alone(db: None) -> None:
    with as_system():
        cohort, other = cohort_in(), cohort_in()
        scored(cohort, 80)
        scored(other, 10)
        paused = scored(cohort, 20)
        Enrolment.objects.filter(pk=paused.pk).update(state=EnrolmentState.PAUSED)
    assert store(NOON) == 2
    assert stored_of(cohort) == [(date(2026, 3, 2), Decimal(80), 1)]
    assert stored_of(other) == [(date(2026, 3, 2), Decimal(10), 1)]


def test_not_without_a_score(db: None) -> None:
    with as_system():
        cohort = cohort_in()
        scored(cohort, None)
        cohort_in()
    assert (store(NOON), stored_of(cohort)) == (0, [])


def test_from_the_verdicts_that_stand(cast: Cast) -> None:
    submission = submit(cast.student, cast.mission)
    review(cast.mentor, submission, decision="changes_requested", score=40)
    assert store(TUESDAY) == 1
    submit(cast.student, cast.mission, at=WEDNESDAY)
    assert store(WEDNESDAY) == 0
    assert stored_of(cast.cohort) == [(date(2026, 1, 20), Decimal(40), 1)]


def test_and_the_last_one_is_what_quality_is_shrunk_to(db: None) -> None:
    with as_system():
        cohort = cohort_in()
        student = scored(cohort, 100).student
        for day, mean in ((1, 50), (3, 60), (2, 70)):
            CohortScore.objects.create(cohort=cohort, local_date=date(2026, 3, day), mean_score=mean, score_count=1)
        inputs = mission_sections([student.pk], NOON)[student.pk].inputs["quality"]
    assert inputs == {"scores": [100], "cohort_mean": 60.0, "shrinkage": 3}


def test_and_whoever_has_a_score_is_refreshed_when_it_moves(db: None) -> None:
    with as_system():
        cohort = cohort_in()
        scorer, waiting = scored(cohort, 80).student_id, scored(cohort, None).student_id
        scored(cohort_in(), None)
    store(NOON)
    assert asked() == {scorer: (Rank.LOW, ["cohort_mean"])}
    store(NOON + timedelta(days=1))
    assert asked() == {}, "the mean is what it was"
    with as_system():
        MissionSubmission.objects.filter(student=waiting).update(score=20, state="approved", decided_at=NOON)
    store(NOON + timedelta(days=2))
    assert asked() == dict.fromkeys([scorer, waiting], (Rank.LOW, ["cohort_mean"]))


def asked() -> dict[UUID, tuple[int, list[str]]]:
    """Who waits for a refresh, and why; nobody does after this."""
    with as_system():
        rows = {row.student_id: (row.rank, row.reasons) for row in DashboardUpdateQueue.objects.all()}
        DashboardUpdateQueue.objects.all().delete()
    return rows


def test_by_a_task_that_acts_as_the_system(db: None) -> None:
    with as_system():
        scored(cohort_in(), 80)
    with login(settings.DATABASE_WORKER_URL), clock.pinned(NOON):
        assert (tasks.store_cohort_scores(), tasks.store_cohort_scores()) == (1, 0)
    [job] = [job for job in jobs() if job.task_name == tasks.SCORES]
    assert job.every_seconds <= 3600


@pytest.mark.parametrize("count", [1, 20])
def test_in_a_constant_number_of_queries(db: None, django_assert_num_queries: Any, count: int) -> None:
    with as_system():
        for _ in range(count):
            scored(cohort_in(), 80)
    # Who acts with BEGIN, the means, whose figures move, the refreshes asked for, COMMIT.
    with as_worker(), django_assert_num_queries(5):
        assert store_cohort_scores(at=NOON) == count
