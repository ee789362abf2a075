"""What a pair's score is made of: whole points, about a thousand at most. Source: product.md §10."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from core.errors import InvalidInput

#: No weight is higher, so that a score fits sixteen bits whatever is chosen.
MOST_POINTS: Final = 2000
#: Quarter hours that a pair must share in its worst week.
LEAST_QUARTERS: Final = 12
MOST_QUARTERS: Final = 672


@dataclass(frozen=True, slots=True)
class Weights:
    """Each field in points, or in the unit its name says."""

    #: All that the student wants to learn; a part of it brings its share. A wanted skill counts twice a track's skill.
    skills: int = 400
    #: Each quarter hour that both have open in the worst of the next eight weeks.
    quarter_hour: int = 5
    #: No more quarter hours are counted.
    most_quarter_hours: int = 60
    #: The mentor has mentees in the student's cohort.
    same_cohort: int = 100
    #: Each student the mentor had in this track.
    experience: int = 20
    #: No more students are counted.
    most_experience: int = 5
    #: Each day the student waits, so that who waits longest goes first where places are scarce.
    waiting_day: int = 2
    #: No more days are counted.
    most_waiting_days: int = 50

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Named values, the rest by default. Raises InvalidInput: unknown names, no whole numbers, too much."""
        known = {each.name for each in fields(cls)}
        wrong = {name: ["There is no such weight."] for name in values if name not in known}
        wrong |= {
            name: [f"A whole number from 0 to {MOST_POINTS}."]
            for name, value in values.items()
            if name in known and not (type(value) is int and 0 <= value <= MOST_POINTS)
        }
        if wrong:
            raise InvalidInput(fields=wrong)
        weights = cls(**values)
        if weights.most_score > MOST_SCORE:
            raise InvalidInput(f"Together no pair may come to more than {MOST_SCORE} points.")
        return weights

    @property
    def most_score(self) -> int:
        """The points of the best pair that can be."""
        return (
            self.skills
            + self.quarter_hour * min(self.most_quarter_hours, MOST_QUARTERS)
            + self.same_cohort
            + self.experience * self.most_experience
            + self.waiting_day * self.most_waiting_days
        )

    def as_values(self) -> dict[str, int]:
        return asdict(self)


MOST_SCORE: Final = 10_000

#: What the parts of a score mean, in words for whoever reads them.
MEANINGS: Final = {
    "skills": "The student's skills that the mentor has.",
    "shared_hours": "Hours that both have free each week.",
    "same_cohort": "The mentor knows the cohort.",
    "experience": "Students the mentor had in this track.",
    "waiting": "Days the student has waited.",
}
