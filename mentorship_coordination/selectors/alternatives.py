"""Other times near a wished one that is taken. Source: product.md §7 "No overlap"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from mentorship_coordination.selectors.sessions import Span, list_busy_spans, week_of, weekly_load
from users.availability import DAYS
from users.models import User

STEP = timedelta(minutes=15)
EARLIER, LATER = timedelta(days=3), timedelta(days=7)
MOST = 3


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """A person's weekly windows in her zone; who has told no hours has none (product.md §10)."""

    windows: dict[str, Any]
    zone: str

    def hold(self, span: Span) -> bool:
        opens, closes = (end.astimezone(ZoneInfo(self.zone)) for end in (span.starts_at, span.ends_at))
        begin = opens.hour * 60 + opens.minute
        finish = closes.hour * 60 + closes.minute + (closes.date() - opens.date()).days * 1440
        day = self.windows.get(DAYS[opens.weekday()], [])
        return any(_minute(first) <= begin and finish <= _minute(last) for first, last in day)


def _minute(face: str) -> int:
    hour, minute = face.split(":")
    return int(hour) * 60 + int(minute)


def find_alternatives(
    *,
    mentor: User,
    mentees: Sequence[UUID],
    wished: Span,
    capacity: int,
    at: datetime,
    but: UUID | None = None,
) -> list[Span]:
    """Up to three spans as long as `wished`, nearest first, that can be booked.

    Everybody is free and inside her weekly hours, and the mentor's week has room; from three days before to
    seven days after. `but`: the session that is being moved.
    """
    length = wished.ends_at - wished.starts_at
    between = Span(wished.starts_at - EARLIER, wished.ends_at + LATER)
    busy = list_busy_spans([mentor.pk, *mentees], between, but=but)
    hours = [WeeklyHours(mentor.mentor_availability, mentor.timezone)]
    hours += [WeeklyHours(m.student_availability, m.timezone) for m in User.objects.filter(pk__in=mentees)]
    has_room: dict[datetime, bool] = {}
    found: list[Span] = []
    for starts_at in _nearby(wished.starts_at):
        span = Span(starts_at, starts_at + length)
        if starts_at <= at or any(span.overlaps(other) for other in busy):
            continue
        if not all(each.hold(span) for each in hours):
            continue
        week = week_of(mentor.timezone, starts_at).starts_at
        if week not in has_room:
            has_room[week] = weekly_load(mentor, starts_at, but=but) < capacity
        if has_room[week]:
            found.append(span)
            if len(found) == MOST:
                break
    return found


def _nearby(wished: datetime) -> Iterator[datetime]:
    """Quarter hours by their distance from `wished`, the later one first."""
    for step in range(1, LATER // STEP + 1):
        yield wished + step * STEP
        if step * STEP <= EARLIER:
            yield wished - step * STEP
