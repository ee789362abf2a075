"""What will be late in the days to come, and whose work could go where. Source: product.md §4, §6."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from core.clock import local_date, midnight
from core.sql import fetch
from mentorship_coordination.forecast.moves import Relief, WorkMove
from mentorship_coordination.forecast.pace import HoursLine, Pace, Worked, keeps_her_hours, paces, worked_of
from mentorship_coordination.forecast.prediction import OpenWork, Outlook, late_among
from mentorship_coordination.forecast.words import forecast_in_words
from mentorship_coordination.matching.people import Pool
from mentorship_coordination.matching.recheck import RuleBook
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.matching import (
    list_away,
    list_candidates,
    list_forbidden_pairs,
    list_waiting_of,
)
from mentorship_coordination.sla.timeline import SECOND, from_microseconds, to_microseconds
from mentorship_coordination.slots.hours import PersonHours, hours_from
from mentorship_coordination.slots.spans import Bounds, joined, without

HORIZON = timedelta(days=7)
LOOK_BACK = timedelta(days=28)
MOST_MOVES = 50
OUTLOOK = """
SELECT kind, mentor_id, item_id, enrolment_id, starts_at, ends_at, came_at, number, words
FROM app.mentor_outlook(%(at)s, %(since)s, %(until)s)
"""


@dataclass(slots=True)
class _Facts:
    """What was read of one mentor."""

    name: str = ""
    zone: str = "UTC"
    weekly: Any = None
    places: int = 0
    works: list[OpenWork] = field(default_factory=list)
    came_at: list[int] = field(default_factory=list)
    done: list[Bounds] = field(default_factory=list)
    busy: list[Bounds] = field(default_factory=list)
    away: list[Bounds] = field(default_factory=list)
    dates: dict[Any, Any] = field(default_factory=dict)

    def hours(self, past: Bounds) -> PersonHours:
        """Those she told; any, when she told none or is seen to work outside of them."""
        told = hours_from(self.weekly or None, self.zone, dates=self.dates, away=self.away)  # type: ignore[arg-type]
        if keeps_her_hours(HoursLine(told.present(past)), [end for _, end in self.done]):
            return told
        return hours_from(None, self.zone, away=self.away)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ForeseenItem:
    """An open item of the caller's cohorts that its mentor will not have finished when it is due."""

    item_id: UUID
    enrolment_id: UUID
    mentor_id: UUID
    type: str
    due_at: datetime
    title: str = ""
    mentee: str = ""


@dataclass(frozen=True, slots=True)
class MentorForecast:
    """`late` counts items of all cohorts. `pace` is None while nobody has finished anything."""

    id: UUID
    name: str
    open_items: int
    late: int
    pace: Pace | None
    places: int

    @property
    def handling_seconds(self) -> int | None:
        return None if self.pace is None else self.pace.handling // SECOND

    @property
    def each_seconds(self) -> int | None:
        return None if self.pace is None else self.pace.each // SECOND


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """One student's open work from one mentor to another who stands in; `avoids` items fewer will be late."""

    enrolment_id: UUID
    mentee: str
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    item_ids: tuple[UUID, ...]
    avoids: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`mentors` are those with something that will be late, the most first; `unassigned`: due by then and nobody's."""

    at: datetime
    until: datetime
    late: list[ForeseenItem]
    mentors: list[MentorForecast]
    moves: list[ProposedMove]
    unassigned: int

    @property
    def avoided(self) -> int:
        return sum(move.avoids for move in self.moves)

    def in_words(self, zone: str) -> str:
        return forecast_in_words(
            due=[each.due_at for each in self.late],
            moved=sum(len(move.item_ids) for move in self.moves),
            mentors=len({move.to_id for move in self.moves}),
            avoided=self.avoided,
            zone=zone,
        )


@dataclass(frozen=True, slots=True)
class Outlooks:
    """Every mentor's prospects and open work from `at` to `until`, by the mentor's id."""

    at: datetime
    until: datetime
    of: dict[UUID, Outlook]
    works: dict[UUID, list[OpenWork]]

    def late_of(self, mentor_id: UUID) -> list[OpenWork]:
        first, last = to_microseconds(self.at), to_microseconds(self.until)
        return late_among(self.of[mentor_id], self.works[mentor_id], first, last)


def read_outlooks(at: datetime) -> Outlooks:
    """Of a director's mentors, or of all for staff: seven days ahead, at the pace of the last 28. One query."""
    since, until = at - LOOK_BACK, at + HORIZON
    facts: dict[UUID, _Facts] = defaultdict(_Facts)
    for kind, mentor_id, item_id, enrolment_id, starts_at, ends_at, came_at, number, words in fetch(
        OUTLOOK, at=at, since=since, until=until
    ):
        one = facts[mentor_id]
        if kind == "mentor":
            told = json.loads(words)
            one.name, one.zone, one.weekly, one.places = told["name"], told["zone"], told["hours"], number
        elif kind == "item":
            due_at, created_at = to_microseconds(ends_at), to_microseconds(starts_at)
            one.works.append(OpenWork(number, due_at, created_at, item_id, enrolment_id, type=words or ""))
            one.came_at.append(to_microseconds(max(starts_at, came_at or starts_at)))
        elif kind == "date":
            one.dates[starts_at.date()] = json.loads(words)
        else:
            spans = {"done": one.done, "busy": one.busy, "away": one.away}[kind]
            spans.append((to_microseconds(starts_at), to_microseconds(ends_at)))
    past, ahead = (to_microseconds(since), to_microseconds(at)), (to_microseconds(at), to_microseconds(until))
    hours = {mentor_id: one.hours(past) for mentor_id, one in facts.items()}
    lines = {mentor_id: HoursLine(each.present(past)) for mentor_id, each in hours.items()}
    pace = paces({mentor_id: _worked(one, lines[mentor_id]) for mentor_id, one in facts.items()})
    of = {
        mentor_id: Outlook(
            mentor_id,
            one.name,
            HoursLine(without(hours[mentor_id].present(ahead), joined(one.busy))),
            pace[mentor_id],
            one.places,
        )
        for mentor_id, one in facts.items()
    }
    works = {
        mentor_id: [
            replace(work, waited=lines[mentor_id].between(came_at, past[1]))
            for work, came_at in zip(one.works, one.came_at, strict=True)
        ]
        for mentor_id, one in facts.items()
    }
    return Outlooks(at, until, of, works)


def get_forecast(outlooks: Outlooks) -> Forecast:
    """The next seven days of the caller's cohorts, with moves that make less of it late. Run as a director or staff.

    The number of queries does not depend on how much work there is.
    """
    at = outlooks.at
    foreseen = {mentor_id: outlooks.late_of(mentor_id) for mentor_id in outlooks.of}
    late = [
        ForeseenItem(work.item_id, work.enrolment_id, mentor_id, work.type, from_microseconds(work.due_at))
        for mentor_id, works in foreseen.items()
        for work in works
        if work.item_id is not None and work.enrolment_id is not None
    ]
    moves = find_moves(outlooks, {each.enrolment_id for each in late})
    words = _words_of([*(each.item_id for each in late), *(work.item_id for move in moves for work in move.items)])
    late = [replace(each, title=words[each.item_id][0], mentee=words[each.item_id][1]) for each in late]
    return Forecast(
        at=at,
        until=outlooks.until,
        late=sorted(late, key=lambda each: (each.due_at, each.item_id)),
        mentors=_mentors(outlooks, foreseen),
        moves=[_proposed(move, outlooks, words) for move in moves],
        unassigned=MentorWorkQueue.objects.open()
        .filter(mentor__isnull=True, due_at__gte=at, due_at__lt=outlooks.until)
        .count(),
    )


def find_moves(
    outlooks: Outlooks, enrolment_ids: Iterable[UUID], *, most: int = MOST_MOVES, most_of_each: int | None = None
) -> list[WorkMove]:
    """Moves of the work of these enrolments that avoid the most; the hard rules of the matching hold for each."""
    endangered = set(enrolment_ids)
    if not endangered:
        return []
    relief = Relief(
        outlooks.of,
        outlooks.works,
        at=to_microseconds(outlooks.at),
        until=to_microseconds(outlooks.until),
        enrolments=endangered,
        may_take=_rules_between(endangered, outlooks),
    )
    return relief.moves(most=most, most_of_each=most_of_each)


def _worked(one: _Facts, hours: HoursLine) -> Worked:
    """Days are those of the mentor's zone."""
    counts = Counter(local_date(from_microseconds(end), one.zone) for _, end in one.done)
    days = {day.toordinal(): (_bounds(day, one.zone), count) for day, count in counts.items()}
    return worked_of(hours, done=one.done, days=days)


def _bounds(day: date, zone: str) -> Bounds:
    return to_microseconds(midnight(day, zone)), to_microseconds(midnight(day + timedelta(days=1), zone))


def _rules_between(enrolment_ids: set[UUID], outlooks: Outlooks) -> Callable[[UUID, UUID], bool]:
    """Whether a mentor of the outlooks may take a student, places apart. As many queries whatever their number.

    For whom somebody stands in already, nobody else can.
    """
    taken = MenteeMentorAssignment.objects.live().standing_in().filter(enrolment__in=enrolment_ids)
    covered = set(taken.values_list("enrolment_id", flat=True))
    waiting = tuple(list_waiting_of(enrolment_ids - covered))
    candidates = tuple(list_candidates(list_away(outlooks.at), among=outlooks.of))
    return RuleBook(Pool(waiting, candidates, list_forbidden_pairs(), outlooks.at)).may_meet


def _words_of(item_ids: Iterable[UUID | None]) -> dict[UUID | None, tuple[str, str]]:
    """Title and student's name of each item. One query."""
    items = MentorWorkQueue.objects.filter(pk__in=[each for each in item_ids if each]).select_related("mentee")
    return {each.pk: (each.title, each.mentee.name if each.mentee else "A former student") for each in items}


def _mentors(outlooks: Outlooks, foreseen: dict[UUID, list[OpenWork]]) -> list[MentorForecast]:
    found = [
        MentorForecast(
            mentor_id,
            outlooks.of[mentor_id].name,
            len(outlooks.works[mentor_id]),
            len(works),
            outlooks.of[mentor_id].pace,
            outlooks.of[mentor_id].places,
        )
        for mentor_id, works in foreseen.items()
        if works
    ]
    return sorted(found, key=lambda each: (-each.late, each.name, each.id))


def _proposed(move: WorkMove, outlooks: Outlooks, words: dict[UUID | None, tuple[str, str]]) -> ProposedMove:
    return ProposedMove(
        enrolment_id=move.enrolment_id,
        mentee=words[move.items[0].item_id][1],
        from_id=move.from_id,
        from_name=outlooks.of[move.from_id].name,
        to_id=move.to_id,
        to_name=outlooks.of[move.to_id].name,
        item_ids=tuple(each.item_id for each in move.items if each.item_id),
        avoids=move.avoids,
    )
