"""The readiness of past days is what the rows of those days say: counted here once more, in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coaching.enums import Cadence, GoalState, LogState
from coaching.models import Goal, Habit, HabitLog
from core import clock
from core.clock import local_date
from mentorship_coordination.models.sessions import SessionParticipant
from mentorship_coordination.seed import dashboards
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from missions.enums import Decision
from missions.models import CohortScore, Mission, MissionSubmission
from student_dashboard.models import ReadinessSnapshot, StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION
from tests.database import as_system, as_worker
from users.demo import STUDENT_EMAIL
from users.models import Cohort, Enrolment, User

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
WEIGHTS = {"missions": 35, "quality": 25, "consistency": 15, "attendance": 15, "goals": 10}


def seed(at: datetime = AT) -> None:
    options = Options(mentors=6, mentees_per_mentor=10, volume=Volume.DEFAULT, seed=42, at=at)
    with as_worker(), clock.pinned(at):
        build(options, password="seven quiet llamas", progress=lambda *_: None)


def first_cohort() -> Cohort:
    return User.objects.get(email=STUDENT_EMAIL).enrolments.get().cohort


@pytest.mark.parametrize("hour", [0, 14, 23])
def test_remembers_two_weeks_of_the_first_cohort_since_the_enrolment(hour: int) -> None:
    at = AT.replace(hour=hour)
    seed(at)

    with as_system():
        enrolled = list(Enrolment.objects.filter(cohort=first_cohort()).select_related("student"))
        rows = set(ReadinessSnapshot.objects.values_list("student", "local_date", "formula_version"))
    expected = set()
    for each in enrolled:
        zone = each.student.timezone
        today, since = local_date(at, zone), local_date(each.enrolled_at, zone)
        days = [today - timedelta(days=back) for back in range(1, 15)]
        expected |= {(each.student_id, day, FORMULA_VERSION) for day in days if day >= since}
    assert rows == expected
    assert len({local_date(each.enrolled_at, each.student.timezone) for each in enrolled}) > 1


@pytest.mark.parametrize("back", [1, 4, 7, 14])
def test_counts_each_part_from_the_rows_of_that_day(back: int) -> None:
    seed()

    seen = dict.fromkeys(WEIGHTS, 0)
    with as_system():
        for each in Enrolment.objects.filter(cohort=first_cohort()).select_related("student", "cohort"):
            day = local_date(AT, each.student.timezone) - timedelta(days=back)
            kept = ReadinessSnapshot.objects.filter(student=each.student, local_date=day).first()
            if kept is None:
                continue
            parts = {name: part(each, day) for name, part in PARTS.items()}
            assert kept.parts == pytest.approx(parts, abs=1e-6), each.student.timezone
            readiness = None if kept.readiness is None else float(kept.readiness)
            assert readiness == pytest.approx(figure_of(parts), abs=0.01)
            for name, value in parts.items():
                seen[name] += value is not None
    assert min(seen.values()) >= 3


def test_keeps_what_it_looked_behind() -> None:
    seed()

    with as_system():
        in_first = {"student__enrolments__cohort": first_cohort()}
        yesterday = AT - timedelta(days=1)
        assert HabitLog.objects.filter(created_at__gt=yesterday, **in_first).exists()
        assert Goal.objects.filter(closed_at__gt=AT - timedelta(days=7), **in_first).exists()
        assert MissionSubmission.objects.filter(decided_at__gt=AT - timedelta(days=14), **in_first).exists()
        assert not Habit.objects.filter(keep_by__lt=yesterday - timedelta(days=1)).exists()


def test_gives_the_first_cohort_the_trend_since_the_row_of_a_week_ago() -> None:
    seed()
    with as_worker(), clock.pinned(AT):
        dashboards.refresh_all()

    with as_system():
        known = 0
        for board in StudentDashboard.objects.select_related("student"):
            week_ago = local_date(AT, board.student.timezone) - timedelta(days=7)
            past = ReadinessSnapshot.objects.filter(student=board.student, local_date=week_ago).first()
            if past is None or past.readiness is None or board.readiness is None:
                assert board.trend_7d is None
                continue
            known += 1
            assert board.trend_7d == board.readiness - past.readiness
    assert known > 10


def end_of(day: date, zone: str) -> datetime:
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def figure_of(parts: dict[str, float | None]) -> float | None:
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return 100 * sum(WEIGHTS[name] * value for name, value in known.items()) / weight if weight >= 50 else None


def share(hits: Iterable[bool | None]) -> float | None:
    found = [bool(hit) for hit in hits]
    return sum(found) / len(found) if found else None


def consistency(each: Enrolment, day: date) -> float | None:
    hits: list[bool] = []
    for habit in Habit.objects.filter(student=each.student):
        logs = dict(
            habit.logs.filter(created_at__lt=end_of(day, each.student.timezone)).values_list("local_date", "state")
        )
        weekly = habit.cadence == Cadence.WEEKLY
        length = 7 if weekly else 1
        running = day - timedelta(days=day.weekday()) if weekly else day
        begun = habit.started_on - timedelta(days=habit.started_on.weekday()) if weekly else habit.started_on
        for first in (running - timedelta(days=length * n) for n in range(28 // length + 1)):
            states = {logs.get(first + timedelta(days=n)) for n in range(length)} - {None}
            is_done = LogState.DONE in states
            if first >= begun and (is_done or (first != running and not states)):
                hits.append(is_done)
    return share(hits)


def goals(each: Enrolment, day: date) -> float | None:
    hits: list[bool] = []
    for goal in Goal.objects.filter(student=each.student, created_at__lt=end_of(day, each.student.timezone)):
        closed = goal.closed_date if goal.closed_date and goal.closed_date <= day else None
        if closed and goal.state == GoalState.COMPLETED:
            hits.append(closed <= goal.due_date)
        elif (closed or day) > goal.due_date:
            hits.append(False)
    return share(hits)


def attendance(each: Enrolment, day: date) -> float | None:
    """What the mentor missed says nothing of her mentee."""
    been = SessionParticipant.objects.filter(enrolment=each, session__closed_at__lt=end_of(day, each.student.timezone))
    return share(
        been.filter(is_active=True, attended__isnull=False)
        .exclude(session__status="no_show_mentor")
        .values_list("attended", flat=True)
    )


def verdicts(each: Enrolment, day: date) -> list[tuple[str, int, int]]:
    """Decision, score and weight of each submission whose newest version of that day was judged by then."""
    end, found = end_of(day, each.student.timezone), []
    for submission in MissionSubmission.objects.filter(enrolment=each).select_related("mission"):
        newest = submission.versions.filter(created_at__lt=end).order_by("-number").first()
        review = submission.reviews.filter(version=newest, created_at__lt=end).first() if newest else None
        if review:
            found.append((review.decision, review.score, submission.mission.weight))
    return found


def missions(each: Enrolment, day: date) -> float | None:
    days = (local_date(end_of(day, each.student.timezone) - MOMENT, each.cohort.timezone) - each.cohort.start_date).days
    expected = Mission.objects.published().filter(track=each.cohort.track, expected_after_days__lte=days)
    due = sum(expected.values_list("weight", flat=True))
    done = sum(weight for decision, _, weight in verdicts(each, day) if decision == Decision.APPROVED)
    return min(1.0, done / due) if due else (1.0 if done else None)


def quality(each: Enrolment, day: date) -> float | None:
    """Shrunk to the mean that the seed has stored, by three scores."""
    scores = [score for _, score, _ in verdicts(each, day)]
    mean = float(CohortScore.objects.get(cohort=each.cohort_id).mean_score)
    return (sum(scores) + 3 * mean) / (len(scores) + 3) / 100 if scores else None


PARTS: dict[str, Callable[[Enrolment, date], float | None]] = {
    "missions": missions,
    "quality": quality,
    "consistency": consistency,
    "attendance": attendance,
    "goals": goals,
}
