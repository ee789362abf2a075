"""Faults put into the rows on purpose: a check that does not find its own is no check.

Each is made by SQL that gives the id of what then offends, in a transaction that is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection

from mentorship_coordination.drill.client import Entry
from mentorship_coordination.drill.listening import Stream, hold_against_the_table
from mentorship_coordination.drill.rows import KEPT, audit_the_books, changed, fingerprints, undone
from mentorship_coordination.selectors.invariants import find_offending
from mentorship_coordination.sql_sessions import RESERVES_BUDGET

ITEM = "mentorship_coordination_mentorworkqueue"
PAIR = "mentorship_coordination_menteementorassignment"
PRESENCE = "mentorship_coordination_sessionparticipant"
OPEN = "status IN ('pending', 'in_progress')"
#: Writes whose rows may be there twice as far as the database is concerned.
COPIED = ("book", "flag", "set a goal")
COLUMNS = """SELECT string_agg(quote_ident(attname), ', '), string_agg('(copy).' || quote_ident(attname), ', ')
FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""


@dataclass(frozen=True)
class Plant:
    """Breaks the invariant `number`. Without `statement`, the row that `copy_of` finds in `table` is written again,
    with an id of its own and `changes` (SQL of a jsonb object); `returning` is what then offends.
    """

    number: int
    name: str
    statement: str = ""
    before: str = ""
    table: str = ""
    copy_of: str = ""
    changes: str = "'{}'::jsonb"
    returning: str = "id"


PLANTS: Final = (
    Plant(
        1,
        "a person in two sessions at once",
        f"""UPDATE {PRESENCE} AS p SET during = o.during FROM {PRESENCE} AS o
        WHERE p.is_active AND o.is_active AND p.person_id = o.person_id AND p.id <> o.id AND p.id = (
          SELECT a.id FROM {PRESENCE} AS a JOIN {PRESENCE} AS b ON b.person_id = a.person_id AND b.id <> a.id
          WHERE a.is_active AND b.is_active ORDER BY a.id LIMIT 1)
        RETURNING p.person_id""",
        before=f"ALTER TABLE {PRESENCE} DROP CONSTRAINT no_double_booking",
    ),
    Plant(
        2,
        "an item opened twice",
        before="DROP INDEX one_open_item",
        table=ITEM,
        copy_of=OPEN,
        changes="jsonb_build_object('cycle', r.cycle + 1000)",
    ),
    Plant(
        3,
        "a submission that waits without an item",
        f"""DELETE FROM {ITEM} WHERE id = (SELECT i.id FROM {ITEM} AS i JOIN missions_missionsubmission AS s
        ON s.id = i.reference_id WHERE i.{OPEN} AND i.type = 'mission_review' ORDER BY i.id LIMIT 1)
        RETURNING reference_id""",
    ),
    Plant(
        4,
        "open work of somebody who is no mentor any more",
        f"""UPDATE users_user SET is_mentor = false WHERE id = (SELECT mentor_id FROM {ITEM}
        WHERE {OPEN} AND mentor_id IS NOT NULL ORDER BY id LIMIT 1)
        RETURNING (SELECT i.id FROM {ITEM} AS i WHERE i.{OPEN} AND i.mentor_id = users_user.id
                   ORDER BY i.id LIMIT 1)""",
    ),
    Plant(
        5,
        "an item closed late that does not say so",
        f"""UPDATE {ITEM} SET completed_at = due_at + interval '1 second', breached_at = NULL
        WHERE id = (SELECT id FROM {ITEM} WHERE NOT {OPEN} AND due_at IS NOT NULL ORDER BY id LIMIT 1) RETURNING id""",
    ),
    Plant(
        6,
        "an item that stands still without a pause",
        f"""UPDATE {ITEM} SET due_at = NULL, remaining_seconds = 60 WHERE id = (SELECT id FROM {ITEM}
        WHERE {OPEN} AND due_at IS NOT NULL ORDER BY id LIMIT 1) RETURNING id""",
    ),
    Plant(
        7,
        "a mentor with more mentees than places",
        f"""UPDATE users_user SET mentor_max_mentees = 0, updated_at = to_timestamp(0) WHERE id = (
        SELECT mentor_id FROM {PAIR} WHERE state = 'active' ORDER BY id LIMIT 1) RETURNING id""",
    ),
    Plant(
        8,
        "a student with two mentors",
        before="DROP INDEX one_primary_mentor",
        table=PAIR,
        copy_of="is_primary AND state = 'active'",
        returning="enrolment_id",
    ),
    Plant(
        9,
        "somebody who mentors herself",
        f"""UPDATE {PAIR} SET mentor_id = mentee_id WHERE id = (SELECT id FROM {PAIR} ORDER BY id LIMIT 1)
        RETURNING id""",
        before=f"ALTER TABLE {PAIR} DROP CONSTRAINT nobody_mentors_themselves",
    ),
    Plant(
        10,
        "more sessions than the budget has",
        f"""UPDATE users_enrolment SET max_sessions = 0 WHERE id = (SELECT p.enrolment_id FROM {PRESENCE} AS p
        JOIN mentorship_coordination_mentorsession AS s ON s.id = p.session_id
        WHERE {RESERVES_BUDGET} AND p.enrolment_id IS NOT NULL ORDER BY p.id LIMIT 1) RETURNING id""",
    ),
    Plant(
        11,
        "a grave flag that nobody was told of",
        """WITH grave AS (SELECT id FROM mentorship_coordination_mentorflag WHERE severity >= 3 ORDER BY id LIMIT 1),
        silent AS (DELETE FROM mentorship_coordination_notification WHERE flag_id IN (SELECT id FROM grave))
        UPDATE mentorship_coordination_mentorflag SET updated_at = to_timestamp(0) WHERE id IN (SELECT id FROM grave)
        RETURNING id""",
    ),
    Plant(
        12,
        "an event missing from a stream",
        """DELETE FROM core_streamevent WHERE id = (SELECT e.id FROM core_streamevent AS e JOIN core_streamcounter AS c
        ON c.recipient_id = e.recipient_id AND c.audience = e.audience WHERE e.number > c.pruned_to
        ORDER BY e.id LIMIT 1) RETURNING recipient_id::text || '/' || audience""",
    ),
    Plant(
        13,
        "a readiness that its inputs do not give",
        """UPDATE student_dashboard_studentdashboard SET readiness = CASE WHEN readiness > 50 THEN readiness - 1
        ELSE readiness + 1 END WHERE student_id = (SELECT student_id FROM student_dashboard_studentdashboard
        WHERE readiness IS NOT NULL ORDER BY student_id LIMIT 1) RETURNING student_id""",
    ),
    Plant(
        14,
        "somebody unmatched without a reason",
        """UPDATE mentorship_coordination_matchproposal SET state = 'unmatched', mentor_id = NULL,
        blocked = '{}' WHERE id = (
        SELECT p.id FROM mentorship_coordination_matchproposal AS p JOIN (
          SELECT DISTINCT ON (cohort_id) id FROM mentorship_coordination_matchrun WHERE state = 'published'
          ORDER BY cohort_id, published_at DESC, id DESC) AS last ON last.id = p.run_id
        ORDER BY p.id LIMIT 1) RETURNING id""",
    ),
)


def find_planted(
    *, at: datetime, entries: list[Entry], run: str, log: dict[str, Any], streams: list[Stream]
) -> Iterator[tuple[str, bool]]:
    """Plant each fault into what the drill has left, and say whether the drill's own check finds it."""
    for plant in PLANTS:
        with undone():
            offending = _made(plant)
            yield (
                f"{plant.number}: {plant.name}",
                bool(offending) and _names(offending, plant, find_offending(plant.number, at)),
            )
    with undone():
        before = fingerprints()
        _execute("UPDATE users_track SET description = description || '.'")
        yield "15: a second run that changes a row", changed(before, fingerprints()) == ["users_track"]
    yield from _in_the_books(entries, run)
    with undone():
        for name, spoil, verdict in _in_a_stream(log):
            found = hold_against_the_table(spoil, streams)
            yield name, verdict(found)


def _made(plant: Plant) -> list[str]:
    if plant.before:
        _execute(plant.before)
    if plant.statement:
        return _execute(plant.statement)
    return _copied(plant.table, plant.copy_of, plant.changes, plant.returning)


def _copied(table: str, found: str, changes: str = "'{}'::jsonb", returning: str = "id") -> list[str]:
    """A row again, whatever its columns are; those that the database computes it computes."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        names, values = cursor.fetchone()
    return _execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT jsonb_populate_record("
        f"r, {changes} || jsonb_build_object('id', gen_random_uuid())) AS copy FROM {table} AS r "
        f"WHERE {found} ORDER BY r.id LIMIT 1) AS one RETURNING {returning}"
    )


def _names(planted: list[str], plant: Plant, found: tuple[str, ...]) -> bool:
    """Overlaps are told by the presences, of which the plant knows the person."""
    return bool(found) if plant.number == 1 else bool(set(planted) & set(found))


def _execute(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [str(row[0]) for row in cursor.fetchall()] if cursor.description else []


def _in_the_books(entries: list[Entry], run: str) -> Iterator[tuple[str, bool]]:
    promised = [each for each in entries if each.kind in COPIED and 200 <= each.status < 300]
    entry = promised[0] if promised else None
    if entry is None:
        yield "a promised write", False
        return
    table, column = KEPT[entry.kind]
    with undone():
        _execute(f"DELETE FROM {table} WHERE {column} = '{entry.mark}'")
        yield "a promised write that is gone", entry.mark in audit_the_books(entries, run).lost
    with undone():
        _copied(table, f"{column} = '{entry.mark}'")
        yield "a write done twice", entry.mark in audit_the_books(entries, run).duplicated
    others = [each for each in entries if each is not entry]
    with undone():
        told = audit_the_books([*others, replace(entry, status=409)], run).refused_but_written
        yield "a refused write that happened", entry.mark in told


def _in_a_stream(log: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Callable[[Any], bool]]]:
    reader, number = log["reader"], log["number"]
    if len(reader) < 2:
        yield "a stream in which something was said", log, lambda found: False
        return
    yield (
        "an event that was not heard",
        {"reader": reader[:-1], "number": number[:-1]},
        lambda found: found.lost == 1,
    )
    twice = {"reader": np.append(reader, reader[-1]), "number": np.append(number, number[-1])}
    never = {"reader": np.append(reader, reader[-1]), "number": np.append(number, number.max() + 1)}
    yield "an event that was never said", never, lambda found: found.invented == 1
    yield "an event heard twice", twice, lambda found: found.duplicated == 1
    order = np.argsort(reader, kind="stable")
    heard_two = np.flatnonzero(reader[order][1:] == reader[order][:-1])
    if len(heard_two):
        first, second = order[heard_two[0]], order[heard_two[0] + 1]
        swapped = number.copy()
        swapped[[first, second]] = number[[second, first]]
        yield "events in the wrong order", {"reader": reader, "number": swapped}, lambda found: found.out_of_order > 0
