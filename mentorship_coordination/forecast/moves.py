"""Which students' work another mentor should take, so that less of it will be late. Values in, values out.

One student after the other, the soonest late first: each goes to the mentor with whom the fewest items will be late,
that mentor's own included. A move that avoids nothing is not proposed, and nobody takes more students than she has
places for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from uuid import UUID

from mentorship_coordination.forecast.prediction import OpenWork, Outlook, late_among

#: Mentors tried for each student, those with the least work first.
MOST_TRIED = 20


@dataclass(frozen=True, slots=True)
class WorkMove:
    """`avoids`: how many items fewer will be late by it, moves before it made."""

    enrolment_id: UUID
    from_id: UUID
    to_id: UUID
    items: tuple[OpenWork, ...]
    avoids: int


class Relief:
    """One search over mentors and their open work, between two instants in microseconds since 1970."""

    def __init__(
        self,
        outlooks: Mapping[UUID, Outlook],
        works: Mapping[UUID, list[OpenWork]],
        *,
        at: int,
        until: int,
        enrolments: Set[UUID],
        may_take: Callable[[UUID, UUID], bool],
    ) -> None:
        """`enrolments`: whose work may move; `may_take(enrolment, mentor)` answers for the rules between two people."""
        self._outlooks, self._at, self._until = outlooks, at, until
        self._enrolments, self._may_take = enrolments, may_take
        self._works = {mentor_id: list(works.get(mentor_id, ())) for mentor_id in outlooks}
        self._places = {mentor_id: outlook.places for mentor_id, outlook in outlooks.items()}
        self._late = {mentor_id: self._late_with(mentor_id, self._works[mentor_id]) for mentor_id in outlooks}

    @property
    def late(self) -> int:
        return sum(self._late.values())

    def moves(self, *, most: int) -> list[WorkMove]:
        found: list[WorkMove] = []
        for enrolment_id, from_id in self._endangered():
            if len(found) == most:
                break
            move = self._best_move(enrolment_id, from_id)
            if move is not None:
                self._make(move)
                found.append(move)
        return found

    def _late_with(self, mentor_id: UUID, works: list[OpenWork]) -> int:
        return len(late_among(self._outlooks[mentor_id], works, self._at, self._until))

    def _endangered(self) -> list[tuple[UUID, UUID]]:
        """(enrolment, mentor) of whatever will be late, the soonest first."""
        soonest: dict[tuple[UUID, UUID], int] = {}
        for mentor_id, works in self._works.items():
            for work in late_among(self._outlooks[mentor_id], works, self._at, self._until):
                if work.enrolment_id is not None and work.enrolment_id in self._enrolments:
                    key = work.enrolment_id, mentor_id
                    soonest[key] = min(work.due_at, soonest.get(key, work.due_at))
        return sorted(soonest, key=lambda key: (soonest[key], str(key)))

    def _best_move(self, enrolment_id: UUID, from_id: UUID) -> WorkMove | None:
        items = [each for each in self._works[from_id] if each.enrolment_id == enrolment_id]
        rest = [each for each in self._works[from_id] if each.enrolment_id != enrolment_id]
        fresh = [replace(each, waited=0) for each in items]
        relief = self._late[from_id] - self._late_with(from_id, rest)
        best: WorkMove | None = None
        for to_id in self._least_loaded(but=from_id):
            gain = relief + self._late[to_id] - self._late_with(to_id, self._works[to_id] + fresh)
            if gain > (best.avoids if best else 0) and self._may_take(enrolment_id, to_id):
                best = WorkMove(enrolment_id, from_id, to_id, tuple(items), gain)
                if gain == relief:
                    break
        return best

    def _least_loaded(self, *, but: UUID) -> list[UUID]:
        able = [
            mentor_id
            for mentor_id, outlook in self._outlooks.items()
            if mentor_id != but and self._places[mentor_id] and outlook.pace is not None and outlook.hours.total
        ]
        return sorted(able, key=self._load)[:MOST_TRIED]

    def _load(self, mentor_id: UUID) -> tuple[float, str]:
        """Her open work as a share of the time she has for it."""
        outlook = self._outlooks[mentor_id]
        each = outlook.pace.each if outlook.pace else 0
        return (len(self._works[mentor_id]) + 1) * each / outlook.hours.total, str(mentor_id)

    def _make(self, move: WorkMove) -> None:
        self._works[move.from_id] = [
            each for each in self._works[move.from_id] if each.enrolment_id != move.enrolment_id
        ]
        self._works[move.to_id] += [replace(each, waited=0) for each in move.items]
        self._places[move.to_id] -= 1
        for mentor_id in (move.from_id, move.to_id):
            self._late[mentor_id] = self._late_with(mentor_id, self._works[mentor_id])
