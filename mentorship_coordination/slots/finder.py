"""Times at which a meeting can be held, and for each day without one the reason why.

Pure arithmetic: everything that the database knows comes in as spans. Source: product.md §7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import zone_info
from mentorship_coordination.sla.timeline import DAY, SECOND, from_microseconds, to_microseconds
from mentorship_coordination.slots.hours import PersonHours
from mentorship_coordination.slots.spans import Bounds, common, joined, without

#: What a session takes when nobody says otherwise.
DEFAULT_MINUTES: Final = 45
MINUTE: Final = 60 * SECOND
WEEK: Final = 7 * DAY
#: Slots begin at quarter hours, which the zones of :30 and :45 have in common with all others.
QUARTER: Final = 15 * MINUTE
#: Local minutes of the day within which a meeting bothers nobody.
CORE_OPENS, CORE_CLOSES = 9 * 60, 18 * 60


class Refusal(StrEnum):
    """Why a day has no slot; the first that applies, in this order."""

    BUDGET_EXHAUSTED = "budget_exhausted"
    NOT_ACTIVE = "assignment_not_active"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    HOLIDAY = "holiday"
    MENTOR_AWAY = "mentor_away"
    MENTOR_CLOSED = "mentor_has_no_hours"
    MENTEE_CLOSED = "mentee_has_no_hours"
    NOT_SHARED = "no_shared_hours"
    BUSY = "busy"
    WEEK_FULL = "week_full"


@dataclass(frozen=True, slots=True)
class Slot:
    """`[starts_at, ends_at)` in UTC. `rank` counts from 1: the fairest local hour first, the earlier of equals.

    `off_hours` are the minutes outside 09:00 to 18:00 of the person who has more of them.
    """

    starts_at: datetime
    ends_at: datetime
    rank: int
    off_hours: int


@dataclass(frozen=True, slots=True)
class RefusedDay:
    day: date
    reason: Refusal


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots in order of time, and the days of the asked span, in the viewer's zone, that have none."""

    slots: list[Slot]
    refused_days: list[RefusedDay]


@dataclass(frozen=True)
class Situation:
    """What is asked, and what is known of those who would meet.

    `between`: the span in which the meeting may begin; `bookable`: the same, from the notice to the horizon. `busy`:
    anybody's sessions. `holidays`: the closed spans of the program. `has_room`: whether the mentor's week that holds
    an instant takes one more. `refusal`: a reason that holds for every day.
    """

    between: Bounds
    bookable: Bounds
    length: int
    mentor: PersonHours
    mentees: Sequence[PersonHours]
    busy: Sequence[Bounds]
    has_room: Callable[[int], bool]
    holidays: Sequence[Bounds] = ()
    refusal: Refusal | None = None

    @cached_property
    def asked(self) -> list[Bounds]:
        """The instants at which such a meeting may be going on."""
        begin, finish = max(self.between[0], self.bookable[0]), min(self.between[1], self.bookable[1])
        return [(begin, finish - 1 + self.length)] if begin < finish else []

    @property
    def reach(self) -> Bounds:
        return self.between[0], self.between[1] + self.length

    @cached_property
    def working(self) -> list[Bounds]:
        return without(self.asked, self.holidays)

    @cached_property
    def mentor_open(self) -> list[Bounds]:
        return common(self.working, self.mentor.weekly(self.reach))

    @cached_property
    def mentor_present(self) -> list[Bounds]:
        return without(self.mentor_open, self.mentor.away)

    @cached_property
    def mentees_open(self) -> list[Bounds]:
        found = self.working
        for mentee in self.mentees:
            found = common(found, mentee.present(self.reach))
        return found

    @cached_property
    def shared(self) -> list[Bounds]:
        return common(self.mentor_present, self.mentees_open)

    @cached_property
    def free(self) -> list[Bounds]:
        return without(self.shared, joined(self.busy))

    def starts(self) -> Iterator[int]:
        """Every start at which the meeting can be booked, ascending."""
        if self.refusal is None:
            yield from (start for start in _starts(self.free, self.length) if self.has_room(start))


def find_slots(situation: Situation, *, zone: str, people: Sequence[str]) -> Slots:
    """All slots of the asked span. `zone`: the viewer's; `people`: the zones of those who meet."""
    starts = list(situation.starts())
    ranked = _ranked(starts, situation.length, people)
    slots = [
        Slot(from_microseconds(start), from_microseconds(start + situation.length), *ranked[start]) for start in starts
    ]
    return Slots(slots, list(_refused_days(situation, starts, zone)))


def first_slot(situation: Situation) -> datetime | None:
    """The earliest start, or None. Further than a week ahead is looked only if that has none."""
    begin, finish = situation.between
    near = min(begin + WEEK, finish)
    for between in ((begin, near), (near, finish)):
        start = next(replace(situation, between=between).starts(), None)
        if start is not None:
            return from_microseconds(start)
    return None


def nearest_slots(situation: Situation, wished: datetime, *, most: int) -> list[datetime]:
    """Up to `most` starts, nearest to `wished` first, the later of two equally near; not `wished` itself."""
    goal = to_microseconds(wished)
    others = sorted((start for start in situation.starts() if start != goal), key=lambda s: (abs(s - goal), -s))
    return [from_microseconds(start) for start in others[:most]]


def _starts(spans: Sequence[Bounds], length: int) -> Iterator[int]:
    for begin, finish in spans:
        yield from range(-(-begin // QUARTER) * QUARTER, finish - length + 1, QUARTER)


def _ranked(starts: Sequence[int], length: int, people: Sequence[str]) -> Mapping[int, tuple[int, int]]:
    """Rank and the worst person's minutes off hours, by start."""
    zones = [zone_info(name) for name in dict.fromkeys(people)]
    minutes = length // MINUTE
    costs: dict[int, tuple[int, int]] = {}
    for start in starts:
        at = from_microseconds(start)
        each = [_off_hours(at.astimezone(zone), minutes) for zone in zones]
        costs[start] = (max(each, default=0), sum(each))
    order = sorted(starts, key=lambda start: (*costs[start], start))
    return {start: (rank, costs[start][0]) for rank, start in enumerate(order, start=1)}


def _off_hours(local: datetime, minutes: int) -> int:
    """How many of the meeting's minutes lie outside the core hours of the local day."""
    begin = local.hour * 60 + local.minute
    return sum(_minutes_outside(max(begin, day), min(begin + minutes, day + 1440), day) for day in (0, 1440))


def _minutes_outside(begin: int, finish: int, day: int) -> int:
    """Minutes of `[begin, finish)` outside the core hours of the day that begins at minute `day`; 0 when empty."""
    if begin >= finish:
        return 0
    inside = min(finish, day + CORE_CLOSES) - max(begin, day + CORE_OPENS)
    return finish - begin - max(inside, 0)


def _refused_days(situation: Situation, starts: Sequence[int], zone: str) -> Iterator[RefusedDay]:
    has_slot = {from_microseconds(start).astimezone(zone_info(zone)).date() for start in starts}
    for day, bounds in _days(situation.between, zone):
        if day not in has_slot:
            yield RefusedDay(day, _reason(situation, bounds))


def _days(between: Bounds, zone: str) -> Iterator[tuple[date, Bounds]]:
    """Local dates that `between` touches, each with its instants inside `between`."""
    place = zone_info(zone)
    day = from_microseconds(between[0]).astimezone(place).date()
    while True:
        begin, finish = (_midnight(each, place) for each in (day, day + timedelta(days=1)))
        if begin >= between[1]:
            return
        # A date that a zone skipped has no instants and is no day.
        if max(begin, between[0]) < min(finish, between[1]):
            yield day, (max(begin, between[0]), min(finish, between[1]))
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=zone))


def _reason(situation: Situation, day: Bounds) -> Refusal:
    if situation.refusal is not None:
        return situation.refusal
    is_too_far = day[1] > situation.bookable[1]
    if is_too_far or day[0] < situation.bookable[0]:
        # The day as it would be without notice and horizon tells whether they are what stands in the way.
        whole = replace(situation, between=day, bookable=day)
        if day[1] <= situation.bookable[0] or next(whole.starts(), None) is not None:
            return Refusal.TOO_FAR if is_too_far else Refusal.TOO_SOON
        return _reason(whole, day)
    stages = (
        (situation.working, Refusal.HOLIDAY),
        (situation.mentor_open, Refusal.MENTOR_CLOSED),
        (situation.mentor_present, Refusal.MENTOR_AWAY),
        (situation.mentees_open, Refusal.MENTEE_CLOSED),
        (situation.shared, Refusal.NOT_SHARED),
        (situation.free, Refusal.BUSY),
    )
    for spans, refusal in stages:
        if not _begins_in(day, spans, situation.length):
            return refusal
    return Refusal.WEEK_FULL


def _begins_in(day: Bounds, spans: Sequence[Bounds], length: int) -> bool:
    near = common(spans, [(day[0], day[1] + length)])
    return any(day[0] <= start < day[1] for start in _starts(near, length))
