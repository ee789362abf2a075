"""Every reason that a matching stores can be traced to rows: read by plain SQL, scored by a slow walk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import clock
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.matching.market import UNITS
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from tests.database import as_worker
from tests.figures import Rows, rows_as_owner
from tests.match_walk import blocking_rule, parts_of_pair

AT = datetime(2026, 2, 25, 14, 20, tzinfo=UTC)
STUDENTS = """
SELECT e.id::text, u.id::text AS person, e.cohort_id::text, c.track_id::text, u.languages, u.wanted_skills, t.skills,
  u.timezone, u.student_availability, greatest(e.enrolled_at, (
    SELECT max(ended_at) FROM mentorship_coordination_menteementorassignment a
    WHERE a.enrolment_id = e.id AND a.is_primary)) AS since
FROM users_enrolment e JOIN users_user u ON u.id = e.student_id JOIN users_cohort c ON c.id = e.cohort_id
JOIN users_track t ON t.id = c.track_id
WHERE e.state = 'active' AND u.is_active AND NOT EXISTS (
  SELECT 1 FROM mentorship_coordination_menteementorassignment a
  WHERE a.enrolment_id = e.id AND a.is_primary AND a.state IN ('pending', 'active', 'paused'))
"""
MENTORS = """
SELECT u.id::text AS person, u.languages, u.mentor_specialties, u.timezone, u.mentor_availability,
  u.mentor_max_mentees - (SELECT count(*) FROM mentorship_coordination_menteementorassignment a
    WHERE a.mentor_id = u.id AND a.state IN ('pending', 'active', 'paused')) AS places,
  ARRAY(SELECT DISTINCT cohort_id::text FROM mentorship_coordination_menteementorassignment a
    WHERE a.mentor_id = u.id AND a.state IN ('pending', 'active', 'paused')) AS cohorts,
  ARRAY(SELECT DISTINCT c.track_id::text || a.mentee_id FROM mentorship_coordination_menteementorassignment a
    JOIN users_cohort c ON c.id = a.cohort_id
    WHERE a.mentor_id = u.id AND a.is_primary AND a.state <> 'pending') AS had
FROM users_user u WHERE u.is_mentor AND u.is_active AND u.leaving_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM mentorship_coordination_mentorabsence b
  WHERE b.mentor_id = u.id AND b.starts_at <= %s AND b.ends_at > %s)
"""
APART = """
SELECT mentor_id::text, mentee_id::text FROM mentorship_coordination_matchexclusion
UNION SELECT mentor_id::text, mentee_id::text FROM mentorship_coordination_menteementorassignment
WHERE ended_harmfully
"""


@pytest.fixture
def academy(db: None) -> Iterator[tuple[Rows, MatchRun]]:
    """A seeded academy in which a third of the pairs have ended, and a draft over all of it."""
    options = Options(mentors=6, mentees_per_mentor=10, volume=Volume.DEFAULT, seed=7, at=AT - timedelta(days=2))
    with as_worker(), clock.pinned(AT), rows_as_owner() as rows:
        build(options, password="seven quiet llamas", progress=lambda *_: None)
        with rows.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE mentorship_coordination_menteementorassignment SET state = 'completed', ended_at = %s "
                "WHERE state = 'active' AND abs(hashtext(enrolment_id::text)) %% 3 = 0",
                [AT - timedelta(days=1)],
            )
            cursor.execute("UPDATE users_user SET mentor_max_mentees = mentor_max_mentees - 2 WHERE is_mentor")
        rows.connection.commit()
        yield rows, draft_match_run(cohort_id=None, by=None, at=AT)


def named(rows: Rows, query: str, *values: Any) -> list[dict[str, Any]]:
    with rows.connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_parts_ranks_and_counts_are_those_of_the_rows(academy: tuple[Rows, MatchRun]) -> None:
    rows, run = academy
    students = {each["id"]: each for each in named(rows, STUDENTS)}
    mentors = {each["person"]: each for each in named(rows, MENTORS, AT, AT)}
    apart = set(rows.all(APART))
    proposals = named(
        rows,
        "SELECT enrolment_id::text, mentor_id::text, score, parts, blocked, explanation "
        "FROM mentorship_coordination_matchproposal WHERE run_id = %s",
        str(run.pk),
    )
    assert {each["enrolment_id"] for each in proposals} == students.keys()
    matched = unmatched = second = 0
    for proposal in proposals:
        student = students[proposal["enrolment_id"]]
        rules = {pk: blocking_rule(student, each, apart, AT) for pk, each in mentors.items()}
        parts = {pk: parts_of_pair(student, mentors[pk], AT) for pk, rule in rules.items() if not rule}
        if proposal["mentor_id"] is None:
            counted = Counter(rule or "full" for rule in rules.values())
            assert _json(proposal["blocked"]) == dict(counted)
            unmatched += 1
            continue
        own = parts[proposal["mentor_id"]]
        assert _json(proposal["parts"]) == own
        assert proposal["score"] == sum(own.values())
        free = {pk: sum(each.values()) for pk, each in parts.items() if mentors[pk]["places"] > 0}
        explanation = _json(proposal["explanation"])
        assert explanation["choices"] == len(free)
        assert explanation["rank"] == 1 + sum(score > proposal["score"] for score in free.values())
        if "best" in explanation:
            assert explanation["best"]["gain"] == max(free.values()) - proposal["score"]
            second += 1
        matched += 1
    assert min(matched, unmatched, second) > 0
    _check_mentors(rows, run, students, mentors, apart)


def _check_mentors(
    rows: Rows, run: MatchRun, students: dict[str, Any], mentors: dict[str, Any], apart: set[tuple[Any, ...]]
) -> None:
    fillings = named(rows, "SELECT * FROM mentorship_coordination_matchfilling WHERE run_id = %s", str(run.pk))
    assert {str(each["mentor_id"]) for each in fillings} == mentors.keys()
    for each in fillings:
        mentor = mentors[str(each["mentor_id"])]
        counted = Counter(blocking_rule(student, mentor, apart, AT) for student in students.values())
        allowed = counted.pop("", 0)
        assert _json(each["blocked"]) == dict(counted)
        assert each["elsewhere"] == allowed - each["taken"]
        assert each["places"] == max(mentor["places"], 0)


def test_the_proof_can_be_checked_from_rows_and_prices(academy: tuple[Rows, MatchRun]) -> None:
    """What each student could gain at most at the stored prices, and what the places bring: more is not to be had."""
    rows, run = academy
    students, mentors = named(rows, STUDENTS), {each["person"]: each for each in named(rows, MENTORS, AT, AT)}
    apart = set(rows.all(APART))
    fillings = named(rows, "SELECT * FROM mentorship_coordination_matchfilling WHERE run_id = %s", str(run.pk))
    price = {str(each["mentor_id"]): each["price"] for each in fillings}
    match = run.certificate["match_points"]
    bound = 0
    for student in students:
        gains = [
            UNITS * (match + sum(parts_of_pair(student, mentor, AT).values())) - price[pk]
            for pk, mentor in mentors.items()
            if mentor["places"] > 0 and not blocking_rule(student, mentor, apart, AT)
        ]
        bound += max(0, *gains, 0)
    for each in fillings:
        capacity = each["load"] + each["places"]
        for nth in range(each["places"]):
            bound += max(0, each["price"] - 1000 * (2 * (each["load"] + nth) + 1) // (2 * capacity))
    assert bound == run.certificate["bound"] == run.certificate["objective"]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
