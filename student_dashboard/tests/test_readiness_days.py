"""Of each local day of a student one figure is kept, and the trend compares today's with that of seven days ago."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.stream.snapshots import as_json
from student_dashboard import snapshot_rows
from student_dashboard.models import ReadinessSnapshot
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.tests.made_up import PARTS, MadeUp, refreshed, student_in
from student_dashboard.tests.refreshes import dashboard_of
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment, User

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = 7 * DAY


def days_of(student: User) -> list[tuple[date, Decimal | None]]:
    with as_system():
        days = ReadinessSnapshot.objects.filter(student=student).order_by("local_date")
        return list(days.values_list("local_date", "readiness"))


@pytest.fixture
def made_up(db: None) -> MadeUp:
    return MadeUp()


def test_the_day_is_that_of_her_zone(made_up: MadeUp) -> None:
    cases = {
        ("Asia/Kathmandu", "2026-03-02T18:14:59+00:00"): date(2026, 3, 2),
        ("Asia/Kathmandu", "2026-03-02T18:15:00+00:00"): date(2026, 3, 3),
        ("America/New_York", "2026-03-03T04:59:59+00:00"): date(2026, 3, 2),
        ("America/New_York", "2026-03-03T05:00:00+00:00"): date(2026, 3, 3),
    }
    for (zone, at), day in cases.items():
        student = student_in(zone)
        made_up.say(student, work=0.5)
        refreshed(datetime.fromisoformat(at), student)
        assert days_of(student) == [(day, Decimal(50))]


def test_students_of_two_zones_have_two_days_at_one_instant(made_up: MadeUp) -> None:
    early, late = student_in("America/New_York"), student_in("Asia/Kathmandu")
    refreshed(datetime(2026, 3, 2, 18, 15, tzinfo=UTC), early, late)
    assert [day for day, _ in (*days_of(early), *days_of(late))] == [date(2026, 3, 2), date(2026, 3, 3)]


def test_today_is_written_over_and_tomorrow_gets_its_own(made_up: MadeUp) -> None:
    student = student_in("America/New_York")
    for at, work in [(MONDAY, 0.5), (MONDAY + timedelta(hours=16), 0.6), (MONDAY + timedelta(hours=17), 0.9)]:
        made_up.say(student, work=work)
        refreshed(at, student)
    assert days_of(student) == [(date(2026, 3, 2), Decimal(60)), (date(2026, 3, 3), Decimal(90))]


def test_a_day_holds_the_values_of_all_parts_and_the_version_of_the_formula(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, work=1 / 3)
    refreshed(MONDAY, student)
    with as_system():
        day = ReadinessSnapshot.objects.get(student=student)
    assert (day.parts, day.formula_version) == ({"work": 0.333333, "habit": None}, FORMULA_VERSION)


def test_a_day_with_too_little_data_is_kept_as_none(made_up: MadeUp) -> None:
    student = student_in()
    refreshed(MONDAY, student)
    assert days_of(student) == [(date(2026, 3, 2), None)]


def test_data_that_is_gone_leaves_none_and_not_the_figure_of_before(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, work=0.5)
    assert refreshed(MONDAY, student).readiness == 50
    made_up.say(student)
    gone = refreshed(MONDAY + timedelta(hours=1), student)
    assert (gone.readiness, gone.readiness_coverage) == (None, Decimal(0))
    assert days_of(student) == [(date(2026, 3, 2), None)]


def test_what_is_stored_gives_the_figure_again(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, work=0.1 + 0.2)
    dashboard = refreshed(MONDAY, student)
    inputs = {part["name"]: part["inputs"] for part in dashboard.inputs["parts"] if part["inputs"]}
    again = evaluate(PARTS, inputs)
    assert (
        (again.figure, again.coverage)
        == (dashboard.readiness, dashboard.readiness_coverage)
        == (
            Decimal(30),
            Decimal("0.6"),
        )
    )
    assert as_json([part.as_json() for part in again.parts]) == as_json(dashboard.inputs["parts"])


def trend_after(made_up: MadeUp, before: float | None, now: float | None, days: int = 7) -> Decimal | None:
    student = student_in()
    made_up.say(student, work=before)
    refreshed(MONDAY, student)
    made_up.say(student, work=now)
    return refreshed(MONDAY + days * DAY, student).trend_7d


def test_the_trend_is_todays_figure_less_that_of_seven_days_ago(made_up: MadeUp) -> None:
    assert str(trend_after(made_up, 0.5, 0.625)) == "12.50"
    assert str(trend_after(made_up, 0.5, 0.4)) == "-10.00"
    assert str(trend_after(made_up, 0.5, 0.5)) == "0.00"


def test_there_is_no_trend_without_the_day_itself(made_up: MadeUp) -> None:
    assert [trend_after(made_up, 0.5, 0.6, days) for days in (6, 7, 8)] == [None, Decimal(10), None]


def test_there_is_no_trend_without_both_figures(made_up: MadeUp) -> None:
    assert trend_after(made_up, None, 0.5) is None
    assert trend_after(made_up, 0.5, None) is None
    assert trend_after(made_up, None, None) is None


def test_there_is_no_trend_between_two_formulas(made_up: MadeUp, monkeypatch: pytest.MonkeyPatch) -> None:
    student = student_in()
    made_up.say(student, work=0.5)
    refreshed(MONDAY, student)
    monkeypatch.setattr(snapshot_rows, "FORMULA_VERSION", FORMULA_VERSION + 1)
    dashboard = refreshed(MONDAY + WEEK, student)
    assert (dashboard.trend_7d, dashboard.formula_version) == (None, FORMULA_VERSION + 1)
    assert refreshed(MONDAY + 2 * WEEK, student).trend_7d == 0


@pytest.mark.parametrize(
    ("first", "later"),
    [
        # Late on a Monday and early on the Monday after, with a change of the clock in between.
        ("2026-03-03T04:30:00+00:00", "2026-03-09T04:30:00+00:00"),
        ("2026-10-27T03:30:00+00:00", "2026-11-02T05:30:00+00:00"),
    ],
)
def test_the_trend_counts_local_days(made_up: MadeUp, first: str, later: str) -> None:
    student = student_in("America/New_York")
    made_up.say(student, work=0.5)
    refreshed(datetime.fromisoformat(first), student)
    made_up.say(student, work=0.6)
    assert refreshed(datetime.fromisoformat(later), student).trend_7d == 10


def test_who_has_no_active_enrolment_has_no_figures_and_no_day(made_up: MadeUp) -> None:
    student = student_in()
    made_up.say(student, work=0.5, worry=20)
    refreshed(MONDAY, student)
    with as_system():
        Enrolment.objects.update(state=EnrolmentState.PAUSED)
    gone = refreshed(MONDAY + DAY, student)
    assert (gone.readiness, gone.readiness_coverage, gone.trend_7d) == (None, None, None)
    assert (gone.risk_score, gone.risk_parts, gone.risk_since) == (None, [], None)
    assert [part["value"] for part in gone.inputs["parts"]] == [None, None]
    assert days_of(student) == [(date(2026, 3, 2), Decimal(50))]


def test_a_day_of_before_stays_when_she_is_refreshed_later(made_up: MadeUp) -> None:
    student, other = student_in(), student_in()
    made_up.say(student, other, work=0.5)
    refreshed(MONDAY, student, other)
    made_up.say(student, other, work=0.7)
    refreshed(MONDAY + DAY, student)
    assert days_of(other) == [(date(2026, 3, 2), Decimal(50))]
    assert dashboard_of(other).readiness == 50
