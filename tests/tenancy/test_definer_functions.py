"""The narrow ways past the policies: each function looks at the caller's relation before it does anything."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from core import clock
from core.tenancy.identity import ANON, SYSTEM, Identity, Role
from core.tenancy.spec import collect
from mentorship_coordination.enums import WorkType
from tests.tenancy.attempts import DENIED
from tests.tenancy.matrix import Matrix
from tests.tenancy.world import Family, World


def calls_about_student(family: Family) -> dict[str, tuple[str, list[Any]]]:
    """Function → a call that somebody related to the family's student may make."""
    at, student, enrolment = clock.now(), str(family.people["student"].pk), str(family.enrolment.pk)
    item = [str(uuid4()), "goal_feedback", str(uuid4()), 1, 1, enrolment, "T", "", 2, None, None, 60]
    return {
        "lock_enrolment": ("(%s)", [enrolment]),
        "queue_updates": ("(ARRAY[%s]::uuid[], ARRAY[1]::smallint[], ARRAY['x'], %s)", [student, at]),
        "notify": (
            "(%s, %s, 'session', 'T', '', '', NULL, NULL, NULL, NULL, false, %s)",
            [str(uuid4()), student, at],
        ),
        "append_events": (
            "(ARRAY[%s]::uuid[], ARRAY[2]::smallint[], ARRAY['session'], ARRAY['{}'])",
            [student],
        ),
        "open_work_item": (
            "(%s, %s, %s, %s, %s, %s, %s, %s, %s::smallint, %s, %s, %s, %s, %s, %s, %s, %s::timestamptz[], %s)",
            [*item, at, at, at, at, None, at],
        ),
        "lock_mentor": ("(%s)", [student]),
        "rank_items_of_mentee": ("(%s, %s)", [student, at]),
        "responsible_for": ("(%s)", [str(family.enrolment.cohort_id)]),
    }


ABOUT_STUDENT = (
    "lock_enrolment",
    "queue_updates",
    "notify",
    "append_events",
    "open_work_item",
    "lock_mentor",
    "rank_items_of_mentee",
    "responsible_for",
)
ABOUT_MENTOR = ("lock_mentor", "notify", "append_events")
#: Only those responsible for a student rank her mentor's work anew; she herself opens nothing but reviews.
NOT_FOR = {
    ("student", "rank_items_of_mentee"),
    ("person", "rank_items_of_mentee"),
    ("student", "open_work_item"),
}


def run(matrix: Matrix, identity: Identity, name: str, call: tuple[str, list[Any]]) -> int:
    arguments, values = call
    return matrix.sessions.attempt(identity, f"SELECT * FROM app.{name}{arguments}", values)


def acting(world: World, role: str, family: str = "mine") -> Identity:
    held = Role.MENTOR if role == "former" else Role(role)
    return Identity(held, getattr(world, family).people[role].pk)


@pytest.mark.parametrize("role", ["student", "mentor", "director", "admin"])
@pytest.mark.parametrize("name", ABOUT_STUDENT)
def test_whoever_belongs_to_the_student_is_let_in(matrix: Matrix, role: str, name: str) -> None:
    call = calls_about_student(matrix.world.mine)[name]
    refused = run(matrix, acting(matrix.world, role), name, call) == DENIED
    assert refused == ((role, name) in NOT_FOR)


@pytest.mark.parametrize("role", ["person", "student", "mentor", "former", "director"])
@pytest.mark.parametrize("name", ABOUT_STUDENT)
def test_a_stranger_to_the_student_is_refused(matrix: Matrix, role: str, name: str) -> None:
    call = calls_about_student(matrix.world.mine)[name]
    assert run(matrix, acting(matrix.world, role, "strange"), name, call) == DENIED


@pytest.mark.parametrize("role", ["person", "student", "mentor"])
@pytest.mark.parametrize("name", ABOUT_MENTOR)
def test_a_stranger_to_the_mentor_is_refused(matrix: Matrix, role: str, name: str) -> None:
    mentor, student = matrix.world.mine.people["mentor"], matrix.world.mine.people["student"]
    arguments, values = calls_about_student(matrix.world.mine)[name]
    values = [str(mentor.pk) if value == str(student.pk) else value for value in values]
    assert run(matrix, acting(matrix.world, role, "strange"), name, (arguments, values)) == DENIED
    assert run(matrix, acting(matrix.world, "student"), name, (arguments, values)) != DENIED


@pytest.mark.parametrize("role", [Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR])
@pytest.mark.parametrize("name", ABOUT_STUDENT)
def test_who_forgets_to_name_the_person_is_refused(matrix: Matrix, role: Role, name: str) -> None:
    assert run(matrix, Identity(role), name, calls_about_student(matrix.world.mine)[name]) == DENIED


@pytest.mark.parametrize("name", ABOUT_STUDENT)
def test_nobody_is_refused(matrix: Matrix, name: str) -> None:
    assert run(matrix, ANON, name, calls_about_student(matrix.world.mine)[name]) == DENIED


@pytest.mark.parametrize("role", [Role.STUDENT, Role.PERSON])
def test_a_student_opens_reviews_of_her_own_submission_only(matrix: Matrix, role: Role) -> None:
    mine, strange = matrix.world.mine, matrix.world.strange
    student, submission = Identity(role, mine.people["student"].pk), mine.rows["missions_missionsubmission"]
    arguments, (item, _, _, *rest) = calls_about_student(mine)["open_work_item"]
    opened = {
        kind: run(matrix, student, "open_work_item", (arguments, [item, kind, submission, *rest]))
        for kind in WorkType.values
    }
    assert opened == dict.fromkeys(WorkType.values, DENIED) | {"mission_review": 1}
    review = (arguments, [item, "mission_review", strange.rows["missions_missionsubmission"], *rest])
    assert run(matrix, student, "open_work_item", review) == DENIED


@pytest.mark.parametrize("role", ["student", "mentor"])
def test_admins_answer_only_for_a_cohort_that_nobody_directs(matrix: Matrix, role: str) -> None:
    mine, strange = matrix.world.mine, matrix.world.strange
    caller, cohort = acting(matrix.world, role), str(mine.enrolment.cohort_id)
    director, admins = mine.people["director"], {mine.people["admin"].pk, strange.people["admin"].pk}
    with matrix.sessions.acting(SYSTEM) as cursor:
        cursor.execute(caller.statement())
        assert answerable(cursor, cohort) == {director.pk}
        assert [may_tell(cursor, person) for person in (director.pk, *admins)] == [True, False, False]
        cursor.execute(SYSTEM.statement())
        cursor.execute("DELETE FROM users_cohortdirector WHERE cohort_id = %s", [cohort])
        cursor.execute(caller.statement())
        assert answerable(cursor, cohort) == admins
        told = [may_tell(cursor, person) for person in (director.pk, *admins, strange.people["director"].pk)]
        assert told == [False, True, True, False]
        cursor.execute(acting(matrix.world, role, "strange").statement())
        assert not any(may_tell(cursor, person) for person in admins)


def answerable(cursor: Any, cohort: str) -> set[UUID]:
    cursor.execute("SELECT unnest(app.responsible_for(%s))::text", [cohort])
    return {UUID(person) for (person,) in cursor.fetchall()}


def may_tell(cursor: Any, person: UUID) -> bool:
    cursor.execute("SELECT app.may_tell(%s)", [str(person)])
    return bool(cursor.fetchone()[0])


def test_one_stranger_among_many_refuses_the_whole_call(matrix: Matrix) -> None:
    mine, strange = matrix.world.mine.people, matrix.world.strange.people
    people = [str(mine["student"].pk), str(strange["student"].pk)]
    refreshes = "(%s::uuid[], ARRAY[1, 1]::smallint[], ARRAY['x', 'x'], %s)"
    mentor = acting(matrix.world, "mentor")
    assert run(matrix, mentor, "queue_updates", (refreshes, [people, clock.now()])) == DENIED
    events = "(%s::uuid[], ARRAY[2, 2]::smallint[], ARRAY['session', 'session'], ARRAY['{}', '{}'])"
    assert run(matrix, mentor, "append_events", (events, [people])) == DENIED


@pytest.mark.parametrize(("role", "spans"), [("mentor", 1), ("student", 1), ("former", 0), ("person", 0)])
def test_busy_times_are_told_within_a_pair_only(matrix: Matrix, role: str, spans: int) -> None:
    world = matrix.world
    counterpart = world.mine.people["mentor" if role == "student" else "student"]
    call = "(%s::uuid[], '-infinity', 'infinity', NULL)"
    assert run(matrix, acting(world, role), "busy_spans", (call, [[str(counterpart.pk)]])) == spans
    if role != "former":
        assert run(matrix, acting(world, role, "strange"), "busy_spans", (call, [[str(counterpart.pk)]])) == 0


@pytest.mark.parametrize(("role", "starts"), [("mentor", 1), ("student", 1), ("former", 0), ("person", 0)])
def test_a_mentors_weeks_are_told_to_her_and_her_students_only(matrix: Matrix, role: str, starts: int) -> None:
    world = matrix.world
    call = ("(%s, '-infinity', 'infinity', NULL)", [str(world.mine.people["mentor"].pk)])
    assert run(matrix, acting(world, role), "counted_sessions", call) == starts
    assert run(matrix, acting(world, role, "strange"), "counted_sessions", call) == 0


@pytest.mark.parametrize(
    ("role", "told"), [("director", 1), ("mentor", DENIED), ("student", DENIED), ("person", DENIED)]
)
def test_how_full_mentors_are_is_told_to_their_directors_only(matrix: Matrix, role: str, told: int) -> None:
    world = matrix.world
    call = ("(%s) WHERE mentor_id = %s", [clock.now(), str(world.mine.people["mentor"].pk)])
    assert run(matrix, acting(world, role), "mentor_loads", call) == told
    assert run(matrix, acting(world, role, "strange"), "mentor_loads", call) == (0 if role == "director" else DENIED)


@pytest.mark.parametrize("role", ["director", "admin", "mentor", "student", "person"])
def test_what_is_foreseen_of_mentors_is_told_of_ones_own_and_of_those_without_mentees(
    matrix: Matrix, role: str
) -> None:
    world, at = matrix.world, clock.now()
    mentors = (world.mine.people["mentor"], world.strange.people["mentor"], world.mine.people["former"])
    told = [
        run(
            matrix,
            acting(world, role),
            "mentor_outlook",
            ("(%s, %s, %s) WHERE kind = 'mentor' AND mentor_id = %s", [at, at, at, str(mentor.pk)]),
        )
        for mentor in mentors
    ]
    seen = {"director": [1, 0, 1], "admin": [1, 1, 1]}
    assert told == seen.get(role, [DENIED] * 3)


@pytest.mark.parametrize("family", ["mine", "strange"])
def test_how_full_mentors_are_is_told_to_admins_of_all(matrix: Matrix, family: str) -> None:
    mentor = getattr(matrix.world, family).people["mentor"]
    call = ("(%s) WHERE mentor_id = %s", [clock.now(), str(mentor.pk)])
    assert run(matrix, acting(matrix.world, "admin"), "mentor_loads", call) == 1


@pytest.mark.parametrize(
    ("role", "budgets"), [("student", 1), ("mentor", 1), ("director", 1), ("former", 0), ("person", 0)]
)
def test_session_budgets_are_told_to_whom_the_enrolment_concerns(matrix: Matrix, role: str, budgets: int) -> None:
    call = ("(%s::uuid[])", [[str(matrix.world.mine.enrolment.pk)]])
    assert run(matrix, acting(matrix.world, role), "session_budgets", call) == budgets
    assert run(matrix, acting(matrix.world, role, "strange"), "session_budgets", call) == 0


def test_an_enrolment_is_ended_by_its_directors_and_staff_only(matrix: Matrix) -> None:
    enrolment, became = str(matrix.world.mine.enrolment.pk), {}
    for role, family in (("director", "mine"), ("director", "strange"), ("admin", "strange")):
        with matrix.sessions.acting(acting(matrix.world, role, family)) as cursor:
            cursor.execute("SELECT app.end_enrolment(%s, 'withdrawn', %s)", [enrolment, clock.now()])
            (became[role, family],) = cursor.fetchone()
    assert became == {
        ("director", "mine"): "ended", ("director", "strange"): "not_found", ("admin", "strange"): "ended",
    }  # fmt: skip
    call = ("(%s, 'withdrawn', %s)", [enrolment, clock.now()])
    for role in ("student", "mentor", "person"):
        assert run(matrix, acting(matrix.world, role), "end_enrolment", call) == DENIED


def test_a_student_calls_off_her_own_session_only(matrix: Matrix) -> None:
    session = matrix.world.mine.rows["mentorship_coordination_mentorsession"]
    became = {}
    for family in ("mine", "strange"):
        with matrix.sessions.acting(acting(matrix.world, "student", family)) as cursor:
            cursor.execute("SELECT app.cancel_participation(%s, '', %s)", [session, clock.now()])
            (became[family],) = cursor.fetchone()
    assert became == {"mine": "cancelled", "strange": "not_found"}


@pytest.mark.parametrize("role", ["person", "student", "mentor", "director", "admin"])
def test_a_signed_in_person_saves_no_session_of_somebody_else(matrix: Matrix, role: str) -> None:
    world = matrix.world
    save = "(decode(%s, 'hex'), %s, 1, '', 'infinity', true)"
    victim = str(world.strange.people["admin"].pk)
    assert run(matrix, acting(world, role), "session_save", (save, ["00" * 31, victim])) == DENIED
    assert run(matrix, acting(world, role), "session_save", (save, ["00" * 31, str(world.mine.people[role].pk)])) == 1


def test_the_own_password_is_the_only_one_that_a_person_reads_and_sets(matrix: Matrix) -> None:
    mine = matrix.world.mine.people["student"]
    with matrix.sessions.acting(acting(matrix.world, "student")) as cursor:
        cursor.execute("SELECT app.set_own_password('changed', %s)", [clock.now()])
        cursor.execute("SELECT app.own_credential()")
        assert cursor.fetchone() == ("changed",)
        cursor.execute("SET LOCAL ROLE app_student")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT app.credential_of(%s)", [mine.email])


def test_a_former_mentor_has_left_and_the_students_rows_with_her(matrix: Matrix) -> None:
    former, student = acting(matrix.world, "former"), str(matrix.world.mine.people["student"].pk)
    holders = {
        name: column.name
        for name, table in matrix.sessions.tables().items()
        if name in collect().tenant
        for column in table.columns
        if column.name in {"mentee_id", "student_id", "person_id", "recipient_id", "user_id"}
    } | {"users_user": "id"}
    for table, column in holders.items():
        seen = matrix.sessions.attempt(former, f"SELECT 1 FROM {table} WHERE {column} = %s", [student])
        assert seen in {0, DENIED}, table
