"""The text of a spreadsheet export to records: encoding, delimiter, header names, blank lines."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from typing import Final

DELIMITERS: Final = (",", ";", "\t")
COLUMNS: Final = (
    "role",
    "email",
    "name",
    "timezone",
    "languages",
    "skills",
    "wanted_skills",
    "track",
    "cohort",
    "availability",
    "weekly_sessions",
    "max_mentees",
)
REQUIRED_COLUMNS: Final = ("role", "email", "name", "timezone")
_ALIASES: Final = {
    "role": "type kind personrole",
    "email": "mail emailaddress mailaddress",
    "name": "fullname displayname person",
    "timezone": "tz zone ianazone ianatimezone",
    "languages": "language lang langs spokenlanguages",
    "skills": "specialties specialities expertise mentorskills",
    "wanted_skills": "wantedskill skillswanted wants learninggoals interests",
    "track": "program programme course",
    "cohort": "group class intake cohortname",
    "availability": "available availablehours hours weeklyhours",
    "weekly_sessions": "sessionsperweek sessionsaweek sessionsweek weeklycapacity capacityweekly",
    "max_mentees": "maxmentee maxstudents mentees menteelimit maximummentees",
}


@dataclass(frozen=True)
class RowProblem:
    """Why a line cannot be imported. `line` counts from 1; `column` is empty for the whole line."""

    line: int
    column: str
    code: str
    message: str


@dataclass(frozen=True)
class Record:
    """A line that is not blank: its number and its cells by canonical column, absent ones empty."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """What could be read; `ignored_columns` are headings that resemble no column of a roster."""

    records: tuple[Record, ...]
    problems: tuple[RowProblem, ...]
    ignored_columns: tuple[str, ...] = ()


class _UnreadableError(Exception):
    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_table(source: str | bytes) -> Table:
    """Records of CSV text or bytes (UTF-8, or UTF-16 with its mark); comma, semicolon or tab, CRLF or LF."""
    try:
        lines = _lines(_decoded(source))
        if not lines:
            raise _UnreadableError(RowProblem(1, "", "empty_file", "The file has no rows."))
        header_line, delimiter = _find_header(lines)
        return _records(list(_split(lines, delimiter)), header_line)
    except _UnreadableError as error:
        return Table((), (error.problem,))


def _decoded(source: str | bytes) -> str:
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    encoding = "utf-16" if source.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8. Save it from the spreadsheet as CSV UTF-8."
        raise _UnreadableError(RowProblem(line, "", "not_utf8", message)) from error


def _lines(text: str) -> list[str]:
    """Physical lines with their ends kept: only CR and LF end a line of CSV."""
    return list(StringIO(text, newline="")) if text.strip() else []


def _find_header(lines: list[str]) -> tuple[int, str]:
    """Number of the header line, and the delimiter under which it names most columns."""
    for number, line in enumerate(lines, start=1):
        if not line.strip(" \t\r\n,;") or re.fullmatch(r"sep=.\s*", line):
            continue
        known = {
            delimiter: sum(_column(cell) is not None for _, cells in _split([line], delimiter) for cell in cells)
            for delimiter in DELIMITERS
        }
        return number, max(DELIMITERS, key=lambda delimiter: known[delimiter])
    raise _UnreadableError(RowProblem(1, "", "empty_file", "The file has no rows."))


def _split(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Cells of each row that is no empty line, with the number of the physical line where the row begins."""
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        message = f"The row that begins here is not valid CSV: {error}."
        raise _UnreadableError(RowProblem(begins, "", "bad_csv", message)) from error


def _records(rows: list[tuple[int, list[str]]], header_line: int) -> Table:
    header = next(cells for line, cells in rows if line == header_line)
    columns = [_column(heading) for heading in header]
    problems = list(_header_problems(header, columns, header_line))
    if problems:
        return Table((), tuple(problems))
    records = []
    for line, cells in rows:
        if line <= header_line or not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(columns) :]):
            message = f"The row has {len(cells)} cells, the header {len(columns)}; quote cells with a delimiter."
            problems.append(RowProblem(line, "", "too_many_cells", message))
            continue
        found = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
        records.append(Record(line, {column: found.get(column, "") for column in COLUMNS}))
    ignored = tuple(
        heading.strip() for heading, column in zip(header, columns, strict=True) if not column and heading.strip()
    )
    return Table(tuple(records), tuple(problems), ignored)


def _header_problems(header: list[str], columns: list[str | None], line: int) -> Iterator[RowProblem]:
    for column in REQUIRED_COLUMNS:
        if column not in columns:
            yield RowProblem(line, column, "missing_column", f"The header has no column {column}.")
    for column in COLUMNS:
        if columns.count(column) > 1:
            yield RowProblem(line, column, "repeated_column", f"The header names the column {column} twice.")
    for heading, found in zip(header, columns, strict=True):
        close = get_close_matches(_bare(heading), list(_COLUMN_OF), n=1, cutoff=0.85) if not found else []
        if close:
            message = f"{heading.strip()!r} is not a column. Did you mean {_COLUMN_OF[close[0]]}?"
            yield RowProblem(line, heading.strip(), "unknown_column", message)


def _bare(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", heading).casefold())


_COLUMN_OF: Final = {_bare(column): column for column in COLUMNS} | {
    alias: column for column, aliases in _ALIASES.items() for alias in aliases.split()
}


def _column(heading: str) -> str | None:
    return _COLUMN_OF.get(_bare(heading))
