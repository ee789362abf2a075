"""A hole that somebody leaves in the policies is noticed: by the matrix, or by the sweep of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.conf import settings

from core.tenancy.spec import UID, collect
from core.tenancy.sql import apply
from tests.database import login
from tests.tenancy.catalogue import faults
from tests.tenancy.expectations import table_name
from tests.tenancy.matrix import Matrix

ITEM = "mentorship_coordination_mentorworkqueue"
SESSION = "mentorship_coordination_mentorsession"
PAIR = "mentorship_coordination_menteementorassignment"


def replaced(table: str, name: str, verb: str, role: str, clauses: str) -> str:
    table = table_name(table)
    return f"DROP POLICY {name} ON {table}; CREATE POLICY {name} ON {table} FOR {verb} TO {role} {clauses}"


def granted(verb: str, table: str, role: str) -> str:
    return f"GRANT {verb} ON {table_name(table)} TO {role}"


EVER_MENTEES = f"ANY (ARRAY(SELECT mentee_id FROM public.{PAIR} WHERE mentor_id = {UID}))"
ENDED_PAIRS_COUNT = "; ".join(
    replaced(table, "mentor_select", "SELECT", "app_mentor", f"USING ({rows})")
    for table, rows in {
        "menteementorassignment": f"mentor_id = {UID}",
        "users_user": f"id = {UID} OR id = {EVER_MENTEES}",
        "users_enrolment": f"student_id = {EVER_MENTEES}",
        "readinesssnapshot": f"student_id = {EVER_MENTEES}",
    }.items()
)
PEEK = """
CREATE FUNCTION app.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER
AS 'SELECT count(*) FROM public.users_credential';
GRANT EXECUTE ON FUNCTION app.peek() TO app_person"""

#: What was done → the statements, and the tables on which it must show.
HOLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "mentors read every item": (
        replaced("mentorworkqueue", "mentor_select", "SELECT", "app_mentor", "USING (true)"),
        ("mentorworkqueue",),
    ),
    "mentors change every item, blindly": (
        replaced("mentorworkqueue", "mentor_update", "UPDATE", "app_mentor", "USING (true) WITH CHECK (true)"),
        ("mentorworkqueue",),
    ),
    "items are handed on": (
        "GRANT UPDATE ON mentorship_coordination_mentorworkqueue TO app_mentor; "
        + replaced(
            "mentorworkqueue", "mentor_update", "UPDATE", "app_mentor", f"USING (mentor_id = {UID}) WITH CHECK (true)"
        ),
        ("mentorworkqueue",),
    ),
    "students hand in for others": (
        replaced("missionsubmission", "student_insert", "INSERT", "app_student", "WITH CHECK (true)"),
        ("missionsubmission",),
    ),
    "submissions hang on somebody else's enrolment": (
        replaced("missionsubmission", "student_insert", "INSERT", "app_student", f"WITH CHECK (student_id = {UID})"),
        ("missionsubmission",),
    ),
    "row security is off": (f"ALTER TABLE {SESSION} DISABLE ROW LEVEL SECURITY", ("mentorsession",)),
    "a policy compares the wrong column": (
        replaced("readinesssnapshot", "student_select", "SELECT", "app_student", f"USING (student_id <> {UID})"),
        ("readinesssnapshot",),
    ),
    "directors read every cohort": (
        replaced("missionsubmission", "director_select", "SELECT", "app_director", "USING (true)"),
        ("missionsubmission",),
    ),
    "directors pair students of other cohorts": (
        replaced(
            "menteementorassignment",
            "director_insert",
            "INSERT",
            "app_director",
            "WITH CHECK (cohort_id = ANY ((SELECT app.my_cohorts())::uuid[]))",
        ),
        ("menteementorassignment",),
    ),
    "mentors book students of others": (
        replaced("mentorsession", "mentor_insert", "INSERT", "app_mentor", f"WITH CHECK (mentor_id = {UID})"),
        ("mentorsession",),
    ),
    "an ended pair still counts": (
        ENDED_PAIRS_COUNT,
        ("users_user", "users_enrolment", "readinesssnapshot"),
    ),
    "students delete": (
        granted("DELETE", "studentdashboard", "app_student")
        + f"; CREATE POLICY x ON {table_name('studentdashboard')} FOR DELETE TO app_student USING (student_id = {UID})",
        ("studentdashboard",),
    ),
    "a policy for everybody": (
        f"CREATE POLICY everybody ON {table_name('mentorflag')} USING (true); "
        + granted("SELECT", "mentorflag", "app_student"),
        ("mentorflag",),
    ),
    "students read what is said of them": (
        granted("SELECT", "mentorflag", "app_student")
        + f"; CREATE POLICY x ON {table_name('mentorflag')} FOR SELECT TO app_student USING (mentee_id = {UID})",
        ("mentorflag",),
    ),
    "nobody lists people": (
        granted("SELECT", "users_user", "app_anon") + "; CREATE POLICY x ON users_user TO app_anon USING (true)",
        ("users_user",),
    ),
    "hashes are read": (
        granted("SELECT", "users_credential", "app_person")
        + f"; CREATE POLICY x ON users_credential FOR SELECT TO app_person USING (user_id = {UID})",
        ("users_credential",),
    ),
}

#: What only the catalogue can show: no row is in the wrong hands yet.
LOOSE_ENDS: dict[str, tuple[str, str]] = {
    "a new table without policies": (
        "CREATE TABLE core_secret (id int); GRANT SELECT ON core_secret TO app_student",
        "DROP TABLE core_secret",
    ),
    "a grant without a policy": (f"GRANT DELETE ON {ITEM} TO app_mentor", ""),
    "a right to truncate": (f"GRANT TRUNCATE ON {ITEM} TO app_mentor", f"REVOKE TRUNCATE ON {ITEM} FROM app_mentor"),
    "a column too many": ("GRANT UPDATE (is_staff) ON users_user TO app_person", ""),
    "a function with the caller's search path": ("ALTER FUNCTION app.my_mentees() RESET search_path", ""),
    "a function for everybody": ("GRANT EXECUTE ON FUNCTION app.prune_stream_events(timestamptz, int) TO PUBLIC", ""),
    "a forgotten function": (
        PEEK,
        "DROP FUNCTION app.peek()",
    ),
    "a view with its owner's eyes": (
        f"CREATE VIEW peek AS SELECT * FROM {ITEM}; GRANT SELECT ON peek TO app_mentor",
        "DROP VIEW peek",
    ),
}


@contextmanager
def planted(statements: str, undo: str = "") -> Iterator[None]:
    """Let the hole be there for the block; afterwards the database is what the specification says."""
    run_as_owner(statements)
    try:
        yield
    finally:
        if undo:
            run_as_owner(undo)
        with login(settings.DATABASE_URL, says_identity=False) as connection, connection.schema_editor() as editor:
            apply(editor)


def run_as_owner(statements: str) -> None:
    connection = psycopg2.connect(settings.DATABASE_URL)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        connection.close()


@pytest.mark.parametrize("hole", HOLES)
def test_the_matrix_notices(matrix: Matrix, hole: str) -> None:
    statements, tables = HOLES[hole]
    names = [table_name(table) for table in tables]
    with planted(statements):
        assert matrix.differences(names) != []
    assert matrix.differences(names) == []


@pytest.mark.parametrize("hole", LOOSE_ENDS)
def test_the_catalogue_shows(matrix: Matrix, hole: str) -> None:
    statements, undo = LOOSE_ENDS[hole]
    with planted(statements, undo):
        assert faults(collect()) != []
    assert faults(collect()) == []
