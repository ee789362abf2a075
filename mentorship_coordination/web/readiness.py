"""Readiness on a page: its trend, its parts with what they rest on, its course as a line. Source: product.md §9."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mentorship_coordination.web.words import counted

PART_NAMES = {
    "missions": "Missions",
    "quality": "Quality of the work",
    "consistency": "Habits",
    "goals": "Goals",
    "attendance": "Sessions",
}
WIDTH, HEIGHT, EDGE = 280, 56, 4
#: A line over fewer points of readiness would make a mountain of a molehill.
LEAST_SPAN = 20.0


@dataclass(frozen=True, slots=True)
class Part:
    """`percent` is None without data."""

    name: str
    weight: int
    percent: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Lines (SVG points) between days with a figure, where the last one lies, and the same in words."""

    lines: list[str]
    end: tuple[float, float]
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def parts_of(parts: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Of the parts as a dashboard's `inputs` holds them."""
    return [
        Part(
            name=PART_NAMES.get(part["name"], part["name"].replace("_", " ").capitalize()),
            weight=part["weight"],
            percent=None if part["value"] is None else round(100 * part["value"]),
            basis=_basis(part["name"], part["inputs"] or {}),
        )
        for part in parts
    ]


def trend_words(trend: Decimal | None) -> str:
    """`+3 in 7 days`; empty where there is nothing to compare with."""
    if trend is None:
        return ""
    points = round(trend)
    if not points:
        return "as a week ago"
    return f"{'+' if points > 0 else '−'}{abs(points)} in 7 days"


def sparkline_of(days: Sequence[tuple[date, Decimal | None]]) -> Sparkline | None:
    """The course over `days`, None where no day has a figure. Days without one leave a gap."""
    known = [(day, float(figure)) for day, figure in days if figure is not None]
    if not known:
        return None
    first, last = days[0][0], days[-1][0]
    figures = [figure for _, figure in known]
    low, span = _scale(figures)

    def place(day: date, figure: float) -> tuple[float, float]:
        across = (day - first).days / max(1, (last - first).days)
        x = EDGE + across * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - (figure - low) / span * (HEIGHT - 2 * EDGE)
        return round(x, 1), round(y, 1)

    since = f"{known[0][0]:%-d %B}"
    words = f"{figures[0]:.0f} on {since}, the first day with a figure."
    if len(known) > 1:
        course = f"From {figures[0]:.0f} to {figures[-1]:.0f} since {since}"
        words = f"{course}, between {min(figures):.0f} and {max(figures):.0f}."
    runs = [" ".join(f"{x},{y}" for x, y in (place(*each) for each in run)) for run in _runs(days)]
    return Sparkline(runs, place(*known[-1]), words)


def _scale(figures: Sequence[float]) -> tuple[float, float]:
    """Lowest figure drawn, and how many the height stands for; within 0 to 100."""
    span = max(LEAST_SPAN, max(figures) - min(figures))
    low = (max(figures) + min(figures) - span) / 2
    return min(max(0.0, low), 100 - span), span


def _runs(days: Sequence[tuple[date, Decimal | None]]) -> list[list[tuple[date, float]]]:
    """Days with a figure in a row; a lone day makes no line."""
    runs: list[list[tuple[date, float]]] = [[]]
    for day, figure in days:
        is_next = bool(runs[-1]) and (day - runs[-1][-1][0]).days == 1
        if figure is None or (runs[-1] and not is_next):
            runs.append([])
        if figure is not None:
            runs[-1].append((day, float(figure)))
    return [run for run in runs if len(run) > 1]


def _basis(name: str, inputs: Mapping[str, Any]) -> str:
    match name:
        case _ if not inputs:
            return "No data yet."
        case "missions":
            return _missions(inputs)
        case "quality":
            return _quality(inputs)
        case "consistency":
            return (
                f"{inputs['kept']} of {inputs['due']} days or weeks kept in 28 days."
                if inputs["due"]
                else "Nothing was due in the last 28 days."
            )
        case "goals":
            return (
                f"{inputs['on_time']} of {counted(inputs['due'], 'goal')} reached in time."
                if inputs["due"]
                else "No goal was due yet."
            )
        case "attendance":
            known = inputs["attended"] + inputs["missed"]
            return f"{inputs['attended']} of {counted(known, 'session')} attended." if known else "No session yet."
    return ""


def _missions(inputs: Mapping[str, Any]) -> str:
    approved, expected = inputs["approved_weight"], inputs["expected_weight"]
    if not expected:
        return "None is expected by now." if not approved else "More is approved than is expected by now."
    return f"Approved: {approved} of the {counted(expected, 'point')} expected by now."


def _quality(inputs: Mapping[str, Any]) -> str:
    scores, mean = inputs["scores"], inputs["cohort_mean"]
    if not scores:
        return "Nothing is scored yet."
    basis = f"Mean of {counted(len(scores), 'score')}"
    return f"{basis}, drawn towards the cohort’s {mean:.0f}." if mean is not None else f"{basis}."
