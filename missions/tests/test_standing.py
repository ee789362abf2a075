"""What missions say about a student …"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import new_id
from core.stream.snapshots import as_json
from missions.enums import SubmissionState
from missions.standing import (
    NOT_STARTED,
    PARTS,
    SIGNALS,
    Line,
    missions_value,
    open_level,
    quality_value,
    readiness_inputs,
    recommended,
    refusal_points,
    refusals,
)

AT = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DRAFT, SUBMITTED, APPROVED = SubmissionState.DRAFT, SubmissionState.SUBMITTED, SubmissionState.APPROVED
CHANGES, REJECTED = SubmissionState.CHANGES_REQUESTED, SubmissionState.REJECTED


def line(number: int = 1, state: str = NOT_STARTED, **known: Any) -> Line:
    facts: dict[str, Any] = {
        "mission_id": str(new_id()),
        "title": f"Mission {number}",
        "weight": 1,
        "level": 1,
        "expected_after_days": 0,
        "score": None,
        "submission_id": None,
        "version": None,
        "submitted_at": None,
        "decided_at": None,
    }
    return Line(number=number, state=str(state), **{**facts, **known})


def missions_part(lines: list[Line], days: int) -> float | None:
    return missions_value(readiness_inputs(lines, days=days, cohort_mean=None)["missions"])


def quality_part(scores: list[int | None], cohort_mean: float | None) -> float | None:
    lines = [line(number, score=score) for number, score in enumerate(scores)]
    return quality_value(readiness_inputs(lines, days=0, cohort_mean=cohort_mean)["quality"])


def test_missions_are_the_approved_weight_over_that_expected_by_now() -> None:
    lines = [
        line(1, APPROVED, weight=3, expected_after_days=14),
        line(2, SUBMITTED, weight=1, expected_after_days=28),
        line(3, NOT_STARTED, weight=5, expected_after_days=29),
    ]
    assert readiness_inputs(lines, days=28, cohort_mean=None)["missions"] == {
        "approved_weight": 3,
        "expected_weight": 4,
        "days_since_start": 28,
    }
    assert [missions_part(lines, days) for days in (14, 27, 28, 29)] == [1.0, 1.0, 0.75, 3 / 9]


@pytest.mark.parametrize("state", [NOT_STARTED, DRAFT, SUBMITTED, CHANGES, REJECTED])
def test_missions_count_nothing_but_approval(state: str) -> None:
    assert missions_part([line(1, state)], days=0) == 0.0


def test_missions_are_no_more_than_done_however_early() -> None:
    lines = [line(1, APPROVED), line(2, APPROVED, weight=9, expected_after_days=300)]
    assert missions_part(lines, days=0) == 1.0


def test_missions_say_nothing_before_anything_is_expected_or_approved() -> None:
    assert missions_part([], days=100) is None
    assert missions_part([line(1, SUBMITTED, expected_after_days=1)], days=0) is None
    assert missions_part([line(1, APPROVED, expected_after_days=1)], days=0) == 1.0
    assert missions_part([line(1, expected_after_days=0)], days=-1) is None


def lines_of_any_kind() -> st.SearchStrategy[list[Line]]:
    states = st.sampled_from([NOT_STARTED, *SubmissionState.values])
    facts = st.tuples(states, st.integers(1, 20), st.integers(0, 90), st.none() | st.integers(0, 100))
    return st.lists(facts, max_size=12).map(
        lambda drawn: [
            line(number, state, weight=weight, expected_after_days=after, score=score)
            for number, (state, weight, after, score) in enumerate(drawn, 1)
        ]
    )


@given(lines_of_any_kind(), st.integers(-5, 100), st.data())
def test_one_more_approval_never_lowers_missions(lines: list[Line], days: int, data: st.DataObject) -> None:
    undecided = [at for at, each in enumerate(lines) if not each.is_approved]
    before = missions_part(lines, days)
    if not undecided:
        return
    index = data.draw(st.sampled_from(undecided))
    known = lines[index]
    done = line(known.number, APPROVED, weight=known.weight, expected_after_days=known.expected_after_days)
    after = missions_part([*lines[:index], done, *lines[index + 1 :]], days)
    assert after is not None
    assert after >= (before or 0.0)


@given(lines_of_any_kind(), st.integers(-5, 100), st.none() | st.decimals(0, 100, places=2).map(float))
def test_parts_are_shares_and_the_same_from_what_is_stored(
    lines: list[Line], days: int, cohort_mean: float | None
) -> None:
    inputs = readiness_inputs(lines, days=days, cohort_mean=cohort_mean)
    values = {part.name: part.value_of(inputs[part.name]) for part in PARTS}
    assert all(value is None or 0 <= value <= 1 for value in values.values())
    stored = json.loads(as_json(inputs))
    assert {part.name: part.value_of(stored[part.name]) for part in PARTS} == values


def test_quality_is_shrunk_to_the_cohorts_mean_as_by_three_scores() -> None:
    assert quality_part([100], 60.0) == 0.70
    assert quality_part([100, 90, None], 60.0) == 0.74
    assert quality_part([0], 80.0) == 0.60
    assert quality_part([60] * 40, 60.0) == 0.60


def test_quality_is_the_mean_itself_where_the_cohort_has_none() -> None:
    assert quality_part([100, 90], None) == 0.95


def test_quality_takes_a_mean_of_zero_for_a_mean() -> None:
    assert quality_part([100], 0.0) == 0.25


def test_quality_says_nothing_without_a_score() -> None:
    assert quality_part([None, None], 60.0) is None
    assert quality_part([], None) is None


def test_quality_knows_a_score_of_zero() -> None:
    assert quality_part([0], None) == 0.0


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.decimals(0, 100, places=2).map(float))
def test_quality_lies_between_the_own_mean_and_the_cohorts(scores: list[int], cohort_mean: float) -> None:
    own = sum(scores) / len(scores)
    found = quality_part([*scores], cohort_mean)
    assert found is not None
    assert min(own, cohort_mean) - 1e-9 <= 100 * found <= max(own, cohort_mean) + 1e-9


def test_refusals_name_what_came_back_in_the_last_28_days() -> None:
    fresh = line(1, CHANGES, decided_at=AT - 28 * DAY + timedelta(seconds=1))
    final = line(2, REJECTED, decided_at=AT)
    lines = [fresh, final, line(3, REJECTED, decided_at=AT - 28 * DAY), line(4, APPROVED, decided_at=AT), line(5)]
    assert refusals(lines, AT) == {
        "missions": [
            {
                "mission_id": fresh.mission_id,
                "title": "Mission 1",
                "decision": "changes_requested",
                "at": "2026-03-02T12:00:01Z",
            },
            {
                "mission_id": final.mission_id,
                "title": "Mission 2",
                "decision": "rejected",
                "at": "2026-03-30T12:00:00Z",
            },
        ]
    }


def test_refusals_are_over_once_she_hands_in_again() -> None:
    assert refusals([line(1, SUBMITTED, decided_at=None)], AT) == {"missions": []}


@pytest.mark.parametrize(
    ("states", "points"),
    [([], 0), ([CHANGES], 5), ([REJECTED], 10), ([CHANGES, REJECTED], 15), ([REJECTED] * 2, 15), ([CHANGES] * 4, 15)],
)
def test_refusals_give_five_points_and_ten_and_no_more_than_fifteen(states: list[str], points: int) -> None:
    evidence = refusals([line(number, state, decided_at=AT) for number, state in enumerate(states)], AT)
    assert refusal_points(evidence) == points
    assert [(signal.name, signal.most) for signal in SIGNALS] == [("failed_reviews", 15)]


def level(number: int, approved: int, total: int) -> list[Line]:
    return [line(at, APPROVED if at < approved else SUBMITTED, level=number) for at in range(total)]


@pytest.mark.parametrize(
    ("lines", "opened"),
    [
        ([], 1),
        (level(1, 0, 3), 1),
        (level(1, 1, 3) + level(2, 0, 3), 1),
        (level(1, 2, 3) + level(2, 0, 3), 2),
        (level(1, 3, 3) + level(2, 1, 3) + level(3, 0, 1), 2),
        (level(1, 2, 3) + level(2, 2, 3) + level(3, 0, 1), 3),
        (level(1, 3, 3) + level(2, 3, 3), 2),
        (level(1, 1, 3) + level(2, 3, 3) + level(3, 0, 1), 1),
        (level(2, 0, 3) + level(4, 0, 3), 2),
        (level(2, 2, 3) + level(4, 0, 3), 4),
        (level(1, 33, 50) + level(2, 0, 1), 1),
        (level(1, 34, 50) + level(2, 0, 1), 2),
    ],
)
def test_level_opens_when_two_thirds_of_the_one_below_are_approved(lines: list[Line], opened: int) -> None:
    assert open_level(lines) == opened


def test_level_opens_by_weight_and_not_by_number() -> None:
    heavy = [line(1, APPROVED, weight=4), line(2, SUBMITTED), line(3, SUBMITTED), line(4, level=2)]
    assert open_level(heavy) == 2
    assert open_level([line(1, SUBMITTED, weight=4), line(2, APPROVED), line(3, APPROVED), line(4, level=2)]) == 1


def advice(lines: list[Line]) -> tuple[int, str] | None:
    found = recommended(lines)
    return (found["number"], found["reason"]) if found else None


def test_next_is_told_with_all_that_a_link_needs() -> None:
    [only] = lines = [line(7, level=2)]
    assert recommended(lines) == {
        "mission_id": only.mission_id,
        "number": 7,
        "title": "Mission 7",
        "level": 2,
        "reason": "next_in_level",
    }


def test_next_is_what_came_back_then_what_is_begun_then_what_is_new_then_what_is_ahead() -> None:
    lines = [
        line(1, APPROVED),
        line(2, SUBMITTED),
        line(3, SUBMITTED),
        line(4, level=2),
        line(5),
        line(6),
        line(7, DRAFT),
        line(8, CHANGES),
    ]
    told = []
    while lines:
        told.append(advice(lines))
        lines = [each for each in lines if told[-1] is None or each.number != told[-1][0]]
        if told[-1] is None:
            break
    assert told == [
        (8, "changes_requested"),
        (7, "begun"),
        (5, "next_in_level"),
        (6, "next_in_level"),
        (4, "while_you_wait"),
        None,
    ]


def test_next_is_the_lowest_number_of_a_kind() -> None:
    assert advice([line(3, CHANGES), line(2, CHANGES), line(1)]) == (2, "changes_requested")
    assert advice([line(3), line(2, level=2), line(1, level=2)]) == (3, "next_in_level")


def test_next_may_be_left_over_from_a_lower_level() -> None:
    lines = [line(1, APPROVED), line(2, APPROVED), line(3), line(4, level=2)]
    assert advice(lines) == (3, "next_in_level")
    assert advice([*lines[:2], lines[3]]) == (4, "next_in_level")


@pytest.mark.parametrize("lines", [[], [line(1, APPROVED), line(2, SUBMITTED), line(3, REJECTED)]])
def test_next_is_nothing_when_nothing_is_left(lines: list[Line]) -> None:
    assert recommended(lines) is None
