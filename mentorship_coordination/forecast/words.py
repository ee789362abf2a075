"""The forecast in one sentence, for pages, mails and REST alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo


def forecast_in_words(*, due: Sequence[datetime], moved: int, mentors: int, avoided: int, zone: str) -> str:
    """For instance "11 items will be late by Friday 4 December; moving 7 to 3 mentors avoids 6."

    `due`: when each late item is due (aware); `moved`: items of all proposed moves, to `mentors` people.
    """
    if not due:
        return "Nothing that is open now will be late in the next seven days."
    last = max(due).astimezone(ZoneInfo(zone))
    sentence = f"{_items(len(due))} will be late by {last:%A} {last.day} {last:%B}"
    if not avoided:
        return f"{sentence}; no mentor with room could take any of it."
    people = "one mentor" if mentors == 1 else f"{mentors} mentors"
    return f"{sentence}; moving {moved} to {people} avoids {avoided}."


def _items(count: int) -> str:
    return "One item" if count == 1 else f"{count} items"
