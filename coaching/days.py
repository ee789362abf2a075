"""The last days of a habit as bits, and what is counted of them. Source: product.md §9.

Bit `n` of a word stands for the day `n` days before today, bit 0 for today. A habit's five weeks are two small numbers
then, which PostgreSQL builds in one pass over the logs, and counting is arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from coaching.enums import Cadence, LogState
from coaching.streaks import WINDOW_DAYS, period_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: The window of a weekly habit begins up to six days earlier than that of a daily one.
KEPT_DAYS = WINDOW_DAYS + WEEK.days


@dataclass(frozen=True, slots=True)
class Kept:
    """Periods kept of those that were due."""

    kept: int
    due: int


@dataclass(frozen=True, slots=True)
class DayBits:
    """Which of the last `KEPT_DAYS` days, `today` included, are logged as done and which as skipped."""

    today: date
    done: int
    skipped: int

    def state_of(self, day: date) -> str | None:
        """`done`, `skipped`, or None where nothing is logged or the day is out of sight."""
        bit = 1 << (self.today - day).days if day <= self.today else 0
        if self.done & bit:
            return LogState.DONE.value
        return LogState.SKIPPED.value if self.skipped & bit else None

    def is_logged_now(self, cadence: str) -> bool:
        """Whether the period that runs has a log, done or skipped."""
        return bool((self.done | self.skipped) & _span(self.today, period_of(cadence, self.today), self.today))

    def count(self, cadence: str, *, started_on: date, archived_on: date | None) -> Kept:
        """Periods of the last 28 days, or four ISO weeks, that were due and that were kept.

        Skipped ones are not due. The period that runs, or in which the habit was put away, was not over: it counts
        if it is done.
        """
        running = period_of(cadence, self.today)
        last = running if archived_on is None else min(running, period_of(cadence, archived_on))
        first = max(running - timedelta(days=WINDOW_DAYS), period_of(cadence, started_on))
        past = self._count_weeks(first, last) if cadence == Cadence.WEEKLY else self._count_days(first, last)
        ends_on = min(self.today, last + (WEEK - DAY)) if cadence == Cadence.WEEKLY else last
        is_done = first <= last and bool(self.done & _span(self.today, last, ends_on))
        return Kept(past.kept + is_done, past.due + is_done)

    def _count_days(self, first: date, ended: date) -> Kept:
        """Of the days from `first` up to, and without, `ended`."""
        if first >= ended:
            return Kept(0, 0)
        bits = _span(self.today, first, ended - DAY)
        return Kept((self.done & bits).bit_count(), (bits & ~self.skipped).bit_count())

    def _count_weeks(self, first: date, ended: date) -> Kept:
        """Of the weeks whose Mondays are from `first` up to, and without, `ended`."""
        kept = due = 0
        while first < ended:
            bits = _span(self.today, first, first + 6 * DAY)
            is_done = bool(self.done & bits)
            kept += is_done
            due += is_done or not self.skipped & bits
            first += WEEK
        return Kept(kept, due)


def _span(today: date, first: date, last: date) -> int:
    """The bits of the days from `first` to `last`, both included."""
    newest, oldest = (today - last).days, (today - first).days
    return (1 << (oldest + 1)) - (1 << newest)
