"""Under the application's login …"""

from __future__ import annotations

import pytest

from core.tenancy.identity import Identity, Role
from core.tenancy.spec import collect
from tests.tenancy.attempts import DENIED
from tests.tenancy.expectations import PEOPLE, ROLES, TABLES
from tests.tenancy.matrix import Matrix


@pytest.mark.parametrize("table", TABLES)
def test_everybody_does_what_is_expected_and_nothing_else(matrix: Matrix, table: str) -> None:
    assert matrix.differences([table]) == []


def test_every_tenant_table_has_its_line() -> None:
    assert set(TABLES) == set(collect().tenant)


@pytest.mark.parametrize("role", ["anon", *PEOPLE])
def test_nobody_but_staff_writes_what_all_may_read(matrix: Matrix, role: str) -> None:
    known = matrix.sessions.tables()
    for name in collect().shared:
        column = known[name].columns[-1].name
        for statement in (
            f"INSERT INTO {name} DEFAULT VALUES",
            f"UPDATE {name} SET {column} = DEFAULT",
            f"DELETE FROM {name}",
        ):
            assert matrix.sessions.attempt(matrix.world.identity(role), statement) == DENIED, (role, statement)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_empties_a_table_or_hangs_a_trigger_on_it(matrix: Matrix, role: str) -> None:
    identity = matrix.world.identity(role)
    assert matrix.sessions.attempt(identity, "TRUNCATE users_user CASCADE") == DENIED
    trigger = "CREATE TRIGGER t BEFORE INSERT ON users_user EXECUTE FUNCTION app.follow_assignment()"
    assert matrix.sessions.attempt(identity, trigger) == DENIED


FORBIDDEN_COLUMNS = [
    *((role, "users_user", column, "true") for role in PEOPLE for column in ("is_mentor", "is_staff", "is_active")),
    *((role, "users_user", "email", "'x@academy.example'") for role in PEOPLE),
    *((role, "users_user", "auth_version", "7") for role in PEOPLE),
    *((role, "users_user", "mentor_max_mentees", "99") for role in PEOPLE),
    ("student", "missions_missionsubmission", "state", "'approved'"),
    ("student", "missions_missionsubmission", "state", "'rejected'"),
    ("student", "missions_missionsubmission", "score", "100"),
    ("student", "missions_missionsubmission", "decided_at", "submitted_at"),
    ("student", "mentorship_coordination_sessionactionitem", "text", "'Nothing.'"),
    ("mentor", "missions_missionsubmission", "version", "9"),
    ("mentor", "missions_missionsubmission", "submitted_at", "created_at"),
    ("mentor", "mentorship_coordination_mentorworkqueue", "budget_seconds", "999999"),
    ("mentor", "mentorship_coordination_mentorworkqueue", "base_rank", "3"),
    ("mentor", "mentorship_coordination_mentorworkqueue", "mentee_id", "NULL"),
    ("mentor", "mentorship_coordination_mentorworkqueue", "mentor_id", "NULL"),
    ("mentor", "mentorship_coordination_mentorworkqueue", "clock_started_at", "due_at"),
    ("mentor", "mentorship_coordination_mentorflag", "author_id", "mentee_id"),
    ("mentor", "mentorship_coordination_mentorflag", "reason", "'All is well.'"),
    ("director", "mentorship_coordination_mentorflag", "reason", "'All is well.'"),
    ("director", "mentorship_coordination_menteementorassignment", "is_primary", "false"),
    ("director", "missions_missionsubmission", "version", "9"),
    *((role, "users_accesstoken", "expires_at", "NULL") for role in PEOPLE),
    *((role, "mentorship_coordination_notification", "title", "'x'") for role in PEOPLE),
]


@pytest.mark.parametrize(("role", "table", "column", "value"), FORBIDDEN_COLUMNS)
def test_her_own_row_keeps_what_is_not_hers_to_change(
    matrix: Matrix, role: str, table: str, column: str, value: str
) -> None:
    statement = f"UPDATE {table} SET {column} = {value}"
    assert matrix.sessions.attempt(matrix.world.identity(role), statement) == DENIED


def test_a_student_hands_in_but_brings_no_verdict_along(matrix: Matrix) -> None:
    student = matrix.world.identity("student")
    hand_in = "UPDATE missions_missionsubmission SET version = 2, state = 'submitted', score = NULL"
    assert matrix.sessions.attempt(student, hand_in) == 1


def test_a_director_reads_every_mentor_and_only_students_of_hers(matrix: Matrix) -> None:
    director, strange = matrix.world.identity("director"), matrix.world.strange.people
    visible = "SELECT 1 FROM users_user WHERE id = %s"
    assert matrix.sessions.attempt(director, visible, [str(strange["mentor"].pk)]) == 1
    assert matrix.sessions.attempt(director, visible, [str(strange["student"].pk)]) == 0


def test_a_private_note_is_its_mentors_alone(matrix: Matrix) -> None:
    key = matrix.world.mine.rows["mentorship_coordination_sessionnote"]
    look = "SELECT 1 FROM mentorship_coordination_sessionnote WHERE id = %s"
    seen = {}
    with matrix.sessions.acting(matrix.world.identity("mentor")) as cursor:
        cursor.execute("UPDATE mentorship_coordination_sessionnote SET is_private = true WHERE id = %s", [key])
        for role in ("mentor", "student"):
            cursor.execute(matrix.world.identity(role).statement())
            cursor.execute(look, [key])
            seen[role] = cursor.rowcount
    assert seen == {"mentor": 1, "student": 0}


def test_a_pair_that_waits_to_begin_opens_nothing_of_the_student(matrix: Matrix) -> None:
    mine, mentor = matrix.world.mine, matrix.world.identity("mentor")
    waiting = "UPDATE mentorship_coordination_menteementorassignment SET state = 'pending' WHERE id = %s"
    with matrix.sessions.acting(matrix.world.identity("director")) as cursor:
        cursor.execute(waiting, [str(mine.assignment.pk)])
        cursor.execute(mentor.statement())
        cursor.execute("SELECT 1 FROM users_user WHERE id = %s", [str(mine.people["student"].pk)])
        assert cursor.rowcount == 0
        cursor.execute("SELECT 1 FROM missions_missionsubmission")
        assert cursor.rowcount == 0
        cursor.execute("SELECT 1 FROM mentorship_coordination_menteementorassignment")
        assert cursor.rowcount == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM and role is not Role.ADMIN])
def test_who_forgets_to_name_the_person_sees_no_row(matrix: Matrix, role: Role) -> None:
    for table in TABLES:
        if (role, table) in {(Role.DIRECTOR, "users_user"), (Role.DIRECTOR, "mentorship_coordination_mentorabsence")}:
            continue
        assert matrix.sessions.attempt(Identity(role), f"SELECT 1 FROM {table}") in {0, DENIED}, table
