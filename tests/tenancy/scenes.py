"""What only a row in a special state shows: each scene is set by the system, then somebody tries something.

A scene says how many rows the attempt may touch. Everything is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2

from core.tenancy.identity import SYSTEM
from tests.tenancy.attempts import Sessions
from tests.tenancy.expectations import table_name
from tests.tenancy.world import Family, World

COPY = (
    "INSERT INTO {table} SELECT (jsonb_populate_record(x, %(changes)s::jsonb "
    "|| jsonb_build_object('id', gen_random_uuid()))).* FROM {table} x WHERE x.id = %({row})s"
)
PAIR = "mentorship_coordination_menteementorassignment"
SESSION = "mentorship_coordination_mentorsession"
RUN = "mentorship_coordination_matchrun"
LOOK = "SELECT 1 FROM {table} WHERE id = %({row})s"


@dataclass(frozen=True)
class Scene:
    """`then` is tried as `role` after `before`; ids are named as in `_names`."""

    role: str
    table: str
    words: str
    then: str
    rows: int
    before: str = ""
    changes: tuple[tuple[str, Any], ...] = ()


def forged(role: str, short: str, **changes: Any) -> Scene:
    """A copy of her own row with these values, which may not be."""
    table = table_name(short)
    words = f"a {short} with {', '.join(f'{name} {value}' for name, value in changes.items())}"
    return Scene(role, table, words, COPY.format(table=table, row=short), 0, changes=tuple(changes.items()))


def looks(role: str, short: str, words: str, rows: int, before: str = "", row: str = "") -> Scene:
    table = table_name(short)
    return Scene(role, table, words, LOOK.format(table=table, row=row or short), rows, before)


GROUP = f"""
UPDATE {SESSION} SET type = 'group', mentee_id = NULL, enrolment_id = NULL, assignment_id = NULL, cohort_id = NULL
WHERE id = %(mentorsession)s"""
DISPUTED = f"""{GROUP}; UPDATE mentorship_coordination_sessionparticipant
SET attended = true, disputed_at = now(), dispute_reason = 'I was there.' WHERE id = %(sessionparticipant)s"""

SCENES: tuple[Scene, ...] = (
    looks("director", "users_user", "a mentor of other cohorts", 1, row="other_mentor"),
    *(
        forged("student", "missionsubmission", **{name: value})
        for name, value in (("state", "approved"), ("score", 90), ("decided_at", "2026-01-01T00:00:00Z"))
    ),
    *(
        Scene(
            "student", "missions_missionsubmission", f"deciding her own: {change}",
            f"UPDATE missions_missionsubmission SET {change} WHERE id = %(missionsubmission)s", 0,
        )
        for change in (
            "state = 'approved'", "state = 'submitted', score = 90", "state = 'submitted', decided_at = now()"
        )
    ),
    Scene(
        "student", "missions_missionsubmission", "handing in what is decided",
        "UPDATE missions_missionsubmission SET state = 'submitted', score = NULL, decided_at = NULL "
        "WHERE id = %(missionsubmission)s", 0,
        before="UPDATE missions_missionsubmission SET state = 'approved', score = 90, decided_at = now() "
        "WHERE id = %(missionsubmission)s",
    ),
    forged("mentor", "missionreview", reviewer_id="%(former)s"),
    forged("director", "missionreview", reviewer_id="%(mentor)s"),
    Scene(
        "mentor", "missions_missionreview", "reviewing while the pair rests",
        COPY.format(table="missions_missionreview", row="missionreview"), 0,
        before=f"UPDATE {PAIR} SET state = 'paused' WHERE id = %(menteementorassignment)s",
    ),
    *(
        forged("student", "coaching_habit", **{name: value})
        for name, value in (
            ("chain_end", "2026-01-01"), ("streak_length", 7), ("longest_streak", 7), ("keep_by", "2026-01-01"),
            ("lost_end", "2026-01-01"), ("lost_length", 7),
        )
    ),
    forged("student", "coaching_goal", state="completed"),
    forged("student", "coaching_goal", overdue_since="2026-01-01"),
    forged("mentor", "coaching_goalfeedback", author_id="%(former)s"),
    looks("mentor", "menteementorassignment", "a pair that ended", 0, row="former_assignment",
          before=f"UPDATE {PAIR} SET mentor_id = %(mentor)s WHERE id = %(former_assignment)s"),
    forged("director", "assignmententry", by_id="%(mentor)s"),
    forged("director", "mentorhandover", state="running"),
    forged("director", "mentorhandover", ends_account=True),
    looks("student", "mentorsession", "a session of hers without her as a participant", 1,
          before="DELETE FROM mentorship_coordination_sessionparticipant WHERE id = %(sessionparticipant)s"),
    looks("student", "mentorsession", "a group that she attends", 1, before=GROUP),
    looks("director", "mentorsession", "a group", 0, before=GROUP),
    looks("director", "mentorsession", "a group in dispute", 1, before=DISPUTED),
    Scene(
        "director", SESSION, "a session of other cohorts whose student disputes as if it were a group",
        LOOK.format(table=SESSION, row="other_mentorsession"), 0,
        before="UPDATE mentorship_coordination_sessionparticipant SET attended = true, disputed_at = now(), "
        "dispute_reason = 'No.', is_active = false, enrolment_id = %(users_enrolment)s, person_id = %(student)s "
        "WHERE id = %(other_sessionparticipant)s",
    ),
    looks("director", "sessionparticipant", "a student of other cohorts in a disputed group", 0,
          row="other_sessionparticipant",
          before=f"{DISPUTED}; UPDATE mentorship_coordination_sessionparticipant SET session_id = %(mentorsession)s "
          "WHERE id = %(other_sessionparticipant)s"),
    looks("director", "sessionparticipant", "a student of hers in a group that is not in dispute", 0, before=GROUP),
    looks("student", "sessionnote", "a private note", 0,
          before="UPDATE mentorship_coordination_sessionnote SET is_private = true WHERE id = %(sessionnote)s"),
    looks("student", "sessionactionitem", "what another student is to do", 0,
          before="UPDATE mentorship_coordination_sessionactionitem SET owner_id = %(other_student)s "
          "WHERE id = %(sessionactionitem)s"),
    looks("student", "sessionactionitem", "what she is to do after a session that is not hers", 0,
          before="UPDATE mentorship_coordination_sessionactionitem SET session_id = %(other_mentorsession)s "
          "WHERE id = %(sessionactionitem)s"),
    forged("mentor", "mentorflag", author_id="%(former)s"),
    forged("director", "mentorflag", author_id="%(mentor)s"),
    forged("mentor", "mentorflagentry", by_id="%(former)s"),
    forged("director", "mentorflagentry", by_id="%(mentor)s"),
    looks("director", "matchrun", "her own run over all her cohorts", 1,
          before=f"UPDATE {RUN} SET cohort_id = NULL, options = '{{\"scope\": \"mine\"}}' WHERE id = %(matchrun)s"),
    looks("director", "matchrun", "somebody else's run over all of theirs", 0,
          before=f"UPDATE {RUN} SET cohort_id = NULL, options = '{{\"scope\": \"mine\"}}', "
          "requested_by_id = %(other_director)s WHERE id = %(matchrun)s"),
    looks("director", "matchrun", "her own run over everybody, as hers", 1,
          before=f"UPDATE {RUN} SET cohort_id = NULL, options = '{{\"scope\": \"all\"}}' WHERE id = %(matchrun)s"),
    Scene(
        "director", RUN, "changing her own run over everybody",
        f"UPDATE {RUN} SET state = 'discarded' WHERE id = %(matchrun)s", 0,
        before=f"UPDATE {RUN} SET cohort_id = NULL, options = '{{\"scope\": \"all\"}}' WHERE id = %(matchrun)s",
    ),
    looks("director", "matchrun", "a run of no scope at all", 0,
          before=f"UPDATE {RUN} SET cohort_id = NULL, options = '{{}}', requested_by_id = %(other_director)s "
          "WHERE id = %(matchrun)s"),
    looks("director", "matchrun", "a run over one of other cohorts, said to be over everybody", 0,
          row="other_matchrun",
          before=f"UPDATE {RUN} SET options = '{{\"scope\": \"all\"}}' WHERE id = %(other_matchrun)s"),
    looks("director", "matchrun", "a run of hers over one of other cohorts", 0, row="other_matchrun",
          before=f"UPDATE {RUN} SET options = '{{\"scope\": \"mine\"}}', requested_by_id = %(director)s "
          "WHERE id = %(other_matchrun)s"),
    forged("director", "matchrun", state="published"),
    looks("director", "matchproposal", "a student of other cohorts in her run", 0, row="other_matchproposal",
          before="UPDATE mentorship_coordination_matchproposal SET run_id = %(matchrun)s "
          "WHERE id = %(other_matchproposal)s"),
    looks("director", "matchproposal", "a student of hers in somebody else's run", 0,
          before="UPDATE mentorship_coordination_matchproposal SET run_id = %(other_matchrun)s "
          "WHERE id = %(matchproposal)s"),
)  # fmt: skip


def differences(sessions: Sessions, world: World, tables: Iterable[str], roles: Iterable[str]) -> Iterator[str]:
    """One line for each scene of these tables and roles that went otherwise than it should."""
    wanted = set(tables), set(roles)
    names = _names(world)
    for scene in SCENES:
        if scene.table in wanted[0] and scene.role in wanted[1]:
            touched = _touched(sessions, world, scene, names)
            if touched != scene.rows:
                yield f"{scene.role} touches {touched} rows instead of {scene.rows}: {scene.words}"


def _touched(sessions: Sessions, world: World, scene: Scene, names: dict[str, Any]) -> int:
    changes = {name: names[value[2:-2]] if str(value).startswith("%(") else value for name, value in scene.changes}
    values = {**names, "changes": json.dumps(changes)}
    with sessions.acting(SYSTEM) as cursor:
        if scene.before:
            cursor.execute(scene.before, values)
        cursor.execute(world.identity(scene.role).statement())
        try:
            cursor.execute(scene.then, values)
        except psycopg2.errors.InsufficientPrivilege:
            return 0
        except psycopg2.IntegrityError:
            # The policy has let the row pass: a constraint comes after it.
            return 1
        return int(cursor.rowcount)


def _names(world: World) -> dict[str, Any]:
    return {**_of(world.mine, ""), **_of(world.strange, "other_")}


def _of(family: Family, prefix: str) -> dict[str, Any]:
    apps = ("mentorship_coordination_", "missions_", "student_dashboard_")
    rows = {
        next((table.removeprefix(a) for a in apps if table.startswith(a)), table): key
        for table, key in family.rows.items()
    }
    people = {who: str(person.pk) for who, person in family.people.items()}
    kept = {**rows, **people, "former_assignment": str(family.former_assignment.pk)}
    return {f"{prefix}{name}": value for name, value in kept.items()}
