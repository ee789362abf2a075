"""A habit as a line on a page: its streak in words, its last days as small marks. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from coaching.counting import CountedHabit
from coaching.enums import Cadence, LogState
from coaching.streaks import period_of
from mentorship_coordination.web.practice_forms import RenameForm
from mentorship_coordination.web.words import counted

NOT_LOGGED = "open"
DAY_WORDS = {"done": "done", "skipped": "skipped", NOT_LOGGED: "nothing"}
NOT_YET = {Cadence.DAILY: "not yet today", Cadence.WEEKLY: "not yet this week"}
PERIODS = {Cadence.DAILY: "day", Cadence.WEEKLY: "week"}
#: From the left edge of one mark to that of the next.
MARK_STEP = 14


@dataclass(frozen=True, slots=True)
class DayMark:
    """`x` is where the mark is drawn."""

    day: date
    state: str
    x: int


@dataclass(frozen=True, slots=True)
class HabitLine:
    id: str
    name: str
    rhythm: str
    streak: int
    streak_words: str
    at_risk_words: str
    marks: list[DayMark]
    marks_words: str
    kept_words: str


@dataclass(frozen=True, slots=True)
class LoggedDay:
    """A day that can be logged, and what it says so far; `word` names it."""

    day: date
    word: str
    state: str

    @property
    def is_logged(self) -> bool:
        return self.state != NOT_LOGGED

    @property
    def is_today(self) -> bool:
        return self.word == "today"

    @property
    def state_words(self) -> str:
        return DAY_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class OwnHabit:
    """A habit before its owner. `days` are those she can log: today, then yesterday.

    Where a weekly habit is done on some day of the week, the other days have nothing to add.
    """

    line: HabitLine
    days: list[LoggedDay]
    is_week_done: bool
    longest_words: str
    archived_on: date | None
    form: RenameForm


def own_habits(habits: Iterable[CountedHabit], renamed: tuple[UUID, RenameForm] | None = None) -> list[OwnHabit]:
    """`renamed` is a refused form of one of them."""
    refused = {str(habit_id): form for habit_id, form in [renamed]} if renamed else {}
    return [_own(habit, refused.get(habit.id)) for habit in habits]


def lines_of(habits: Iterable[Mapping[str, Any]]) -> list[HabitLine]:
    """Of habits as the snapshot's section holds them."""
    return [
        _line(
            id=habit["habit_id"],
            name=habit["name"],
            cadence=habit["cadence"],
            streak=habit["streak"],
            is_at_risk=habit["is_at_risk"],
            recent=[(date.fromisoformat(each["date"]), each["state"]) for each in habit["recent"]],
            kept=habit["kept"],
            due=habit["due"],
        )
        for habit in habits
    ]


def _own(habit: CountedHabit, refused: RenameForm | None) -> OwnHabit:
    kept, today = habit.kept, habit.bits.today
    line = _line(
        id=habit.id,
        name=habit.name,
        cadence=habit.cadence,
        streak=habit.streak,
        is_at_risk=habit.is_at_risk,
        recent=habit.recent,
        kept=kept.kept,
        due=kept.due,
    )
    days = [_logged(habit, today, "today"), _logged(habit, today - timedelta(days=1), "yesterday")]
    is_week_done = _is_week_done(habit)
    return OwnHabit(
        line=line,
        days=[each for each in days if each.day >= habit.started_on and (each.is_logged or not is_week_done)],
        is_week_done=is_week_done,
        longest_words=counted(habit.longest_streak, PERIODS[Cadence(habit.cadence)]),
        archived_on=habit.archived_on,
        form=refused or RenameForm(initial={"name": habit.name}, auto_id=f"rename-{habit.id}-%s"),
    )


def _is_week_done(habit: CountedHabit) -> bool:
    week = period_of(habit.cadence, habit.bits.today)
    is_done = any(day >= week and state == LogState.DONE for day, state in habit.recent)
    return habit.cadence == Cadence.WEEKLY and is_done


def _logged(habit: CountedHabit, day: date, word: str) -> LoggedDay:
    return LoggedDay(day, word, habit.bits.state_of(day) or NOT_LOGGED)


def _line(
    *,
    id: str,
    name: str,
    cadence: str,
    streak: int,
    is_at_risk: bool,
    recent: Iterable[tuple[date, str | None]],
    kept: int,
    due: int,
) -> HabitLine:
    period = PERIODS[Cadence(cadence)]
    marks = [DayMark(day, state or NOT_LOGGED, place * MARK_STEP) for place, (day, state) in enumerate(recent)]
    return HabitLine(
        id=id,
        name=name,
        rhythm=f"every {period}",
        streak=streak,
        streak_words=f"{counted(streak, period)} in a row" if streak else "no streak now",
        at_risk_words=NOT_YET[Cadence(cadence)] if is_at_risk else "",
        marks=marks,
        marks_words=", ".join(f"{mark.day:%a} {DAY_WORDS[mark.state]}" for mark in marks),
        kept_words=f"kept {kept} of {counted(due, period)}" if due else "nothing was due yet",
    )
