"""A mentor's sessions of one week, day by day in her own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest

from mentorship_coordination.enums import SessionStatus
from mentorship_coordination.selectors.sessions import list_sessions_of_mentor
from mentorship_coordination.web.session_words import SessionLine, session_lines
from users.models import User

LEFT_OUT: Final = (
    SessionStatus.DECLINED,
    SessionStatus.EXPIRED,
    SessionStatus.CANCELLED_BY_MENTOR,
    SessionStatus.CANCELLED_BY_MENTEE,
)
DAYS: Final = 7
#: Weeks beyond these can not be reckoned with.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class WeekDay:
    date: date
    is_today: bool
    lines: list[SessionLine]


@dataclass(frozen=True, slots=True)
class Week:
    """From `monday`; `before` and `after` are the Mondays next to it."""

    monday: date
    sunday: date
    is_this: bool
    before: date
    after: date
    days: list[WeekDay]


def week_of_mentor(mentor: User, at: datetime, wanted: str) -> Week:
    """`wanted` is any date of the week, as `2026-11-30`; empty: this week. One query. Raises BadRequest."""
    zone = ZoneInfo(mentor.timezone)
    today = at.astimezone(zone).date()
    chosen = _date(wanted) if wanted else today
    monday = chosen - timedelta(days=chosen.weekday())
    dates = [monday + timedelta(days=nth) for nth in range(DAYS)]
    begin, end = (datetime.combine(each, time.min, zone) for each in (monday, monday + timedelta(days=DAYS)))
    sessions = list_sessions_of_mentor(mentor.pk).prefetch_related(None)
    sessions = sessions.filter(starts_at__gte=begin, starts_at__lt=end).exclude(status__in=LEFT_OUT)
    of_day: dict[date, list[SessionLine]] = {each: [] for each in dates}
    for line in session_lines(sessions.order_by("starts_at", "id"), at, of_mentor=True):
        of_day[line.starts_at.astimezone(zone).date()].append(line)
    return Week(
        monday=monday,
        sunday=dates[-1],
        is_this=today in of_day,
        before=monday - timedelta(days=DAYS),
        after=monday + timedelta(days=DAYS),
        days=[WeekDay(each, each == today, of_day[each]) for each in dates],
    )


def _date(text: str) -> date:
    try:
        chosen = date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest("This is no date.") from error
    if not FIRST_YEAR <= chosen.year <= LAST_YEAR:
        raise BadRequest("This week is not shown.")
    return chosen
