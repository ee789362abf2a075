"""A roster spreadsheet to people ready for import, or to the reasons why not.

Pure: no database. The same text gives the same answer, whichever spreadsheet wrote it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast

from mentorship_coordination.roster import fields
from mentorship_coordination.roster.table import Record, RowProblem, read_table
from users.availability import Availability

__all__ = ["RosterParse", "RosterRow", "RowProblem", "parse_roster"]

Role = Literal["mentor", "student"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class RosterRow:
    """One person in one role. None and empty mean that the file does not say.

    `timezone` is IANA, `languages` ISO 639-1 codes, `skills` and `wanted_skills` slugs, `track` a known
    slug, `cohort` a name, `availability` the canonical JSON, `weekly_sessions` and `max_mentees` counts.
    A student has a track and a cohort and neither skills nor capacities; a mentor has no wanted skills.
    """

    line: int
    role: Role
    email: str
    name: str
    timezone: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    wanted_skills: tuple[str, ...]
    track: str | None
    cohort: str | None
    availability: Availability | None
    weekly_sessions: int | None
    max_mentees: int | None


@dataclass(frozen=True)
class RosterParse:
    """Rows without a problem, and the problems of all others in the order of the file.

    `repeated_lines` say what an earlier line says and are left out; `ignored_columns` are headings that mean
    nothing here.
    """

    rows: tuple[RosterRow, ...]
    problems: tuple[RowProblem, ...]
    repeated_lines: tuple[int, ...] = ()
    ignored_columns: tuple[str, ...] = ()


def parse_roster(source: str | bytes, *, known_tracks: Mapping[str, str]) -> RosterParse:
    """Read a roster. `known_tracks` maps the slug of each track to its name.

    Never raises for what the file contains: a file that cannot be read gives no rows and one problem. A line
    is in `rows`, has at least one problem, or repeats an earlier line. See the README, "Commands".
    """
    table = read_table(source)
    roster = _Roster(known_tracks)
    for record in table.records:
        roster.add(record)
    problems = sorted([*table.problems, *roster.problems], key=lambda problem: problem.line)
    return RosterParse(tuple(roster.rows), tuple(problems), tuple(roster.repeated_lines), table.ignored_columns)


@dataclass
class _Roster:
    known_tracks: Mapping[str, str]
    rows: list[RosterRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    repeated_lines: list[int] = field(default_factory=list)
    _by_email: dict[str, list[RosterRow]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        reader = _RowReader(record, self.known_tracks)
        row = reader.row()
        earlier = self._by_email.get(row.email, [])
        if not reader.problems and any(_same_content(row, other) for other in earlier):
            self.repeated_lines.append(row.line)
            return
        clash = _clash(row, earlier) if row.email else None
        if clash:
            reader.problems.append(clash)
        self.problems += reader.problems
        if row.email:
            # Refused rows are remembered too, so that a third line is compared with all before it.
            self._by_email.setdefault(row.email, []).append(row)
        if not reader.problems:
            self.rows.append(row)


def _same_content(row: RosterRow, other: RosterRow) -> bool:
    return {**vars(row), "line": 0} == {**vars(other), "line": 0}


def _clash(row: RosterRow, earlier: list[RosterRow]) -> RowProblem | None:
    """Why a row cannot stand beside earlier ones with its e-mail address."""
    for other in earlier:
        where = f"{row.email} is already on line {other.line}"
        if row.name.casefold() != other.name.casefold():
            return RowProblem(row.line, "email", "duplicate_email", f"{where} with another name, {other.name!r}.")
        if row.timezone != other.timezone:
            return RowProblem(row.line, "timezone", "contradiction", f"{where} with the zone {other.timezone}.")
        same_group = row.cohort is not None and (row.track, row.cohort) == (other.track, other.cohort)
        if row.role != other.role and same_group:
            message = f"{where} as {other.role} of {row.cohort}; nobody mentors themselves."
            return RowProblem(row.line, "role", "own_mentor", message)
        if row.role == other.role and (row.role == "mentor" or same_group):
            return RowProblem(row.line, "email", "duplicate_email", f"{where} with other details.")
    return None


class _RowReader:
    """Reads all cells of one record and gathers every problem, so that one pass shows them all."""

    def __init__(self, record: Record, known_tracks: Mapping[str, str]) -> None:
        self._record = record
        self._known_tracks = known_tracks
        self.problems: list[RowProblem] = []

    def row(self) -> RosterRow:
        role = cast("Role", self._read("role", fields.read_role, ""))
        is_mentor, is_student = role == "mentor", role == "student"
        row = RosterRow(
            line=self._record.line,
            role=role,
            email=self._read("email", fields.read_email, ""),
            name=self._read("name", fields.read_name, ""),
            timezone=self._read("timezone", fields.read_zone, ""),
            languages=self._read("languages", fields.read_languages, ()),
            skills=() if is_student else self._read("skills", fields.read_skills, ()),
            wanted_skills=() if is_mentor else self._read("wanted_skills", fields.read_skills, ()),
            track=self._read("track", lambda text: fields.read_track(text, self._known_tracks), None),
            cohort=self._read("cohort", lambda text: fields.read_text(text, "A cohort"), None)
            if fields.tidy(self._record.cells["cohort"])
            else None,
            availability=self._read("availability", fields.read_availability, None),
            weekly_sessions=self._count("weekly_sessions", fields.MOST_SESSIONS_A_WEEK),
            max_mentees=self._count("max_mentees", fields.MOST_MENTEES),
        )
        if is_student:
            self._check_student()
        elif is_mentor and fields.tidy(self._record.cells["wanted_skills"]):
            self._problem("wanted_skills", "not_for_mentors", "Wanted skills belong to students; use skills.")
        return row

    def _check_student(self) -> None:
        cells = self._record.cells
        for column in ("track", "cohort"):
            if not fields.tidy(cells[column]):
                self._problem(column, "required", f"A student needs a {column}.")
        if fields.tidy(cells["skills"]):
            self._problem("skills", "not_for_students", "Skills belong to mentors; use wanted_skills.")
        for column in ("weekly_sessions", "max_mentees"):
            if fields.tidy(cells[column]) not in ("", "0"):
                self._problem(column, "not_for_students", f"{column} is a capacity of mentors; leave it empty.")

    def _count(self, column: str, most: int) -> int | None:
        is_student = fields.tidy(self._record.cells["role"]).casefold().startswith(("student", "mentee"))
        return None if is_student else self._read(column, lambda text: fields.read_count(text, most), None)

    def _read(self, column: str, read: Callable[[str], Value], instead: Value) -> Value:
        try:
            return read(self._record.cells[column])
        except fields.FieldError as error:
            self._problem(column, error.code, error.message)
            return instead

    def _problem(self, column: str, code: str, message: str) -> None:
        self.problems.append(RowProblem(self._record.line, column, code, message))
