"""Pools of any size for the matching: regions, languages, zones and tracks of the seed, hours of everybody's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from mentorship_coordination.matching.people import Candidate, Pool, Waiting
from mentorship_coordination.seed.content import SKILLS, TRACKS
from mentorship_coordination.seed.regions import REGIONS, Region

#: In the middle of Europe's winter: no clock changes within eight weeks but for the southern hemisphere's.
AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
STUDENTS_A_COHORT = 120
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def academy_pool(students: int, mentors: int, *, at: datetime = AT, seed: int = 42) -> Pool:
    """As many places as students, which is the hard case; about one pair in fifty is kept apart."""
    random = Random(seed)
    tracks = [(UUID(int=1 + nth), frozenset(track.skills)) for nth, track in enumerate(TRACKS)]
    cohorts = [(UUID(int=1000 + nth), *random.choice(tracks)) for nth in range(max(1, students // STUDENTS_A_COHORT))]
    waiting = tuple(_student(random, nth, *random.choice(cohorts), at) for nth in range(students))
    shares = [random.uniform(0.5, 1.5) for _ in range(mentors)]
    scale = students / sum(shares)
    candidates = []
    for nth, share in enumerate(shares):
        cohort, track, skills = random.choice(cohorts)
        region = _region(random)
        candidates.append(
            Candidate(
                id=UUID(int=10**9 + nth),
                languages=_languages(random, region),
                specialties=frozenset((*random.sample(sorted(skills), 4), *random.sample(SKILLS, 3))),
                timezone=_zone(random, region),
                availability=_hours(random, evening=0.5),
                places=max(1, round(share * scale)),
                load=random.randint(0, 5),
                cohorts=frozenset({cohort}),
                experience={track: random.randint(0, 9)},
            )
        )
    apart = {(random.choice(candidates).id, random.choice(waiting).mentee_id) for _ in range(students // 50)}
    return Pool(waiting, tuple(candidates), frozenset(apart), at)


def _student(random: Random, nth: int, cohort: UUID, track: UUID, skills: frozenset[str], at: datetime) -> Waiting:
    region = _region(random)
    return Waiting(
        enrolment_id=UUID(int=2 * 10**9 + nth),
        cohort_id=cohort,
        track_id=track,
        mentee_id=UUID(int=3 * 10**9 + nth),
        languages=_languages(random, region),
        wanted_skills=frozenset(random.sample(SKILLS, random.randint(1, 4))),
        track_skills=skills,
        timezone=_zone(random, region),
        availability=_hours(random, evening=0.75),
        since=at - timedelta(days=random.random() * 30),
    )


def _region(random: Random) -> Region:
    return random.choices(REGIONS, [each.weight for each in REGIONS])[0]


def _languages(random: Random, region: Region) -> frozenset[str]:
    names, weights = zip(*region.languages, strict=True)
    return frozenset(random.choices(names, weights)[0].split(","))


def _zone(random: Random, region: Region) -> str:
    names, weights = zip(*region.zones, strict=True)
    zone: str = random.choices(names, weights)[0]
    return zone


def _hours(random: Random, *, evening: float) -> str:
    """Four to seven days with one window each, of two to six hours, on whole quarter hours."""
    windows = {}
    for day in random.sample(DAYS, random.randint(4, 7)):
        opens = random.randrange(64, 76) if random.random() < evening else random.randrange(32, 64)
        closes = min(opens + random.randrange(8, 25), 96)
        windows[day] = [[_clock(opens), _clock(closes)]]
    return json.dumps(windows, sort_keys=True)


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"
