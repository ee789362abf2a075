"""Pools of made-up people for the pure matching: some by hand, some at random, all the same every time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from mentorship_coordination.matching.people import Candidate, Pool, Waiting

#: Eight weeks from here hold the clock changes of America and Europe.
AT = datetime(2026, 2, 20, 12, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_FIVE = json.dumps({day: [["09:00", "17:00"]] for day in DAYS[:5]})
COHORT, OTHER_COHORT, TRACK, OTHER_TRACK = (UUID(int=900 + nth) for nth in range(4))
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe")
SKILLS = ("forensics", "triage", "malware", "osint", "logs")
LANGUAGES = ("en", "es", "cy")


def mentor(number: int, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "id": UUID(int=number),
        "languages": frozenset({"en"}),
        "specialties": frozenset(),
        "timezone": "UTC",
        "availability": NINE_TO_FIVE,
        "places": 5,
        "load": 0,
        "cohorts": frozenset(),
        "name": f"Mentor {number}",
    }
    return Candidate(**values | changes)


def student(number: int, **changes: Any) -> Waiting:
    values: dict[str, Any] = {
        "enrolment_id": UUID(int=50_000 + number),
        "cohort_id": COHORT,
        "track_id": TRACK,
        "mentee_id": UUID(int=60_000 + number),
        "languages": frozenset({"en"}),
        "wanted_skills": frozenset(),
        "track_skills": frozenset(),
        "timezone": "UTC",
        "availability": NINE_TO_FIVE,
        "since": AT,
        "name": f"Student {number}",
    }
    return Waiting(**values | changes)


def pool_of(students: list[Waiting], mentors: list[Candidate], **more: Any) -> Pool:
    values: dict[str, Any] = {"forbidden": frozenset(), "at": AT}
    return Pool(tuple(students), tuple(mentors), **values | more)


def random_pool(seed: int, students: int = 14, mentors: int = 6, *, scarce: bool = False) -> Pool:
    """Zones, languages, skills, hours, cohorts, exclusions and places at random; `scarce`: about half the places."""
    random = Random(seed)
    cohorts = ((COHORT, TRACK), (OTHER_COHORT, OTHER_TRACK))
    people = []
    for nth in range(students):
        cohort, track = random.choice(cohorts)
        people.append(
            student(
                nth,
                cohort_id=cohort,
                track_id=track,
                languages=_some(random, LANGUAGES, 1),
                wanted_skills=_some(random, SKILLS, 0),
                track_skills=frozenset(SKILLS[:2] if track == TRACK else SKILLS[2:4]),
                timezone=random.choice(ZONES),
                availability=_hours(random),
                since=AT - timedelta(days=random.random() * 90),
            )
        )
    most = max(1, students // mentors if scarce else 2 * students // mentors)
    candidates = [
        mentor(
            1 + nth,
            languages=_some(random, LANGUAGES, 1),
            specialties=_some(random, SKILLS, 1),
            timezone=random.choice(ZONES),
            availability=_hours(random),
            places=random.randint(0, most),
            load=random.randint(0, 3),
            cohorts=frozenset({random.choice(cohorts)[0]}),
            experience={random.choice(cohorts)[1]: random.randint(0, 9)},
        )
        for nth in range(mentors)
    ]
    kept_apart = {(random.choice(candidates).id, random.choice(people).mentee_id) for _ in range(4)}
    return pool_of(people, candidates, forbidden=frozenset(kept_apart))


def _some(random: Random, of: tuple[str, ...], least: int) -> frozenset[str]:
    return frozenset(random.sample(of, random.randint(least, len(of) - 1)))


def _hours(random: Random) -> str:
    windows = {}
    for day in DAYS:
        if random.random() < 0.8:
            opens = random.randrange(0, 88)
            closes = random.randint(opens + 1, min(opens + 40, 96))
            windows[day] = [[_clock(opens), _clock(closes)]]
    return json.dumps(windows)


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"
