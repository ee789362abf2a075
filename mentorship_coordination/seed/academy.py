"""Tracks, missions and cohorts."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from mentorship_coordination.seed.content import TRACKS, TrackContent
from mentorship_coordination.seed.world import COHORT_SIZE, SeedCohort, SeedTrack, World
from missions.models import Mission
from users.models import Cohort, Track

ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
_LEVELS: Final = 3
_RUNS_FOR: Final = timedelta(days=182)
_RUBRIC: Final = [
    {"criterion": "evidence", "points": 40},
    {"criterion": "method", "points": 30},
    {"criterion": "report", "points": 30},
]


def add_tracks(world: World) -> None:
    """Write the tracks that are not there yet, with their missions; those that are there are used as they are."""
    known = {track.slug: track for track in Track.objects.filter(slug__in=[each.slug for each in TRACKS])}
    missions = {
        (str(row.track_id), row.number): str(row.pk) for row in Mission.objects.filter(track__in=known.values())
    }
    world.tracks = tuple(_track(world, content, known.get(content.slug), missions) for content in TRACKS)


def _track(world: World, content: TrackContent, row: Track | None, missions: dict[tuple[str, int], str]) -> SeedTrack:
    random = world.options.random(f"track {content.slug}")
    track_id = str(row.pk) if row else world.ids.new()
    if row is None:
        world.writer.add(
            Track,
            id=track_id,
            slug=content.slug,
            name=content.name,
            description=content.description,
            skills=list(content.skills),
        )
    found = []
    for number, mission in enumerate(content.missions, start=1):
        mission_id = missions.get((track_id, number)) or world.ids.new()
        found.append((mission_id, mission))
        if (track_id, number) not in missions:
            world.writer.add(
                Mission,
                id=mission_id,
                track_id=track_id,
                number=number,
                title=mission.title,
                brief=mission.brief,
                weight=mission.weight,
                level=_level(number, len(content.missions)),
                expected_after_days=mission.expected_after_days,
                competencies=random.sample(content.skills, 2),
                rubric=_RUBRIC,
            )
    return SeedTrack(track_id, content, tuple(found))


def _level(number: int, count: int) -> int:
    """The first third of a track's missions is of level 1, the last of level 3; `number` counts from 1."""
    return 1 + (number - 1) * _LEVELS // count


def add_cohorts(world: World) -> None:
    """Cohorts of about 200 students, at least three when there are mentors enough, in three zones."""
    options = world.options
    count = max(min(3, options.mentors), ceil(options.students / COHORT_SIZE))
    random = options.random("cohorts")
    taken = set(Cohort.objects.values_list("name", flat=True))
    for index in range(count):
        cohort = _cohort(world, index, random, taken)
        taken.add(cohort.name)
        world.cohorts.append(cohort)
        world.writer.add(
            Cohort,
            id=cohort.id,
            track_id=cohort.track.id,
            name=cohort.name,
            timezone=cohort.timezone,
            start_date=cohort.start_date,
            end_date=cohort.start_date + _RUNS_FOR,
            # The waiting students of the first cohorts stay for whoever wants to try a matching by hand.
            matches_automatically=index % 3 == 2,
        )


def _cohort(world: World, index: int, random: Random, taken: set[str]) -> SeedCohort:
    track = world.tracks[index % len(world.tracks)]
    zone = ZONES[index % len(ZONES)]
    age = timedelta(days=random.randint(*world.options.amounts.cohort_age))
    start = (world.at.astimezone(ZoneInfo(zone)) - age).date()
    season = f"{start:%B %Y}"
    name = number = None
    while name is None or name in taken:
        number = 1 if number is None else number + 1
        name = f"{track.content.name}, {season}" + (f", group {number}" if number > 1 else "")
    return SeedCohort(world.ids.new(), name, track, zone, start, directors=())
