"""Business calendars: weekly opening hours in a zone, less its holidays (product.md §4 "Clock")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import known_zones, zone_info

MINUTES_PER_DAY: Final = 1440
LONGEST_CLOSED_DAYS: Final = 400

DayWindows = tuple[tuple[int, int], ...]
WHOLE_DAY: Final[DayWindows] = ((0, MINUTES_PER_DAY),)


class CalendarError(ValueError):
    """A calendar, a pause or a budget that the clock cannot work with.

    `code` is stable, `message` is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Calendar:
    """When the clock of a program counts.

    `zone` is an IANA name. `windows` holds seven tuples, Monday first, of half-open local windows
    `(open_minute, close_minute)` in minutes after 00:00, where 1440 is midnight at the end of the day;
    None means 24×7. A local date in `holidays` is closed all day, also when `windows` is None.
    """

    zone: str
    windows: tuple[DayWindows, ...] | None
    holidays: frozenset[date] = frozenset()

    def validate(self) -> None:
        """Refuse a calendar that no due time can be computed on.

        Raises CalendarError: `unknown_zone`, `bad_windows` (not seven days, or a minute outside 0..1440),
        `inverted_window`, `overlapping_windows`, `no_open_time` (400 days in a row without open time,
        wherever they lie: so the next 400 days have some, whenever one asks). Rule: product.md §4.
        """
        zone_of(self.zone)
        if self.windows is not None:
            if len(self.windows) != 7:
                raise CalendarError("bad_windows", f"A week has seven days, Monday first; got {len(self.windows)}.")
            for weekday, windows in enumerate(self.windows):
                _check_day(weekday, windows)
        _check_some_open_time(self)

    def windows_on(self, ordinal: int) -> DayWindows:
        """Windows of the weekday of a local date, given as its ordinal; holidays are not looked at."""
        return WHOLE_DAY if self.windows is None else self.windows[(ordinal - 1) % 7]


ALWAYS_OPEN: Final = Calendar(zone="UTC", windows=None)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises CalendarError `unknown_zone`."""
    if name not in known_zones():
        raise CalendarError("unknown_zone", f"{name!r} is not an IANA time zone such as Europe/Paris.")
    return zone_info(name)


_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _clock_face(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _check_day(weekday: int, windows: DayWindows) -> None:
    day = _WEEKDAYS[weekday]
    closed_until = 0
    for opens, closes in sorted(windows):
        face = f"{_clock_face(opens)}-{_clock_face(closes)}"
        if not (0 <= opens <= MINUTES_PER_DAY and 0 <= closes <= MINUTES_PER_DAY):
            raise CalendarError("bad_windows", f"{day}: a minute is 0 to 1440, got {opens} to {closes}.")
        if opens >= closes:
            raise CalendarError("inverted_window", f"{day}: the window {face} does not end after it begins.")
        if opens < closed_until:
            raise CalendarError("overlapping_windows", f"{day}: the window {face} overlaps another.")
        closed_until = closes


def _check_some_open_time(calendar: Calendar) -> None:
    holidays = {day.toordinal() for day in calendar.holidays}
    if calendar.windows is not None and not any(calendar.windows):
        raise CalendarError("no_open_time", "The calendar is closed on every day of the week.")
    open_again = 0
    for holiday in sorted(holidays):
        if holiday < open_again:
            continue
        open_again = _next_open_day(calendar, holidays, range(holiday, holiday + LONGEST_CLOSED_DAYS))


def _next_open_day(calendar: Calendar, holidays: set[int], days: Iterable[int]) -> int:
    for ordinal in days:
        if ordinal not in holidays and calendar.windows_on(ordinal):
            return ordinal
    raise CalendarError(
        "no_open_time", f"The calendar has no open time in the {LONGEST_CLOSED_DAYS} days after a holiday."
    )
