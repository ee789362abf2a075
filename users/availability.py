"""Weekly availability: free text or JSON to one canonical form (product.md §7 and §10).

Canonical: `{"mon": [["09:00", "17:00"]], …}` with keys mon..sun in that order, days without hours left out,
local half-open windows that are sorted, disjoint and not adjacent, "24:00" for midnight at the day's end.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY: Final = 1440
MOST_WINDOWS_PER_DAY: Final = 48

Availability = dict[str, list[list[str]]]
Window = tuple[int, int]

_DAY_NAMES: Final = dict(
    zip(DAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True)
)
_DAY_GROUPS: Final = {
    "weekdays": range(5),
    "weekday": range(5),
    "weekends": range(5, 7),
    "weekend": range(5, 7),
    "daily": range(7),
    "everyday": range(7),
}
_RANGE: Final = re.compile(r"\s*(?:-|\bto\b|\buntil\b|\btill\b)\s*")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:h\b)?\s*(am|pm)?")
_STRICT_TIME: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_WORD: Final = re.compile(r"[^\W\d_]+")
_FILLER: Final = re.compile(r"[\s,&+:.]+|\band\b|\bfrom\b")


class AvailabilityError(ValueError):
    """Availability that cannot be read. `message` is for people and names the day or the words at fault."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_availability(text: str) -> Availability:
    """Read "Mon-Fri 09:00-17:00; Sat 10:00-12:00" into the canonical form; empty text gives {}.

    Days: names, their beginnings, ranges ("Fri-Mon" goes round the week), lists, weekdays, weekends, daily.
    Times: 09:00, 9.30, 9h, 9am, 24:00. A range that ends before it begins crosses midnight and is split
    between both days; overlapping and adjacent ranges are joined. Raises AvailabilityError.
    """
    plain = re.sub("[\u2010-\u2015\u2212]", "-", text).casefold().replace("every day", "everyday")
    windows: list[list[Window]] = [[] for _ in DAYS]
    for group in re.split(r"[;\n|]", plain):
        for days, opens, closes in _read_group(group):
            for day in days:
                for target, window in _split_at_midnight(day, opens, closes):
                    windows[target].append(window)
    return _canonical(windows)


def validate_availability(value: object) -> Availability:
    """The canonical form of availability given as JSON; sorts and joins windows.

    Raises AvailabilityError for anything else than an object of days with lists of ["HH:MM", "HH:MM"] pairs,
    for a window that does not end after it begins, and for more than 48 windows a day.
    """
    if not isinstance(value, dict):
        raise AvailabilityError('Availability is an object of days, such as {"mon": [["09:00", "17:00"]]}.')
    unknown = [str(key) for key in value if key not in DAYS]
    if unknown:
        raise AvailabilityError(f"{unknown[0]!r} is not a day; the days are {', '.join(DAYS)}.")
    return _canonical([_strict_windows(day, value.get(day, [])) for day in DAYS])


def _strict_windows(day: str, value: object) -> list[Window]:
    if not isinstance(value, list | tuple) or len(value) > MOST_WINDOWS_PER_DAY:
        raise AvailabilityError(f"{day}: expected a list of at most {MOST_WINDOWS_PER_DAY} windows.")
    return [_strict_window(day, pair) for pair in value]


def _strict_window(day: str, pair: object) -> Window:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise AvailabilityError(f'{day}: a window is a pair such as ["09:00", "17:00"], got {pair!r}.')
    opens, closes = (_strict_minute(day, part) for part in pair)
    if opens >= closes:
        raise AvailabilityError(
            f"{day}: {pair[0]}-{pair[1]} does not end after it begins; "
            "split hours that cross midnight between two days."
        )
    return opens, closes


def _strict_minute(day: str, value: object) -> int:
    match = _STRICT_TIME.fullmatch(value) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else MINUTES_PER_DAY + 1
    if minute > MINUTES_PER_DAY:
        raise AvailabilityError(f"{day}: {value!r} is not a time from 00:00 to 24:00 written as HH:MM.")
    return minute


def _read_group(text: str) -> Iterator[tuple[list[int], int, int]]:
    """Each range of hours in a group such as "mon, wed 9-12, 14-16, thu 9-12" with the days it belongs to."""
    days: list[int] = []
    hours_seen = False
    position = _skip(text, 0)
    while position < len(text):
        if _WORD.match(text, position):
            if hours_seen:
                days, hours_seen = [], False
            found, position = _read_days(text, position)
            days += found
        else:
            opens, closes, position = _read_hours(text, position)
            if not days:
                raise AvailabilityError(f"{text.strip()!r}: say on which days, such as Mon-Fri 09:00-17:00.")
            hours_seen = True
            yield days, opens, closes
        position = _skip(text, position)
    if days and not hours_seen:
        raise AvailabilityError(f"{text.strip()!r}: say at which hours, such as Mon-Fri 09:00-17:00.")


def _skip(text: str, position: int) -> int:
    while match := _FILLER.match(text, position):
        position = match.end()
    return position


def _read_days(text: str, position: int) -> tuple[list[int], int]:
    first, position = _read_day(text, position)
    between = _RANGE.match(text, position)
    if not between or not _WORD.match(text, between.end()):
        return first, position
    last, position = _read_day(text, between.end())
    if len(first) != 1 or len(last) != 1:
        raise AvailabilityError(f"{text.strip()!r}: a range of days goes from one day to another.")
    return [(first[0] + step) % 7 for step in range((last[0] - first[0]) % 7 + 1)], position


def _read_day(text: str, position: int) -> tuple[list[int], int]:
    match = _WORD.match(text, position)
    word = match[0] if match else ""
    end = position + len(word)
    if word in _DAY_GROUPS:
        return list(_DAY_GROUPS[word]), end
    singular = word.removesuffix("s") if len(word) > 4 else word
    for index, name in enumerate(_DAY_NAMES.values()):
        if len(word) >= 2 and name.startswith((word, singular)):
            return [index], end
    raise AvailabilityError(f"{word!r} is not a day of the week.")


def _read_hours(text: str, position: int) -> tuple[int, int, int]:
    first = _TIME.match(text, position)
    between = _RANGE.match(text, first.end()) if first else None
    last = _TIME.match(text, between.end()) if between else None
    if not first or not last:
        raise AvailabilityError(f"{text[position:].strip()!r} is not a range of hours such as 09:00-17:00.")
    if (first[3] is None) != (last[3] is None):
        raise AvailabilityError(f"{text[position : last.end()]!r}: write am or pm at both times, or 24-hour times.")
    opens, closes = _minute(first), _minute(last)
    if opens in (closes, MINUTES_PER_DAY):
        raise AvailabilityError(f"{text[position : last.end()]!r} is an empty range of hours.")
    return opens, closes, last.end()


def _minute(match: re.Match[str]) -> int:
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        raise AvailabilityError(f"{match[0].strip()!r} is not a time.")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if minute > 59 or hour * 60 + minute > MINUTES_PER_DAY:
        raise AvailabilityError(f"{match[0].strip()!r} is not a time from 00:00 to 24:00.")
    return hour * 60 + minute


def _split_at_midnight(day: int, opens: int, closes: int) -> Iterator[tuple[int, Window]]:
    if opens < closes:
        yield day, (opens, closes)
        return
    yield day, (opens, MINUTES_PER_DAY)
    if closes:
        yield (day + 1) % 7, (0, closes)


def _canonical(windows: Iterable[list[Window]]) -> Availability:
    return {
        day: [[_face(opens), _face(closes)] for opens, closes in _joined(found)]
        for day, found in zip(DAYS, windows, strict=True)
        if found
    }


def _joined(windows: list[Window]) -> list[Window]:
    joined: list[Window] = []
    for opens, closes in sorted(windows):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _face(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
