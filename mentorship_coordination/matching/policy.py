"""Named wishes that may cost some score; recorded with the run. Without any, the aims stand strictly in order.

Source: product.md §10, architecture.md §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

import numpy as np

from core.errors import InvalidInput
from mentorship_coordination.matching.pairs import Points

MOST_EVENNESS: Final = 10_000
MOST_FLOOR: Final = 2000
MOST_SHORTFALL: Final = 10
MOST_STAY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    #: Points that a full mentor's last place costs: spreads the students over the mentors.
    evenness: int = 0
    #: Each point under `floor` counts so many times more: lifts the worst pairs.
    floor: int = 0
    shortfall: int = 0
    #: Points that staying with the present mentor brings, in a matching anew. None: staying comes before all score.
    stay: int | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Raises InvalidInput for unknown names and for values out of bounds."""
        bounds = {"evenness": MOST_EVENNESS, "floor": MOST_FLOOR, "shortfall": MOST_SHORTFALL, "stay": MOST_STAY}
        wrong = {}
        for name, value in values.items():
            if name not in bounds:
                wrong[name] = ["There is no such policy."]
            elif not ((type(value) is int and 0 <= value <= bounds[name]) or (value is None and name == "stay")):
                wrong[name] = [f"A whole number from 0 to {bounds[name]}."]
        if wrong:
            raise InvalidInput(fields=wrong)
        return cls(**{each.name: values[each.name] for each in fields(cls) if each.name in values})

    def as_values(self) -> dict[str, int | None]:
        return asdict(self)

    def worth(self, points: Points) -> Points:
        """What allowed pairs are worth when every point under the floor counts more; as they are without a floor."""
        if not self.floor or not self.shortfall:
            return points
        worth: Points = (points + self.shortfall * np.minimum(points, self.floor)).astype(np.int16)
        return worth
