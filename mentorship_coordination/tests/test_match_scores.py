"""The rules and scores of a whole matrix against a slow walk over the same people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.errors import InvalidInput
from mentorship_coordination.matching import scoring
from mentorship_coordination.matching.market import FORBIDDEN
from mentorship_coordination.matching.people import Candidate, Pool, Waiting
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.scoring import RULES, Scorer, parts_of, rules_of
from mentorship_coordination.matching.tables import Tables, tables_of
from mentorship_coordination.matching.weights import MOST_SCORE, Weights
from mentorship_coordination.tests.matching_world import AT, DAYS, mentor, pool_of, random_pool, student

QUARTER = timedelta(minutes=15)


@cache
def _open_instants(availability: str, zone: str, week: datetime) -> frozenset[int]:
    """Which quarters of a UTC week are open by the clock on the wall: one after the other, asked of zoneinfo."""
    windows = json.loads(availability)
    found = set()
    for nth in range(7 * 96):
        local = (week + nth * QUARTER).astimezone(ZoneInfo(zone))
        clock = local.hour * 60 + local.minute
        for opens, closes in windows.get(DAYS[local.weekday()], ()):
            first, last = (int(each[:2]) * 60 + int(each[3:]) for each in (opens, closes))
            if first <= clock and clock + 15 <= last:
                found.add(nth)
    return frozenset(found)


def shared(one: Waiting, other: Candidate) -> int:
    monday = datetime(2026, 2, 16, tzinfo=UTC)
    return min(
        len(
            _open_instants(one.availability, one.timezone, monday + timedelta(weeks=nth))
            & _open_instants(other.availability, other.timezone, monday + timedelta(weeks=nth))
        )
        for nth in range(8)
    )


def parts_by_hand(one: Waiting, other: Candidate, weights: Weights) -> dict[str, int]:
    counts = {skill: 2 if skill in one.wanted_skills else 1 for skill in one.wanted_skills | one.track_skills}
    total = sum(counts.values())
    days = min((AT - one.since) // timedelta(days=1), weights.most_waiting_days)
    return {
        "skills": sum(weights.skills * count // total for skill, count in counts.items() if skill in other.specialties),
        "shared_hours": weights.quarter_hour * min(shared(one, other), weights.most_quarter_hours),
        "same_cohort": weights.same_cohort * (one.cohort_id in other.cohorts),
        "experience": weights.experience * min(other.experience.get(one.track_id, 0), weights.most_experience),
        "waiting": weights.waiting_day * days,
    }


def rule_by_hand(pool: Pool, one: Waiting, other: Candidate) -> str:
    pair = other.id, one.mentee_id
    if not any(json.loads(one.availability).values()):
        return "no_availability_told"
    if one.mentee_id == other.id:
        return "same_person"
    if pair in pool.forbidden:
        return "excluded"
    if pair in pool.unwanted:
        return "unwanted"
    if not one.languages & other.languages:
        return "no_language_in_common"
    return "too_few_shared_hours" if shared(one, other) < 12 else ""


def grid(tables: Tables) -> tuple[np.ndarray, np.ndarray]:
    students, mentors = np.divmod(np.arange(tables.students * tables.mentors), tables.mentors)
    return students, mentors


@pytest.mark.parametrize("seed", range(6))
def test_scores_rules_and_parts_are_those_of_a_slow_walk(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clock changes, zones of :45 and :30 (one of half-hour summer time), blocks of three students."""
    monkeypatch.setattr(scoring, "STUDENTS_AT_ONCE", 3)
    pool, weights = random_pool(seed), Weights(skills=500, quarter_hour=3, most_quarter_hours=40, waiting_day=1)
    tables = tables_of(pool, weights)
    scores = Scorer(tables).scores()
    rules = np.concatenate([block for _, block in Scorer(tables).rules()])
    students, mentors = grid(tables)
    parts = parts_of(tables, students, mentors)
    alone = rules_of(tables, students, mentors)
    assert (alone == rules.ravel()).all()
    for nth, (row, column) in enumerate(zip(students.tolist(), mentors.tolist(), strict=True)):
        one, other = pool.waiting[row], pool.candidates[column]
        assert RULES[rules[row, column]] == rule_by_hand(pool, one, other)
        by_hand = parts_by_hand(one, other, weights)
        assert {name: int(values[nth]) for name, values in parts.items()} == by_hand
        assert scores[row, column] == (FORBIDDEN if rules[row, column] else sum(by_hand.values()))


def test_the_eight_weeks_have_as_many_kinds_as_clocks_change() -> None:
    """Two changes, each in the Sunday of its week: before, the week itself, between, the week itself, after."""
    zones = ("America/New_York", "Europe/Berlin")
    tables = tables_of(pool_of([student(1, timezone=zones[0])], [mentor(1, timezone=zones[1])]), Weights())
    assert tables.student_hours.shape[1] == 5
    still = tables_of(pool_of([student(1)], [mentor(1, timezone="Africa/Nairobi")]), Weights())
    assert still.student_hours.shape[1] == 1


def test_quarter_hours_in_which_nobody_comes_or_goes_are_one_column() -> None:
    hours = json.dumps({"mon": [["09:00", "17:00"]], "tue": [["10:15", "12:00"]]})
    tables = tables_of(pool_of([student(1, availability=hours)], [mentor(1)]), Weights())
    scorer = Scorer(tables)
    # Monday's day; Tuesday before, in and after the student's window; the three days that are the mentor's alone.
    assert len(scorer._weeks[0].columns) == 1 + 3 + 3
    assert scorer.quarters(0, 1).tolist() == [[32 + 7]]


def test_tables_of_some_are_those_of_a_smaller_pool() -> None:
    pool = random_pool(11)
    whole = tables_of(pool, Weights())
    part = whole.of_students(np.array([1, 4, 9])).of_mentors(np.array([0, 3, 5]))
    scores = Scorer(whole).scores()
    assert (Scorer(part).scores() == scores[np.ix_([1, 4, 9], [0, 3, 5])]).all()


def test_a_floor_makes_points_under_it_count_more() -> None:
    points = np.array([0, 50, 100, 200], np.int16)
    worth = Policy(floor=100, shortfall=2).worth(points)
    assert worth.tolist() == [0, 150, 300, 400]
    assert Policy().worth(points) is points


@pytest.mark.parametrize(
    "values", [{"luck": 1}, {"skills": -1}, {"skills": 1.5}, {"skills": True}, {"skills": "9"}, {"quarter_hour": 2001}]
)
def test_weights_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Weights.of(values)


def test_weights_may_not_come_to_more_than_fits() -> None:
    assert Weights.of({}).most_score == 1000
    with pytest.raises(InvalidInput, match=str(MOST_SCORE)):
        Weights.of({"quarter_hour": 2000, "most_quarter_hours": 600})


@pytest.mark.parametrize("values", [{"luck": 1}, {"evenness": -1}, {"floor": None}, {"shortfall": 11}, {"stay": "x"}])
def test_policies_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Policy.of(values)
