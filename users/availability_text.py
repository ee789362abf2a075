"""Availability as people write it; `users.availability.parse_availability` reads it back."""

from __future__ import annotations

from itertools import pairwise

from users.availability import DAYS, Availability

SHORTEST_RANGE = 3


def availability_text(value: Availability) -> str:
    """ "Mon-Fri 09:00-17:00; Sat 10:00-12:00, 14:00-16:00" of the canonical form; "" of an empty one."""
    hours = {day: ", ".join(f"{opens}-{closes}" for opens, closes in value[day]) for day in DAYS if value.get(day)}
    days_of: dict[str, list[str]] = {}
    for day, text in hours.items():
        days_of.setdefault(text, []).append(day)
    return "; ".join(f"{_days_text(days)} {text}" for text, days in days_of.items())


def _days_text(days: list[str]) -> str:
    """ "Mon-Wed, Sat" of mon, tue, wed, sat."""
    runs = [[days[0]]]
    for before, day in pairwise(days):
        if DAYS.index(day) == DAYS.index(before) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_text(run) for run in runs)


def _run_text(run: list[str]) -> str:
    if len(run) < SHORTEST_RANGE:
        return ", ".join(day.title() for day in run)
    return f"{run[0].title()}-{run[-1].title()}"
