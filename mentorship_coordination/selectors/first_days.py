"""What somebody new has done already. Source: product.md §1."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.sql import as_texts, fetch

OF_MENTOR = """
SELECT EXISTS (SELECT FROM users_feedtoken WHERE user_id = %(mentor)s AND revoked_at IS NULL),
  EXISTS (SELECT FROM mentorship_coordination_menteementorassignment WHERE mentor_id = %(mentor)s),
  EXISTS (SELECT FROM mentorship_coordination_mentorsession WHERE mentor_id = %(mentor)s),
  EXISTS (SELECT FROM mentorship_coordination_mentorworkqueue
    WHERE mentor_id = %(mentor)s AND status = 'completed')
"""
OF_DIRECTOR = """
SELECT EXISTS (SELECT FROM users_enrolment WHERE cohort_id = ANY (%(cohorts)s::uuid[])),
  EXISTS (SELECT FROM mentorship_coordination_matchrun WHERE requested_by_id = %(director)s),
  EXISTS (SELECT FROM mentorship_coordination_menteementorassignment WHERE cohort_id = ANY (%(cohorts)s::uuid[])),
  EXISTS (SELECT FROM mentorship_coordination_mentorworkqueue
    WHERE cohort_id = ANY (%(cohorts)s::uuid[]) AND status = 'completed')
"""


@dataclass(frozen=True, slots=True)
class MentorsStart:
    has_calendar: bool
    has_mentees: bool
    has_sessions: bool
    has_finished: bool


@dataclass(frozen=True, slots=True)
class DirectorsStart:
    has_students: bool
    has_runs: bool
    has_pairs: bool
    has_finished: bool


def get_mentors_start(mentor_id: UUID) -> MentorsStart:
    """One query."""
    [row] = fetch(OF_MENTOR, mentor=mentor_id)
    return MentorsStart(*row)


def get_directors_start(director_id: UUID, cohort_ids: list[UUID]) -> DirectorsStart:
    """Of a director's own cohorts. One query."""
    [row] = fetch(OF_DIRECTOR, director=director_id, cohorts=as_texts(cohort_ids))
    return DirectorsStart(*row)
