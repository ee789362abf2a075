"""What is known of people who want to meet, and the times that this leaves. Source: product.md §7."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from core.errors import NotVisible
from core.sql import as_texts, fetch_planned
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy
from mentorship_coordination.selectors.sessions import Span, session_budget, week_of
from mentorship_coordination.sla.policies import calendar_of
from mentorship_coordination.sla.timeline import DAY, from_microseconds, timeline_of, to_microseconds
from mentorship_coordination.slots.finder import (
    DEFAULT_MINUTES,
    MINUTE,
    Refusal,
    Situation,
    Slots,
    find_slots,
    first_slot,
    nearest_slots,
)
from mentorship_coordination.slots.hours import PersonHours, hours_from
from mentorship_coordination.slots.spans import Bounds, joined
from users.models import User

#: The dashboard looks this far for the next free time.
LOOK_AHEAD = timedelta(days=28)
EARLIER, LATER = timedelta(days=3), timedelta(days=7)
MOST_ALTERNATIVES = 3

#: Everything about the time of these people, in one round trip: one row for each span, date or counted session.
FACTS = """
SELECT 'busy' AS kind, person_id, starts_at, ends_at, NULL::date AS local_date, NULL::text AS windows
FROM app.busy_spans(%(people)s::uuid[], %(from)s, %(to)s, %(but)s)
UNION ALL
SELECT 'away', mentor_id, starts_at, ends_at, NULL, NULL FROM mentorship_coordination_mentorabsence
WHERE mentor_id = %(mentor)s AND starts_at < %(to)s AND ends_at > %(from)s
UNION ALL
SELECT 'date', person_id, NULL, NULL, local_date, windows::text FROM mentorship_coordination_availabilityoverride
WHERE person_id = ANY (%(people)s::uuid[]) AND local_date BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'counted', %(mentor)s, starts_at, NULL, NULL, NULL
FROM app.counted_sessions(%(mentor)s, %(week_from)s, %(week_to)s, %(but)s) AS starts_at
"""


@dataclass(frozen=True, slots=True)
class WeekCapacity:
    """Sessions of the mentor's own week. `next_available` is the first bookable instant of 28 days, or None."""

    used: int
    limit: int
    next_available: datetime | None = None

    @property
    def weekly_slots(self) -> str:
        return f"{self.used}/{self.limit}"


@dataclass(slots=True)
class TimeFacts:
    """`counted`: starts of the mentor's sessions that count against their week."""

    busy: list[Bounds] = field(default_factory=list)
    away: list[Bounds] = field(default_factory=list)
    dates: dict[UUID, dict[date, list[list[str]]]] = field(default_factory=dict)
    counted: list[datetime] = field(default_factory=list)


def read_time_facts(*, mentor: User, people: Iterable[UUID], between: Span, but: UUID | None = None) -> TimeFacts:
    """What `people`, the mentor among them, have on from a day before `between` to a day after it. One query."""
    first, last = between.starts_at - timedelta(days=1), between.ends_at + timedelta(days=1)
    rows = fetch_planned(
        FACTS,
        people=as_texts(people),
        mentor=mentor.pk,
        but=but,
        first=first.date() - timedelta(days=1),
        last=last.date() + timedelta(days=1),
        week_from=week_of(mentor.timezone, first).starts_at,
        week_to=week_of(mentor.timezone, last).ends_at,
        **{"from": first, "to": last},
    )
    facts = TimeFacts()
    for kind, person, starts_at, ends_at, local_date, windows in rows:
        if kind == "counted":
            facts.counted.append(starts_at)
        elif kind == "date":
            facts.dates.setdefault(person, {})[local_date] = json.loads(windows)
        else:
            spans = facts.busy if kind == "busy" else facts.away
            spans.append((to_microseconds(starts_at), to_microseconds(ends_at)))
    return facts


def get_pair_of_mentor(mentor_id: UUID, mentee_id: UUID) -> MenteeMentorAssignment:
    """The mentor's current pair with one mentee, both people and the cohort read. Raises NotVisible."""
    pairs = MenteeMentorAssignment.objects.current().of_mentor(mentor_id).of_mentee(mentee_id)
    pair = pairs.select_related("mentor", "mentee", "cohort").order_by("-is_primary", "id").first()
    if pair is None:
        raise NotVisible
    return pair


def list_slots_of_pair(
    pair: MenteeMentorAssignment, *, between: Span, minutes: int, at: datetime, viewer: User, notice: timedelta
) -> Slots:
    """Times at which mentor and mentee of `pair` can meet, starting in `between`, and the days that have none.

    Each can be booked at once. `viewer`: whose days they are. `notice`: how long before one may book. Five queries.
    """
    people = [pair.mentor, pair.mentee]
    facts = read_time_facts(mentor=pair.mentor, people=[each.pk for each in people], between=_reach(between, minutes))
    situation = _situation(
        facts,
        mentor=pair.mentor,
        mentees=[pair.mentee],
        capacity=pair.mentor.mentor_capacity_weekly,
        between=between,
        minutes=minutes,
        at=at,
        notice=notice,
        holidays=list_holidays(pair.cohort.track_id, between),
        refusal=_refusal_of(pair),
    )
    return find_slots(situation, zone=viewer.timezone, people=[each.timezone for each in people])


def get_week_capacity(mentor: User, at: datetime) -> WeekCapacity:
    """Sessions of the mentor's week that holds `at`, and when she could hold the next one. One query."""
    between = Span(at, at + LOOK_AHEAD)
    facts = read_time_facts(mentor=mentor, people=[mentor.pk], between=_reach(between, DEFAULT_MINUTES))
    week = week_of(mentor.timezone, at)
    situation = _situation(
        facts,
        mentor=mentor,
        mentees=[],
        capacity=mentor.mentor_capacity_weekly,
        between=between,
        minutes=DEFAULT_MINUTES,
        at=at,
        notice=timedelta(),
    )
    return WeekCapacity(
        used=sum(week.starts_at <= starts_at < week.ends_at for starts_at in facts.counted),
        limit=mentor.mentor_capacity_weekly,
        next_available=first_slot(situation),
    )


def list_alternatives(
    *, mentor: User, mentee_ids: Sequence[UUID], wished: Span, capacity: int, at: datetime, but: UUID | None = None
) -> list[Span]:
    """Up to three spans as long as `wished`, nearest first, that can be booked; three days before to seven after.

    `capacity`: the mentor's sessions a week. `but`: the session that is being moved.
    """
    length = wished.ends_at - wished.starts_at
    minutes = int(length.total_seconds()) // 60
    between = Span(max(wished.starts_at - EARLIER, at), wished.starts_at + LATER)
    mentees = list(User.objects.filter(pk__in=mentee_ids))
    facts = read_time_facts(mentor=mentor, people=[mentor.pk, *mentee_ids], between=_reach(between, minutes), but=but)
    situation = _situation(
        facts,
        mentor=mentor,
        mentees=mentees,
        capacity=capacity,
        between=between,
        minutes=minutes,
        at=at,
        notice=timedelta(),
    )
    starts = nearest_slots(situation, wished.starts_at, most=MOST_ALTERNATIVES)
    return [Span(start, start + length) for start in starts]


def list_holidays(track_id: UUID, between: Span) -> list[Bounds]:
    """The closed dates of the calendars that the track's current policies use, as spans. One query."""
    used = SlaPolicy.objects.filter(track=track_id, is_current=True).values("calendar")
    calendars = BusinessCalendar.objects.filter(pk__in=used)
    first, last = to_microseconds(between.starts_at), to_microseconds(between.ends_at)
    found: list[Bounds] = []
    for calendar in map(calendar_of, calendars):
        if calendar.holidays:
            days = range(first // DAY - 1, last // DAY + 2)
            pieces = (piece for day in days for piece in timeline_of(calendar).pieces(day))
            found += [(begin, finish) for begin, finish, kind in pieces if kind == "holiday"]
    return joined(found)


def _reach(between: Span, minutes: int) -> Span:
    return Span(between.starts_at, between.ends_at + timedelta(minutes=minutes))


def _refusal_of(pair: MenteeMentorAssignment) -> Refusal | None:
    budget = session_budget([pair.enrolment_id]).get(pair.enrolment_id)
    if pair.state != AssignmentState.ACTIVE:
        return Refusal.NOT_ACTIVE
    return Refusal.BUDGET_EXHAUSTED if budget is None or budget.is_exhausted else None


def _situation(
    facts: TimeFacts,
    *,
    mentor: User,
    mentees: Sequence[User],
    capacity: int,
    between: Span,
    minutes: int,
    at: datetime,
    notice: timedelta,
    holidays: Sequence[Bounds] = (),
    refusal: Refusal | None = None,
) -> Situation:
    buffer = settings.SESSION_BUFFER_MINUTES * MINUTE
    # What begins now has begun: the first instant that can be booked is the next one.
    soonest = to_microseconds(at + notice) + 1
    return Situation(
        between=(to_microseconds(between.starts_at), to_microseconds(between.ends_at)),
        bookable=(soonest, to_microseconds(at + timedelta(days=settings.SESSION_HORIZON_DAYS))),
        length=minutes * MINUTE,
        mentor=_hours_of(mentor, mentor.mentor_availability, facts, away=facts.away),
        mentees=[_hours_of(mentee, mentee.student_availability, facts) for mentee in mentees],
        busy=joined((begin - buffer, finish + buffer) for begin, finish in facts.busy),
        has_room=_room_in_weeks(mentor.timezone, capacity, facts.counted),
        holidays=holidays,
        refusal=refusal,
    )


def _hours_of(person: User, windows: Any, facts: TimeFacts, *, away: Sequence[Bounds] = ()) -> PersonHours:
    return hours_from(windows, person.timezone, dates=facts.dates.get(person.pk), away=away)


def _room_in_weeks(zone: str, capacity: int, counted: Iterable[datetime]) -> Callable[[int], bool]:
    """Whether the week of the zone that holds an instant (microseconds since 1970) takes one more session."""
    load: Counter[datetime] = Counter()
    weeks: list[Span] = []

    def week(at: datetime) -> datetime:
        # Instants come in order, so the last week that was looked at is nearly always the right one.
        if not weeks or not weeks[-1].starts_at <= at < weeks[-1].ends_at:
            weeks.append(week_of(zone, at))
        return weeks[-1].starts_at

    for starts_at in counted:
        load[week(starts_at)] += 1
    return lambda instant: load[week(from_microseconds(instant))] < capacity
