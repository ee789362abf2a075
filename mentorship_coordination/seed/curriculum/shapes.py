"""What a seeded track consists of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MissionContent:
    """A mission: `weight` counts towards readiness, `expected_after_days` from the cohort's first day."""

    title: str
    brief: str
    weight: int
    expected_after_days: int


@dataclass(frozen=True)
class TrackContent:
    """A track with the slugs of its skills and its missions in the order in which they are expected."""

    slug: str
    name: str
    description: str
    skills: tuple[str, ...]
    missions: tuple[MissionContent, ...]
