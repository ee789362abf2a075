"""The "habits" section of a dashboard …"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from coaching.actions.habits import archive_habit
from coaching.providers import habit_sections
from coaching.standing import consistency_value, streak_points
from coaching.tests.world import (
    DAY,
    MONDAY,
    NOON,
    WEEK,
    clear,
    end_streaks,
    habit_of,
    local,
    log,
    log_in_bulk,
    log_row,
    moved_to,
    student_acting,
)
from conftest import Cast
from student_dashboard.sections import Section, collect_facts, readiness_parts, risk_signals
from tests import factories
from tests.database import as_system
from users.models import User

#: Habits with their days; breaks.
QUERIES = 2


def section_of(student: User, at: datetime) -> Section:
    with as_system():
        return habit_sections([student.pk], at)[student.pk]


def broken_of(student: User, at: datetime) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = section_of(student, at).evidence["streak_broken"]["habits"]
    return found


def week(*states: str | None) -> list[dict[str, str | None]]:
    """The days from 1 February on, as the section says them."""
    return [{"date": f"2026-02-{day:02}", "state": state} for day, state in enumerate(states, 1)]


def test_shows_each_habit_with_its_days(cast: Cast) -> None:
    daily = habit_of(cast.student)
    weekly = habit_of(cast.student, "weekly", name="Write a report", at=NOON + DAY / 24)
    for day, state in enumerate(("done", "done", "skipped", "done")):
        log(cast.student, daily, at=NOON + day * DAY, state=state)
    log(cast.student, weekly, at=NOON + 3 * DAY)

    section = section_of(cast.student, NOON + 5 * DAY)

    assert section.content == {
        "habits": [
            {
                "habit_id": str(daily.pk),
                "name": "An hour in the lab",
                "cadence": "daily",
                "streak": 0,
                "longest_streak": 3,
                "is_at_risk": False,
                "is_logged_now": False,
                "kept": 3,
                "due": 4,
                "recent": week(None, "done", "done", "skipped", "done", None, None),
            },
            {
                "habit_id": str(weekly.pk),
                "name": "Write a report",
                "cadence": "weekly",
                "streak": 1,
                "longest_streak": 1,
                "is_at_risk": False,
                "is_logged_now": True,
                "kept": 1,
                "due": 1,
                "recent": week(None, None, None, None, "done", None, None),
            },
        ],
        "current_streak": 1,
        "longest_streak": 3,
        "completion": 0.8,
        "kept": 4,
        "due": 5,
    }
    assert section.inputs == {"consistency": {"kept": 4, "due": 5}}
    assert section.evidence == {"streak_broken": {"habits": []}}
    assert section.active_at == NOON + 3 * DAY


def test_is_empty_without_habits(cast: Cast) -> None:
    section = section_of(cast.student, NOON)

    assert section.content == {
        "habits": [],
        "current_streak": None,
        "longest_streak": None,
        "completion": None,
        "kept": 0,
        "due": 0,
    }
    assert consistency_value(section.inputs["consistency"]) is None
    assert streak_points(section.evidence["streak_broken"]) == 0
    assert section.active_at is None


def test_has_no_consistency_before_the_first_day_is_over(cast: Cast) -> None:
    habit = habit_of(cast.student)
    assert consistency_value(section_of(cast.student, NOON).inputs["consistency"]) is None

    log(cast.student, habit, at=NOON)
    assert consistency_value(section_of(cast.student, NOON).inputs["consistency"]) == 1.0
    clear(cast.student, habit, MONDAY, at=NOON)
    assert consistency_value(section_of(cast.student, NOON + DAY).inputs["consistency"]) == 0.0


def test_counts_what_is_put_away_without_showing_it(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)
    with student_acting(cast.student):
        archive_habit(habit_id=habit.pk, by=cast.student, at=NOON + 4 * DAY)

    content = section_of(cast.student, NOON + 9 * DAY).content or {}

    assert (content["habits"], content["current_streak"], content["longest_streak"]) == ([], None, 3)
    assert (content["kept"], content["due"], content["completion"]) == (3, 4, 0.75)


def test_is_of_her_own_day(cast: Cast) -> None:
    student = moved_to(cast.student, "Pacific/Kiritimati")
    log_row(student, habit_of(student, at=local("Pacific/Kiritimati", MONDAY)), 2, zone="Pacific/Kiritimati")
    midnight = local("Pacific/Kiritimati", MONDAY + 3 * DAY, 0)

    [before], [after] = ((section_of(student, at).content or {})["habits"] for at in (midnight - DAY / 86400, midnight))

    assert (before["streak"], before["recent"][-1]["date"]) == (2, "2026-02-04")
    assert (after["streak"], after["recent"][-1]["date"]) == (0, "2026-02-05")


def test_gives_points_for_a_streak_that_broke(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 4)
    end_streaks(NOON + 5 * DAY)

    section = section_of(cast.student, NOON + 5 * DAY)

    assert section.evidence["streak_broken"] == {
        "habits": [
            {
                "habit_id": str(habit.pk),
                "name": "An hour in the lab",
                "length": 4,
                "last_date": "2026-02-05",
                "broken_on": "2026-02-07",
            }
        ]
    }
    assert streak_points(section.evidence["streak_broken"]) == 8


def test_forgets_a_break_once_the_habit_is_logged_again(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)
    end_streaks(NOON + 4 * DAY)
    assert len(broken_of(cast.student, NOON + 4 * DAY)) == 1

    log(cast.student, habit, at=NOON + 4 * DAY)
    assert broken_of(cast.student, NOON + 4 * DAY) == []
    clear(cast.student, habit, MONDAY + 4 * DAY, at=NOON + 4 * DAY)
    assert len(broken_of(cast.student, NOON + 4 * DAY)) == 1


def test_keeps_a_break_while_days_are_only_skipped(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 5)
    end_streaks(NOON + 6 * DAY)
    log(cast.student, habit, at=NOON + 6 * DAY, state="skipped")
    assert len(broken_of(cast.student, NOON + 6 * DAY)) == 1
    log(cast.student, habit, at=NOON + 7 * DAY)
    assert broken_of(cast.student, NOON + 7 * DAY) == []


def test_forgets_a_break_for_good_when_a_shorter_streak_follows(cast: Cast) -> None:
    habit = habit_of(cast.student)
    log_row(cast.student, habit, 3)
    end_streaks(NOON + 4 * DAY)
    log_row(cast.student, habit, 2, first=MONDAY + 4 * DAY)
    end_streaks(NOON + 9 * DAY)

    assert broken_of(cast.student, NOON + 9 * DAY) == []


def test_forgets_a_break_once_it_is_mended_or_put_away(cast: Cast) -> None:
    mended, away = habit_of(cast.student), habit_of(cast.student, name="Put away")
    for habit in (mended, away):
        log_row(cast.student, habit, 3)
    at = NOON + 4 * DAY
    end_streaks(at)
    assert {each["name"] for each in broken_of(cast.student, at)} == {"An hour in the lab", "Put away"}

    log(cast.student, mended, at=at, day=MONDAY + 3 * DAY)
    with student_acting(cast.student):
        archive_habit(habit_id=away.pk, by=cast.student, at=at)

    assert broken_of(cast.student, at) == []


def test_forgets_a_break_after_two_weeks(cast: Cast) -> None:
    log_row(cast.student, habit_of(cast.student), 3)
    end_streaks(NOON + 4 * DAY)
    over = NOON + 4 * DAY + 2 * WEEK

    assert [len(broken_of(cast.student, at)) for at in (over - DAY, over)] == [1, 0]


def test_looks_back_28_days(cast: Cast) -> None:
    habit = habit_of(cast.student, at=NOON - 99 * DAY)
    log_in_bulk(habit, [(MONDAY - back * DAY, "done") for back in (28, 29, 30)])

    content = section_of(cast.student, NOON).content or {}

    assert (content["kept"], content["due"], content["completion"]) == (1, 28, 0.036)


def test_keeps_students_apart(cast: Cast) -> None:
    log_row(cast.student, habit_of(cast.student), 3)
    end_streaks(NOON + 4 * DAY)
    with as_system():
        sections = habit_sections([cast.student.pk, cast.stranger.pk], NOON + 4 * DAY)

    assert (sections[cast.stranger.pk].content or {})["habits"] == []
    assert sections[cast.stranger.pk].evidence == {"streak_broken": {"habits": []}}
    assert len(sections[cast.student.pk].evidence["streak_broken"]["habits"]) == 1


def test_is_plain_json(cast: Cast) -> None:
    log_row(cast.student, habit_of(cast.student), 3)
    end_streaks(NOON + 4 * DAY)

    section = section_of(cast.student, NOON + 4 * DAY)

    for part in (section.content, section.inputs, section.evidence):
        assert json.loads(json.dumps(part)) == part


def test_is_registered_with_its_part_and_signal(cast: Cast) -> None:
    log_row(cast.student, habit_of(cast.student), 1)
    with as_system():
        facts = collect_facts([cast.student.pk], NOON)[cast.student.pk]

    assert (facts.sections["habits"] or {})["current_streak"] == 1
    assert facts.inputs["consistency"] == {"kept": 1, "due": 1}
    assert {"consistency", "goals"} <= {part.name for part in readiness_parts()}
    assert {"streak_broken", "goals_overdue"} <= {signal.name for signal in risk_signals()}


@pytest.mark.parametrize("count", [1, 20])
def test_takes_the_same_queries_for_one_student_and_twenty(
    cast: Cast, django_assert_num_queries: Any, count: int
) -> None:
    with as_system():
        others = factories.EnrolmentFactory.create_batch(count - 1, cohort=cast.cohort)
    students = [cast.student, *(enrolment.student for enrolment in others)]
    for student in students:
        log_in_bulk(habit_of(student), [(MONDAY, "done"), (MONDAY + DAY, "done")])

    with as_system(), django_assert_num_queries(QUERIES):
        sections = habit_sections([student.pk for student in students], NOON + DAY)

    assert [(sections[student.pk].content or {})["current_streak"] for student in students] == [2] * count
