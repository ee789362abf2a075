"""A job that does the same for many rows …"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from core.backoff import backoff
from core.one_by_one import SomeFailed, one_by_one

SECOND = timedelta(seconds=1)


def inverse(row: int) -> int:
    return 12 // row


def test_goes_on_past_a_row_that_fails_and_tells_at_the_end() -> None:
    totals = []
    with pytest.raises(SomeFailed, match="dividing: 2 of 5 failed: 0"), one_by_one("dividing") as rows:
        totals += [rows.count([1, 0, 2], inverse), rows.count([0, 3], inverse)]
    assert totals == [18, 4]


def test_is_over_at_once_when_the_database_is_away() -> None:
    def act(row: int) -> int:
        raise OperationalError("gone")

    with pytest.raises(OperationalError), one_by_one("reading") as rows:
        rows.count([1, 2], act)


def test_says_nothing_where_all_went_well() -> None:
    with one_by_one("dividing") as rows:
        assert rows.count([1, 2], inverse) == 18


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(0, 15), (1, 15), (2, 30), (4, 120), (9, 3600), (60, 3600), (4000, 3600)]
)
def test_waits_twice_as_long_each_time_up_to_a_limit(attempt: int, seconds: int) -> None:
    assert backoff(attempt, first=15 * SECOND, longest=3600 * SECOND) == seconds * SECOND
