"""What a roster would change: rows against what is known, without touching anything.

A file says what should be: what it leaves empty, and people whom it does not name, stay as they are.
See the README, "Commands".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from mentorship_coordination.roster.parser import RosterRow, RowProblem


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody with an account; `values` by the name of each column that a roster can set."""

    id: UUID
    is_active: bool
    values: Mapping[str, Any]
    #: The cohorts of her enrolments, and the one of them that is active.
    cohorts: frozenset[str] = frozenset()
    active_cohort: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCohort:
    track: str
    end_date: date


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds of the people (by e-mail address) and cohorts (by name) that a roster names."""

    people: Mapping[str, KnownPerson]
    cohorts: Mapping[str, KnownCohort]
    today: date


@dataclass(frozen=True, slots=True)
class NewCohort:
    name: str
    track: str
    timezone: str


@dataclass(slots=True)
class Changes:
    """People by e-mail address, in the order of the file, with the columns to write; enrolments: address → cohort."""

    new_people: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed_people: dict[str, dict[str, Any]] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    new_cohorts: dict[str, NewCohort] = field(default_factory=dict)
    new_enrolments: dict[str, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


def compare(rows: Iterable[RosterRow], known: Known) -> Changes:
    """Everything that importing `rows` would change, and every row that cannot be imported, with the reason."""
    changes = Changes()
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        problem = _account_problem(row, known) or (_enrol(row, known, changes) if row.role == "student" else None)
        if problem:
            changes.problems.append(problem)
        else:
            wanted.setdefault(row.email, {}).update(columns_of(row))
    for email, values in wanted.items():
        _sort_out(email, values, known.people.get(email), changes)
    return changes


def columns_of(row: RosterRow) -> dict[str, Any]:
    """The columns of a person that the row sets; empty cells set nothing."""
    values: dict[str, Any] = {"name": row.name, "timezone": row.timezone, "languages": list(row.languages)}
    if row.role == "mentor":
        values |= {
            "is_mentor": True,
            "mentor_specialties": list(row.skills),
            "mentor_availability": row.availability,
            "mentor_capacity_weekly": row.weekly_sessions,
            "mentor_max_mentees": row.max_mentees,
        }
    else:
        values |= {"wanted_skills": list(row.wanted_skills), "student_availability": row.availability}
    return {column: value for column, value in values.items() if value not in (None, [])}


def _sort_out(email: str, values: dict[str, Any], person: KnownPerson | None, changes: Changes) -> None:
    if person is None:
        changes.new_people[email] = values
        return
    changed = {column: value for column, value in values.items() if person.values[column] != value}
    if changed:
        changes.changed_people[email] = changed
    elif email not in changes.new_enrolments:
        changes.unchanged.add(email)


def _account_problem(row: RosterRow, known: Known) -> RowProblem | None:
    person = known.people.get(row.email)
    if person is None or person.is_active:
        return None
    return RowProblem(row.line, "email", "account_closed", f"The account {row.email} is closed; open it again first.")


def _enrol(row: RosterRow, known: Known, changes: Changes) -> RowProblem | None:
    cohort, track = row.cohort or "", row.track or ""
    person = known.people.get(row.email)
    if person is not None and cohort in person.cohorts:
        return _cohort_problem(row, known, changes, is_enrolled=True)
    active = changes.new_enrolments.get(row.email) or (person.active_cohort if person else None)
    if active is not None:
        message = f"{row.email} studies in {active}; a student has one cohort at a time. End that enrolment first."
        return RowProblem(row.line, "cohort", "other_cohort", message)
    problem = _cohort_problem(row, known, changes, is_enrolled=False)
    if problem is None:
        if cohort not in known.cohorts:
            changes.new_cohorts.setdefault(cohort, NewCohort(cohort, track, row.timezone))
        changes.new_enrolments[row.email] = cohort
    return problem


def _cohort_problem(row: RosterRow, known: Known, changes: Changes, *, is_enrolled: bool) -> RowProblem | None:
    found = known.cohorts.get(row.cohort or "") or changes.new_cohorts.get(row.cohort or "")
    if found is not None and found.track != row.track:
        message = f"The cohort {row.cohort} belongs to the track {found.track}, not {row.track}."
        return RowProblem(row.line, "track", "track_of_cohort", message)
    if isinstance(found, KnownCohort) and found.end_date <= known.today and not is_enrolled:
        message = f"The cohort {row.cohort} ended on {found.end_date}."
        return RowProblem(row.line, "cohort", "cohort_ended", message)
    return None
