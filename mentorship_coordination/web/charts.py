"""Charts as shapes for inline SVG, each with what it says in words. Drawn on the server; no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from mentorship_coordination.selectors.sla_report import FinishedIn, Step
from mentorship_coordination.web.words import counted

WIDTH, HEIGHT = 720.0, 150.0
LEFT, BOTTOM, TOP = 34.0, 20.0, 8.0
#: Of the room of one column.
FILLED = 0.72
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Column:
    """Two parts on top of each other, in the chart's units: late at the bottom."""

    x: float
    width: float
    late_y: float
    late_height: float
    on_time_y: float
    on_time_height: float
    words: str


@dataclass(frozen=True, slots=True)
class Columns:
    columns: list[Column]
    #: (x, words) under the columns, and (y, number) of the lines across.
    names: list[tuple[float, str]]
    lines: list[tuple[float, int]]
    words: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    count: int
    percent: float


def columns_of(course: Sequence[FinishedIn], first: date, last: date, step: Step) -> Columns | None:
    """Finished items by day or week, on time above late; None where nothing was finished."""
    found = {each.first: each for each in course}
    steps = _steps(first, last, step)
    top = _round_up(max((each.finished for each in course), default=0))
    if not top:
        return None
    room = (WIDTH - LEFT) / len(steps)
    scale = (HEIGHT - TOP - BOTTOM) / top
    columns = [
        _column(found.get(day, FinishedIn(day, 0, 0)), LEFT + nth * room, room, scale, step)
        for nth, day in enumerate(steps)
    ]
    every = -(-len(steps) // MOST_NAMES)
    names = [
        (round(LEFT + (nth + 0.5) * room, 1), date_format(day, "j M"))
        for nth, day in enumerate(steps)
        if nth % every == 0
    ]
    lines = [(_y(value, scale), value) for value in (0, top // 2, top)] if top > 1 else [(_y(1, scale), 1)]
    finished, on_time = sum(each.finished for each in course), sum(each.on_time for each in course)
    said = f"{counted(finished, 'item')} finished, {on_time} on time; the most in one {step}: {_most(course, step)}."
    return Columns(columns, names, lines, said)


def bars_of(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """The largest first, each as a part of the largest."""
    given = sorted((each for each in counts if each[1]), key=lambda each: (-each[1], each[0]))
    most = given[0][1] if given else 1
    return [Bar(name, count, round(100 * count / most, 1)) for name, count in given]


def _steps(first: date, last: date, step: Step) -> list[date]:
    begins = first if step is Step.DAY else first - timedelta(days=first.weekday())
    size = 1 if step is Step.DAY else 7
    return [begins + timedelta(days=size * nth) for nth in range((last - begins).days // size + 1)]


def _column(found: FinishedIn, x: float, room: float, scale: float, step: Step) -> Column:
    late = found.finished - found.on_time
    when = date_format(found.first, "j M") if step is Step.DAY else f"the week of {date_format(found.first, 'j M')}"
    return Column(
        x=round(x + room * (1 - FILLED) / 2, 1),
        width=round(room * FILLED, 1),
        late_y=_y(late, scale),
        late_height=round(late * scale, 1),
        on_time_y=_y(found.finished, scale),
        on_time_height=round(found.on_time * scale, 1),
        words=f"{when}: {found.finished} finished, {found.on_time} on time",
    )


def _y(value: int, scale: float) -> float:
    return round(HEIGHT - BOTTOM - value * scale, 1)


def _round_up(value: int) -> int:
    """To an even number of at most two digits that count."""
    size = int(10 ** max(len(str(value)) - 2, 0))
    rounded = -(-value // size) * size
    return rounded + rounded % 2 if rounded > 1 else rounded


def _most(course: Sequence[FinishedIn], step: Step) -> str:
    best = max(course, key=lambda each: each.finished)
    day = date_format(best.first, "j M")
    return f"{best.finished}, from {day}" if step is Step.WEEK else f"{best.finished} on {day}"
