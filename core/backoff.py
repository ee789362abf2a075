from __future__ import annotations

from datetime import timedelta

#: Twice as long each time: past this nobody's longest pause is longer.
MOST_DOUBLINGS = 30


def backoff(attempt: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after the `attempt`th failure (from 1): `first`, twice that, … `longest`."""
    doublings: int = min(max(attempt - 1, 0), MOST_DOUBLINGS)
    return min(first * (1 << doublings), longest)
