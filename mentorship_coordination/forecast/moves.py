"""Which students' work another mentor should take, so that less of it will be late. Values in, values out.

One student after the other, the soonest late first: each goes to the mentor with whom the fewest items will be late,
that mentor's own included. A move that avoids nothing is not proposed, and nobody takes more students than she has
places for.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from uuid import UUID

from mentorship_coordination.forecast.prediction import OpenWork, Outlook, late_among

#: Mentors tried for each student, those with the least work first; and students tried in all.
MOST_TRIED = 20
MOST_STUDENTS = 400


@dataclass(frozen=True, slots=True)
class WorkMove:
    """`avoids`: how many items fewer will be late by it, moves before it made; only those that the caller may know."""

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
        loads = {mentor_id: self._load(mentor_id) for mentor_id in outlooks}
        self._loads = {mentor_id: load for mentor_id, load in loads.items() if load is not None}
        self._answers: dict[tuple[UUID, UUID], bool] = {}

    @property
    def late(self) -> int:
        return sum(count for count, _ in self._late.values())

    def moves(self, *, most: int, most_of_each: int | None = None) -> list[WorkMove]:
        """At most so many, and so many of each mentor."""
        found: list[WorkMove] = []
        made: Counter[UUID] = Counter()
        for enrolment_id, from_id in self._endangered()[:MOST_STUDENTS]:
            if len(found) == most:
                break
            if most_of_each is not None and made[from_id] >= most_of_each:
                continue
            move = self._best_move(enrolment_id, from_id)
            if move is not None:
                self._make(move)
                made[from_id] += 1
                found.append(move)
        return found

    def _late_with(self, mentor_id: UUID, works: Iterable[OpenWork]) -> tuple[int, int]:
        """How many items will be late, and how many of these the caller may know."""
        late = late_among(self._outlooks[mentor_id], works, self._at, self._until)
        return len(late), sum(each.item_id is not None for each in late)

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
        without = self._late_with(from_id, rest)
        relief, own_relief = (before - after for before, after in zip(self._late[from_id], without, strict=True))
        best: WorkMove | None = None
        best_gain = 0
        for to_id in self._least_loaded(but=from_id):
            added = self._late_with(to_id, [*self._works[to_id], *fresh])
            gain, own_gain = relief + self._late[to_id][0] - added[0], own_relief + self._late[to_id][1] - added[1]
            if gain > best_gain and own_gain > 0 and self._allowed(enrolment_id, to_id):
                best, best_gain = WorkMove(enrolment_id, from_id, to_id, tuple(items), own_gain), gain
                if gain == relief:
                    break
        return best

    def _allowed(self, enrolment_id: UUID, mentor_id: UUID) -> bool:
        key = enrolment_id, mentor_id
        if key not in self._answers:
            self._answers[key] = self._may_take(enrolment_id, mentor_id)
        return self._answers[key]

    def _least_loaded(self, *, but: UUID) -> list[UUID]:
        able = ((load, str(each), each) for each, load in self._loads.items() if each != but and self._places[each])
        return [mentor_id for _, _, mentor_id in heapq.nsmallest(MOST_TRIED, able)]

    def _load(self, mentor_id: UUID) -> float | None:
        """Her open work as a share of the time she has for it; None for who can take none."""
        outlook = self._outlooks[mentor_id]
        if outlook.pace is None or not outlook.hours.total:
            return None
        return (len(self._works[mentor_id]) + 1) * outlook.pace.each / outlook.hours.total

    def _make(self, move: WorkMove) -> None:
        self._works[move.from_id] = [
            each for each in self._works[move.from_id] if each.enrolment_id != move.enrolment_id
        ]
        self._works[move.to_id] += [replace(each, waited=0) for each in move.items]
        self._places[move.to_id] -= 1
        for mentor_id in (move.from_id, move.to_id):
            self._late[mentor_id] = self._late_with(mentor_id, self._works[mentor_id])
            if (load := self._load(mentor_id)) is not None:
                self._loads[mentor_id] = load
