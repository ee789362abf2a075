"""The pure matching: masks, order, score, reasons."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID

from mentorship_coordination.matching.engine import match
from mentorship_coordination.matching.hours import open_quarters, shared_quarters
from mentorship_coordination.matching.people import Candidate, Pairing, Waiting
from mentorship_coordination.tests.matching_world import (
    AT,
    COHORT,
    NINE_TO_FIVE,
    OTHER_COHORT,
    mentor,
    pool_of,
    student,
)

MONDAY = date(2026, 1, 5)


def solve(
    students: list[Waiting], mentors: list[Candidate], forbidden: set[tuple[UUID, UUID]] | None = None
) -> list[Pairing]:
    return match(pool_of(students, mentors, forbidden=frozenset(forbidden or ()))).pairings


def test_prefers_the_mentor_with_the_wanted_skills() -> None:
    skilled = mentor(2, specialties=frozenset({"forensics", "triage"}))
    [pairing] = solve([student(1, wanted_skills=frozenset({"forensics", "triage"}))], [mentor(1), skilled])
    assert pairing.mentor_id == skilled.id
    assert pairing.parts == {
        "skills": 400, "shared_hours": 300, "same_cohort": 0, "experience": 0, "waiting": 0
    }  # fmt: skip
    assert pairing.score == 700


def test_serves_who_waits_longest_first() -> None:
    late, early = student(9, since=AT - timedelta(days=2)), student(2, since=AT - timedelta(days=9))
    pairings = solve([late, early], [mentor(1, places=1)])
    assert [each.mentor_id for each in pairings] == [None, UUID(int=1)]
    assert pairings[0].blocked == {"full": 1}


def test_never_exceeds_the_places() -> None:
    pairings = solve([student(day) for day in range(1, 21)], [mentor(1, places=3), mentor(2, places=4)])
    taken = [each.mentor_id for each in pairings if each.mentor_id]
    assert (taken.count(UUID(int=1)), taken.count(UUID(int=2))) == (3, 4)


def test_counts_each_mentor_under_the_first_rule_that_blocks_her() -> None:
    mentors = [
        mentor(1, languages=frozenset({"es"})),
        mentor(2, languages=frozenset({"es"}), places=0),
        mentor(3, availability=json.dumps({"sun": [["01:00", "03:00"]]})),
        mentor(4, places=0),
        mentor(5),
    ]
    [pairing] = solve([student(1)], mentors, {(UUID(int=5), UUID(int=60_001))})
    assert pairing.mentor_id is None
    assert pairing.blocked == {"no_language_in_common": 2, "too_few_shared_hours": 1, "full": 1, "excluded": 1}


def test_never_pairs_a_person_with_herself() -> None:
    [pairing] = solve([student(1, mentee_id=UUID(int=1))], [mentor(1)])
    assert (pairing.mentor_id, pairing.blocked) == (None, {"same_person": 1})


def test_says_so_when_there_is_no_mentor_at_all() -> None:
    [pairing] = solve([student(1)], [])
    assert pairing.blocked == {"no_mentors": 1}


def test_counts_a_student_who_has_told_no_hours_as_having_none() -> None:
    silent = mentor(3, availability="{}", languages=frozenset({"es"}))
    pairings = solve([student(1, availability="{}"), student(2)], [mentor(1), silent])
    assert pairings[0].blocked == {"no_availability_told": 2}
    assert pairings[1].mentor_id == UUID(int=1)


def test_counts_a_mentor_who_has_told_no_hours_as_having_none() -> None:
    [pairing] = solve([student(1)], [mentor(1, availability="{}")])
    assert (pairing.mentor_id, pairing.blocked) == (None, {"too_few_shared_hours": 1})


def test_prefers_who_mentors_in_the_cohort_already() -> None:
    [pairing] = solve(
        [student(1)], [mentor(1, cohorts=frozenset({OTHER_COHORT})), mentor(2, cohorts=frozenset({COHORT}))]
    )
    assert pairing.mentor_id == UUID(int=2)


def test_gives_the_same_answer_for_the_same_pool() -> None:
    students = [student(day) for day in range(1, 20)]
    mentors = [mentor(number, places=2) for number in range(1, 8)]
    assert solve(students, mentors) == solve(students, mentors)


def test_shared_hours_follow_the_zones() -> None:
    kathmandu = open_quarters(NINE_TO_FIVE, "Asia/Kathmandu", MONDAY)
    utc = open_quarters(NINE_TO_FIVE, "UTC", MONDAY)
    # 09:00 to 17:00 in Kathmandu (+05:45) is 03:15 to 11:15 UTC: 2 h 15 min in common on five days.
    assert shared_quarters(kathmandu[None], utc).tolist() == [9 * 5]


def test_shared_hours_are_those_of_the_worst_week() -> None:
    # The United States change their clocks on 8 March 2026, Kenya never does.
    morning = json.dumps({"wed": [["08:00", "12:00"]]})
    new_york = open_quarters(morning, "America/New_York", date(2026, 2, 16))
    nairobi = open_quarters(json.dumps({"wed": [["16:00", "20:00"]]}), "Africa/Nairobi", date(2026, 2, 16))
    # Winter: 13–17 UTC against 13–17 UTC. Summer: 12–16 against 13–17.
    assert shared_quarters(new_york[None], nairobi).tolist() == [12]
