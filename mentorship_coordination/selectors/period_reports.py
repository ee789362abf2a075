"""What the reports of a period share: lines for all, each cohort and each mentor of a director."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

from users.models import Cohort, User

#: Days of one report, and between which days they lie.
MOST_DAYS: Final = 366
EARLIEST, LATEST = date(1970, 1, 1), date(9000, 1, 1)


class LineOf(StrEnum):
    """Whose figures a line has."""

    ALL = "all"
    COHORT = "cohort"
    MENTOR = "mentor"


class Line(Protocol):
    """`id` None: of all, or of nobody in particular."""

    id: UUID | None
    name: str


L = TypeVar("L", bound=Line)


@dataclass(frozen=True)
class PeriodReport(Generic[L]):
    """Of `[since, until)`. Cohorts by name; mentors with the worst first."""

    since: datetime
    until: datetime
    total: L
    cohorts: list[L]
    mentors: list[L]

    def lines(self) -> Iterator[tuple[LineOf, L]]:
        yield LineOf.ALL, self.total
        yield from ((LineOf.COHORT, cohort) for cohort in self.cohorts)
        yield from ((LineOf.MENTOR, mentor) for mentor in self.mentors)


def line_of(by_cohort: bool, by_mentor: bool) -> LineOf:
    """Of a row of GROUPING SETS ((cohort), (mentor), ())."""
    return LineOf.COHORT if by_cohort else LineOf.MENTOR if by_mentor else LineOf.ALL


def report_of(
    lines: Mapping[LineOf, Sequence[L]],
    *,
    since: datetime,
    until: datetime,
    empty_total: L,
    worst_first: Callable[[L], Any],
) -> PeriodReport[L]:
    """The report of these lines, each by its name; `empty_total` stands where there is nothing. Two queries."""
    cohorts, mentors = lines.get(LineOf.COHORT, ()), lines.get(LineOf.MENTOR, ())
    _name(cohorts, dict(Cohort.objects.filter(pk__in=_ids(cohorts)).values_list("pk", "name")))
    _name(mentors, dict(User.objects.filter(pk__in=_ids(mentors)).values_list("pk", "name")))
    return PeriodReport(
        since,
        until,
        next(iter(lines.get(LineOf.ALL, ())), empty_total),
        sorted(cohorts, key=lambda line: (line.name, str(line.id))),
        sorted(mentors, key=worst_first),
    )


def _ids(lines: Sequence[L]) -> list[UUID]:
    return [line.id for line in lines if line.id]


def _name(lines: Sequence[L], names: Mapping[UUID, str]) -> None:
    for line in lines:
        if line.id is not None and line.id in names:
            line.name = names[line.id]
