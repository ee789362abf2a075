"""Streaks: what they are, and when one is worth a word. Source: product.md §9.

A streak is done periods in a row, a period being a local day or an ISO week; a skipped period neither adds nor breaks.
The period that runs is not lost yet: until it is over the streak stands, "at risk". `coaching.sql_functions` counts
them, `coaching.counting` reads what is counted.
"""

from __future__ import annotations

from datetime import date, timedelta

from coaching.enums import Cadence

#: A shorter streak that ends is nobody's worry.
WORTH_TELLING = 3
#: How far back habits are counted: local days, or the same span in whole weeks.
WINDOW_DAYS = 28


def period_of(cadence: str, day: date) -> date:
    """The first day of the period that holds `day`: the day itself, or the Monday of its week."""
    return day - timedelta(days=day.weekday()) if cadence == Cadence.WEEKLY else day
