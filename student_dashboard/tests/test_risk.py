"""The risk score …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from student_dashboard.risk import (
    OWN_SIGNALS,
    RiskPart,
    RiskSignal,
    assess,
    falling_points,
    is_at_risk,
    own_evidence,
    silence_points,
)

AT = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def points(name: str, most: int) -> RiskSignal:
    return RiskSignal(name, most, lambda evidence: int(evidence["points"]))


def own_points(**known: Any) -> dict[str, int]:
    """The points of this app's own signals."""
    given_facts = {"active_at": AT, "since": AT - 90 * DAY, "at": AT, "trend_7d": None, **known}
    return {part.name: part.points for part in assess(OWN_SIGNALS, own_evidence(**given_facts)).parts}


def test_is_the_sum_of_its_parts_with_the_most_points_first() -> None:
    evidence = {name: {"points": each} for name, each in {"b": 10, "a": 10, "c": 15, "none": 0}.items()}
    risk = assess([points(name, 20) for name in ("a", "b", "c", "none", "unknown")], evidence)
    assert [(part.name, part.points) for part in risk.parts] == [("c", 15), ("a", 10), ("b", 10)]
    assert risk.score == 35


def test_keeps_the_evidence_of_each_part() -> None:
    risk = assess([points("missed", 20)], {"missed": {"points": 20, "sessions": ["one"]}, "of nobody": {"points": 9}})
    assert risk.parts == (RiskPart("missed", 20, {"points": 20, "sessions": ["one"]}),)
    assert risk.parts[0].as_json() == {
        "name": "missed",
        "points": 20,
        "evidence": {"points": 20, "sessions": ["one"]},
    }


def test_is_zero_without_evidence() -> None:
    assert (assess([points("missed", 20)], {}).score, assess([], {}).parts) == (0, ())


@pytest.mark.parametrize("given_points", [-1, 21])
def test_refuses_a_signal_with_more_points_than_it_may_give(given_points: int) -> None:
    with pytest.raises(ValueError, match=f"the signal 'missed' gives {given_points} points"):
        assess([points("missed", 20)], {"missed": {"points": given_points}})


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(0, 10), max_size=8))
def test_is_no_more_than_its_signals_may_give(given_points: dict[str, int]) -> None:
    risk = assess(
        [points(name, 10) for name in given_points], {name: {"points": p} for name, p in given_points.items()}
    )
    assert risk.score == sum(given_points.values()) == sum(part.points for part in risk.parts)
    assert 0 <= risk.score <= 10 * len(given_points)
    assert all(part.points for part in risk.parts)


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (6, 0), (7, 14), (8, 16), (11, 22), (12, 24), (13, 24), (400, 24)]
)
def test_counts_two_points_for_each_day_of_silence_from_the_seventh_on(days: int, expected: int) -> None:
    assert silence_points({"days": days}) == expected


@pytest.mark.parametrize(
    ("trend", "expected"),
    [("10", 0), ("0", 0), ("-4.99", 0), ("-5", 5), ("-5.99", 5), ("-6", 6), ("-15", 15), ("-15.01", 15), ("-80", 15)],
)
def test_counts_the_whole_points_that_readiness_fell_by_from_five_on(trend: str, expected: int) -> None:
    assert falling_points({"trend_7d": float(Decimal(trend))}) == expected


@pytest.mark.parametrize(("silent", "expected"), [(7 * DAY - timedelta(seconds=1), {}), (7 * DAY, {"silence": 14})])
def test_counts_whole_days_since_she_was_last_seen(silent: timedelta, expected: dict[str, int]) -> None:
    assert own_points(active_at=AT - silent) == expected


def test_counts_from_the_enrolment_who_was_never_seen_in_it() -> None:
    assert own_points(active_at=None, since=AT - 9 * DAY) == {"silence": 18}
    assert own_points(active_at=AT - 300 * DAY, since=AT - 9 * DAY) == {"silence": 18}


def test_names_the_instant_since_which_she_is_silent() -> None:
    evidence = own_evidence(active_at=AT - 8 * DAY, since=AT - 90 * DAY, at=AT, trend_7d=Decimal("-6.50"))
    assert evidence == {
        "silence": {"days": 8, "since": "2026-03-22T12:00:00Z"},
        "falling_readiness": {"trend_7d": -6.5},
    }


def test_says_nothing_of_a_trend_that_is_not_known() -> None:
    assert "falling_readiness" not in own_evidence(active_at=AT, since=AT, at=AT, trend_7d=None)


def test_takes_work_that_ends_later_for_work_of_now() -> None:
    assert own_points(active_at=AT + DAY) == {}


@pytest.mark.parametrize(
    ("score", "begins", "goes_on"),
    [
        (0, False, False),
        (24, False, False),
        (25, False, True),
        (34, False, True),
        (35, True, True),
        (100, True, True),
    ],
)
def test_begins_an_episode_at_35_and_ends_it_below_25(score: int, begins: bool, goes_on: bool) -> None:
    assert is_at_risk(score, was_at_risk=False) is begins
    assert is_at_risk(score, was_at_risk=True) is goes_on
