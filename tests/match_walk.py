"""Rules and scores of the matching once more, from plain values and without a rule of the product's code."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUARTER = timedelta(minutes=15)


def blocking_rule(student: dict[str, Any], mentor: dict[str, Any], apart: set[tuple[Any, ...]], at: datetime) -> str:
    """The first that keeps them apart; "" when none does. Places are not looked at."""
    if not any(student["student_availability"].values()):
        return "no_availability_told"
    if student["person"] == mentor["person"]:
        return "same_person"
    if (mentor["person"], student["person"]) in apart:
        return "excluded"
    if not set(student["languages"]) & set(mentor["languages"]):
        return "no_language_in_common"
    return "too_few_shared_hours" if shared_quarters(student, mentor, at) < 12 else ""


def parts_of_pair(student: dict[str, Any], mentor: dict[str, Any], at: datetime) -> dict[str, int]:
    wanted, of_track = set(student["wanted_skills"]), set(student["skills"])
    counts = {skill: 2 if skill in wanted else 1 for skill in wanted | of_track}
    total = sum(counts.values())
    had = [each for each in mentor["had"] if each.startswith(student["track_id"])]
    return {
        "skills": sum(400 * count // total for skill, count in counts.items() if skill in mentor["mentor_specialties"]),
        "shared_hours": 5 * min(shared_quarters(student, mentor, at), 60),
        "same_cohort": 100 * (student["cohort_id"] in mentor["cohorts"]),
        "experience": 20 * min(len(had), 5),
        "waiting": 2 * min((at - student["since"]) // timedelta(days=1), 50),
    }


def shared_quarters(student: dict[str, Any], mentor: dict[str, Any], at: datetime) -> int:
    """In the worst of the eight weeks from the Monday of `at`."""
    day = at - timedelta(days=at.weekday(), hours=at.hour, minutes=at.minute)
    theirs = [
        open_quarters(_frozen(windows), zone, day)
        for windows, zone in (
            (student["student_availability"], student["timezone"]),
            (mentor["mentor_availability"], mentor["timezone"]),
        )
    ]
    return min(len(one & other) for one, other in zip(*theirs, strict=True))


def _frozen(windows: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return tuple((day, opens, closes) for day, spans in sorted(windows.items()) for opens, closes in spans)


@cache
def open_quarters(windows: tuple[tuple[str, str, str], ...], zone: str, monday: datetime) -> list[frozenset[int]]:
    """Of each of eight weeks the quarter hours, counted from its beginning in UTC, that are open by the wall clock."""
    weeks = []
    for week in range(8):
        start, found = monday + timedelta(weeks=week), set()
        for nth in range(7 * 96):
            local = (start + nth * QUARTER).astimezone(ZoneInfo(zone))
            clock = local.hour * 60 + local.minute
            for day, opens, closes in windows:
                if DAYS[local.weekday()] == day and _minutes(opens) <= clock and clock + 15 <= _minutes(closes):
                    found.add(nth)
        weeks.append(frozenset(found))
    return weeks


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
