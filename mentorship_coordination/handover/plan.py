"""What becomes of all that a leaving mentor holds: decided here, from values, before anything is written.

Each mentee gets the mentor that the matching gives her, or waits. Each planned session goes along when its new mentor
can be there, or is called off without charge. Open items and flags follow the pair. Source: product.md §6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.clock import rfc3339
from mentorship_coordination.matching.people import Pairing
from mentorship_coordination.sla.timeline import to_microseconds
from mentorship_coordination.slots.hours import PersonHours
from mentorship_coordination.slots.spans import Bounds


class Obstacle(StrEnum):
    """Why a session is called off and not taken over."""

    NO_MENTOR = "no_new_mentor"
    GROUP = "group"
    OUTSIDE_HOURS = "outside_hours"
    BUSY = "busy"
    WEEK_FULL = "week_full"


@dataclass(frozen=True, slots=True)
class LeavingPair:
    """One live pair of the leaver, with what hangs on it. `is_active` is False while it rests."""

    assignment_id: UUID
    enrolment_id: UUID
    mentee_id: UUID
    mentee: str
    is_active: bool
    open_items: int


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A session to come. `assignment_id` is None for groups; `week` names the week of the new mentor's zone."""

    session_id: UUID
    assignment_id: UUID | None
    title: str
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> Bounds:
        return to_microseconds(self.starts_at), to_microseconds(self.ends_at)


@dataclass(slots=True)
class MentorTime:
    """A new mentor's time: `load` counts the sessions of each of her weeks, by the week's start."""

    zone: str
    capacity: int
    hours: PersonHours
    busy: list[Bounds] = field(default_factory=list)
    load: dict[datetime, int] = field(default_factory=dict)

    def find_obstacle(self, session: PlannedSession, week: datetime) -> Obstacle | None:
        span = session.span
        if self.hours.present(span) != [span]:
            return Obstacle.OUTSIDE_HOURS
        if any(begin < span[1] and span[0] < finish for begin, finish in self.busy):
            return Obstacle.BUSY
        return Obstacle.WEEK_FULL if self.load.get(week, 0) >= self.capacity else None

    def take(self, session: PlannedSession, week: datetime) -> None:
        self.busy.append(session.span)
        self.load[week] = self.load.get(week, 0) + 1


@dataclass(frozen=True, slots=True)
class SessionMove:
    """`obstacle` is None when the new mentor takes the session over."""

    session: PlannedSession
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class MenteeMove:
    """`mentor_id` is None when the mentee goes to the waiting list; `blocked` counts mentors per blocking rule then."""

    pair: LeavingPair
    mentor_id: UUID | None
    score: int | None
    parts: dict[str, int]
    blocked: dict[str, int]
    sessions: tuple[SessionMove, ...]


@dataclass(frozen=True, slots=True)
class HandoverPlan:
    moves: tuple[MenteeMove, ...]
    groups: tuple[SessionMove, ...]


def make_plan(
    pairs: Sequence[LeavingPair],
    pairings: Mapping[UUID, Pairing],
    sessions: Sequence[PlannedSession],
    times: Mapping[UUID, MentorTime],
    week_of: Mapping[tuple[str, UUID], datetime],
) -> HandoverPlan:
    """The plan, in the order of `pairs`; sessions in the order of their start, so that the earlier one is kept.

    `pairings` by enrolment: whom the matching gives; missing for who may not be matched. `times` by mentor.
    `week_of` by zone and session: where the session's week begins there.
    """
    moves = []
    for pair in pairs:
        pairing = pairings.get(pair.enrolment_id)
        mentor_id = pairing.mentor_id if pairing else None
        own = [each for each in sessions if each.assignment_id == pair.assignment_id]
        moves.append(
            MenteeMove(
                pair,
                mentor_id,
                pairing.score if pairing else None,
                pairing.parts if pairing and mentor_id else {},
                pairing.blocked if pairing and not mentor_id else {},
                tuple(_move(each, times.get(mentor_id) if mentor_id else None, week_of) for each in own),
            )
        )
    groups = tuple(SessionMove(each, Obstacle.GROUP) for each in sessions if each.assignment_id is None)
    return HandoverPlan(tuple(moves), groups)


def _move(
    session: PlannedSession, time: MentorTime | None, week_of: Mapping[tuple[str, UUID], datetime]
) -> SessionMove:
    if time is None:
        return SessionMove(session, Obstacle.NO_MENTOR)
    week = week_of[time.zone, session.session_id]
    obstacle = time.find_obstacle(session, week)
    if obstacle is None:
        time.take(session, week)
    return SessionMove(session, obstacle)


def plan_document(plan: HandoverPlan, names: Mapping[UUID, str]) -> dict[str, Any]:
    """The plan as it is kept and shown. `names`: of the new mentors."""
    moved = [move for move in plan.moves if move.mentor_id is not None]
    sessions = [each for move in plan.moves for each in move.sessions] + list(plan.groups)
    return {
        "mentees": len(plan.moves),
        "to_new_mentors": len(moved),
        "to_waiting_list": len(plan.moves) - len(moved),
        "open_items": sum(move.pair.open_items for move in plan.moves),
        "sessions_taken_over": sum(each.obstacle is None for each in sessions),
        "sessions_cancelled": sum(each.obstacle is not None for each in sessions),
        "moves": [_move_document(move, names) for move in plan.moves],
        "groups": [_session_document(each) for each in plan.groups],
    }


def _move_document(move: MenteeMove, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "assignment": str(move.pair.assignment_id),
        "mentee": str(move.pair.mentee_id),
        "mentee_name": move.pair.mentee,
        "is_active": move.pair.is_active,
        "open_items": move.pair.open_items,
        "mentor": str(move.mentor_id) if move.mentor_id else None,
        "mentor_name": names.get(move.mentor_id) if move.mentor_id else None,
        "score": move.score,
        "parts": move.parts,
        "blocked": move.blocked,
        "sessions": [_session_document(each) for each in move.sessions],
    }


def _session_document(move: SessionMove) -> dict[str, Any]:
    return {
        "session": str(move.session.session_id),
        "title": move.session.title,
        "start_time": rfc3339(move.session.starts_at),
        "taken_over": move.obstacle is None,
        "obstacle": move.obstacle.value if move.obstacle else None,
    }


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def words_of_plan(plan: Mapping[str, Any]) -> str:
    """One sentence about what `plan_document` gave."""
    if not plan:
        return ""
    return (
        f"{plan['to_new_mentors']} of {plan['mentees']} mentees to new mentors, {plan['to_waiting_list']} to the "
        f"waiting list; {plan['sessions_taken_over']} session{_s(plan['sessions_taken_over'])} taken over, "
        f"{plan['sessions_cancelled']} called off."
    )
