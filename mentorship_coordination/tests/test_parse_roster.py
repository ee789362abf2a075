"""A roster is read tolerantly, and what cannot be read is refused with its line and a reason."""

import csv
from pathlib import Path

import pytest

from mentorship_coordination.roster.parser import RosterParse, RosterRow, parse_roster
from mentorship_coordination.roster.table import COLUMNS
from mentorship_coordination.seed.content import TRACK_NAMES

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
STUDENT = {
    "role": "student",
    "email": "ada@example.org",
    "name": "Ada Lovelace",
    "timezone": "Europe/London",
    "track": "digital-forensics",
    "cohort": "Spring",
}
MENTOR = {
    "role": "mentor",
    "email": "grace@example.org",
    "name": "Grace Hopper",
    "timezone": "America/New_York",
}


def sheet(*people: dict[str, str], delimiter: str = ",", header: str = "") -> str:
    lines = [header or delimiter.join(COLUMNS)]
    for person in people:
        cells = ['"' + person.get(column, "").replace('"', '""') + '"' for column in COLUMNS]
        lines.append(delimiter.join(cells))
    return "\n".join(lines)


def parsed(*people: dict[str, str]) -> RosterParse:
    return parse_roster(sheet(*people), known_tracks=TRACK_NAMES)


def only_row(parse: RosterParse) -> RosterRow:
    assert parse.problems == ()
    (row,) = parse.rows
    return row


def found(parse: RosterParse) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.code) for problem in parse.problems]


def test_normalises_every_cell_of_a_mentor() -> None:
    row = only_row(
        parsed(
            {
                "role": " Mentors ",
                "email": "  <Grace.HOPPER@Example.org> ",
                "name": "Hopper,  Grace",
                "timezone": "america/new york",
                "languages": "English, español / pt-BR; EN",
                "skills": "Threat Hunting; C++, log-analysis\nthreat hunting",
                "track": "digital FORENSICS",
                "availability": "Mon 22:00-01:00",
                "weekly_sessions": "10.0",
                "max_mentees": "0",
            }
        )
    )

    assert row == RosterRow(
        line=2,
        role="mentor",
        email="grace.hopper@example.org",
        name="Grace Hopper",
        timezone="America/New_York",
        languages=("en", "es", "pt"),
        skills=("threat-hunting", "c-plus-plus", "log-analysis"),
        wanted_skills=(),
        track="digital-forensics",
        cohort=None,
        availability={"mon": [["22:00", "24:00"]], "tue": [["00:00", "01:00"]]},
        weekly_sessions=10,
        max_mentees=0,
    )


def test_leaves_open_what_the_file_does_not_say() -> None:
    row = only_row(parsed({**MENTOR, "languages": "-", "availability": "n/a", "max_mentees": " "}))

    assert (row.languages, row.availability, row.max_mentees, row.track) == ((), None, None, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_reads_what_spreadsheets_write(delimiter: str, encoding: str, line_end: str) -> None:
    text = sheet({**STUDENT, "name": "Ádám; Ó, \u201eX\u201d", "languages": "en; hu"}, delimiter=delimiter)

    parse = parse_roster(text.replace("\n", line_end).encode(encoding), known_tracks=TRACK_NAMES)

    assert only_row(parse).languages == ("en", "hu")


def test_knows_headings_by_other_names_and_reports_the_rest() -> None:
    text = "Type;E-mail;Full name;TZ;Programme;Cohort;Shoe size\nstudent;a@b.io;Ada;UTC;digital-forensics;S;38"

    parse = parse_roster(text, known_tracks=TRACK_NAMES)

    assert only_row(parse).email == "a@b.io"
    assert parse.ignored_columns == ("Shoe size",)


def test_counts_physical_lines_past_blank_ones_and_breaks_in_cells() -> None:
    first = {**STUDENT, "availability": "Mon 9-10\nTue 9-10"}
    text = "\n\n" + sheet(first) + "\n\n,,,,,,,,,,,\n" + sheet({**MENTOR, "role": "mentro"}).split("\n")[1]

    parse = parse_roster(text, known_tracks=TRACK_NAMES)

    assert [row.line for row in parse.rows] == [4]
    assert found(parse) == [(8, "role", "unknown_role")]


def test_names_every_problem_of_a_row_and_suggests() -> None:
    parse = parsed({**STUDENT, "timezone": "America/New_Yrok", "email": "ada@", "cohort": ""})

    assert parse.rows == ()
    assert found(parse) == [
        (2, "email", "bad_email"),
        (2, "timezone", "unknown_zone"),
        (2, "cohort", "required"),
    ]
    assert "Did you mean America/New_York?" in parse.problems[1].message


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("role", "", "required"),
        ("role", "teacher", "unknown_role"),
        ("email", "a b@example.org", "bad_email"),
        ("email", "ada@example", "bad_email"),
        ("email", f"{'a' * 65}@example.org", "bad_email"),
        ("name", "", "required"),
        ("name", "42", "bad_name"),
        ("name", "x" * 151, "too_long"),
        ("name", "Ada\x07", "control_character"),
        ("timezone", "", "required"),
        ("timezone", "GMT+2", "unknown_zone"),
        ("timezone", "CET", "unknown_zone"),
        ("languages", "en; Klingon", "unknown_language"),
        ("skills", "siem; ???", "bad_skill"),
        ("track", "Digital Forensic Science", "unknown_track"),
        ("availability", "Mon 09:00-25:00", "bad_availability"),
        ("weekly_sessions", "-1", "out_of_range"),
        ("weekly_sessions", "7.5", "bad_number"),
        ("max_mentees", "\u0663", "bad_number"),
        ("max_mentees", "501", "out_of_range"),
        ("wanted_skills", "siem", "not_for_mentors"),
    ],
)
def test_refuses_a_cell(column: str, cell: str, code: str) -> None:
    parse = parsed({**MENTOR, column: cell})

    assert parse.rows == ()
    assert found(parse) == [(2, column, code)]


@pytest.mark.parametrize("text", ["EST", "cet", "UTC+8", "GMT-05:00"])
def test_asks_for_a_place_instead_of_an_offset(text: str) -> None:
    parse = parsed({**MENTOR, "timezone": text})

    assert "name a place" in parse.problems[0].message


def test_refuses_capacities_of_a_student_but_not_a_zero() -> None:
    assert found(parsed({**STUDENT, "max_mentees": "3"})) == [(2, "max_mentees", "not_for_students")]
    assert only_row(parsed({**STUDENT, "max_mentees": "0"})).max_mentees is None


def test_keeps_one_of_two_equal_lines() -> None:
    parse = parsed(STUDENT, {**STUDENT, "email": "ADA@example.org "})

    assert only_row(parse).line == 2
    assert parse.repeated_lines == (3,)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"name": "Ada Byron"}, "email", "duplicate_email"),
        ({"languages": "fr"}, "email", "duplicate_email"),
        ({"timezone": "Europe/Paris", "cohort": "Autumn"}, "timezone", "contradiction"),
        ({"role": "mentor"}, "role", "own_mentor"),
    ],
)
def test_refuses_a_line_that_contradicts_an_earlier_one(change: dict[str, str], column: str, code: str) -> None:
    parse = parsed(STUDENT, {**STUDENT, **change})

    assert [row.line for row in parse.rows] == [2]
    assert found(parse) == [(3, column, code)]


@pytest.mark.parametrize("change", [{"role": "mentor", "cohort": "Autumn"}, {"cohort": "Autumn"}])
def test_allows_a_second_role_and_a_second_cohort(change: dict[str, str]) -> None:
    parse = parsed(STUDENT, {**STUDENT, **change})

    assert parse.problems == ()
    assert len(parse.rows) == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", [(1, "", "empty_file")]),
        ("\n , ,\n", [(1, "", "empty_file")]),
        (sheet().encode() + b"\nmentor,ren\xe9@example.org", [(2, "", "not_utf8")]),
        (sheet() + '\nmentor,"grace@example.org', [(2, "", "bad_csv")]),
        ("role,email,name\n", [(1, "timezone", "missing_column")]),
        ("role,email,name,timezone,e-mail\n", [(1, "email", "repeated_column")]),
        ("role,email,name,timezone,languagges\n", [(1, "languagges", "unknown_column")]),
        (sheet(MENTOR) + ",,x", [(2, "", "too_many_cells")]),
    ],
)
def test_refuses_a_file_that_is_no_roster(source: str | bytes, expected: list[tuple[int, str, str]]) -> None:
    parse = parse_roster(source, known_tracks=TRACK_NAMES)

    assert parse.rows == ()
    assert found(parse) == expected


def test_imports_the_whole_example() -> None:
    parse = parse_roster((EXAMPLES / "roster.csv").read_bytes(), known_tracks=TRACK_NAMES)

    roles = [row.role for row in parse.rows]
    assert parse.problems == ()
    assert (roles.count("mentor"), roles.count("student")) == (16, 166)
    assert {"Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"} <= {row.timezone for row in parse.rows}


def test_refuses_every_faulty_line_of_the_second_example() -> None:
    content = (EXAMPLES / "roster_with_errors.csv").read_text()

    parse = parse_roster(content, known_tracks=TRACK_NAMES)

    refused = {problem.line for problem in parse.problems}
    kept = {row.line for row in parse.rows}
    assert kept == {2, 34}, "the two rows that others contradict are right themselves"
    assert refused | kept == set(range(2, len(list(csv.reader(content.splitlines()))) + 1))
    assert len({problem.code for problem in parse.problems}) >= 14
