"""The "missions" section of a dashboard …"""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cast
from missions.models import Mission
from missions.providers import mission_sections
from missions.tests.world import TUESDAY, WEDNESDAY, review, submit
from tests import factories
from tests.database import as_system
from users.models import Enrolment

#: Enrolments, missions, submissions, latest reviews.
QUERIES = 4


def missions_of(cast: Cast, *weights: int) -> list[Mission]:
    with as_system():
        return [factories.MissionFactory(track=cast.cohort.track, weight=weight) for weight in weights]


def test_counts_what_is_there_and_what_is_done(cast: Cast) -> None:
    approved, refused, waiting = missions_of(cast, 5, 3, 2)
    with as_system():
        factories.MissionFactory(track=cast.cohort.track, is_published=False)
    first = submit(cast.student, approved)
    review(cast.mentor, first, score=85)
    second = submit(cast.student, refused)
    review(cast.mentor, second, decision="changes_requested", score=40, at=WEDNESDAY)
    submit(cast.student, waiting)

    with as_system():
        section = dict(mission_sections([cast.student.pk], WEDNESDAY)[cast.student.pk])

    rows = section.pop("missions")
    assert section == {
        "total_count": 4,
        "total_weight": 11,
        "approved_count": 1,
        "approved_weight": 5,
        "counts": {
            "not_started": 1,
            "draft": 0,
            "submitted": 1,
            "changes_requested": 1,
            "approved": 1,
            "rejected": 0,
        },
        "mean_score": 62.5,
        "latest_feedback": {
            "mission_id": str(refused.pk),
            "mission_title": refused.title,
            "submission_id": str(second.pk),
            "decision": "changes_requested",
            "score": 40,
            "at": "2026-01-21T08:00:00Z",
        },
    }
    assert [row["state"] for row in rows] == ["not_started", "approved", "changes_requested", "submitted"]
    assert rows[1] == {
        "mission_id": str(approved.pk),
        "number": approved.number,
        "title": approved.title,
        "weight": 5,
        "state": "approved",
        "score": 85,
        "submission_id": str(first.pk),
        "version": 1,
    }


def test_has_no_mean_without_a_verdict_that_stands(cast: Cast) -> None:
    submission = submit(cast.student, cast.mission)
    review(cast.mentor, submission, decision="changes_requested", score=40)
    submit(cast.student, cast.mission, at=WEDNESDAY)

    with as_system():
        section = mission_sections([cast.student.pk], WEDNESDAY)[cast.student.pk]

    assert section["mean_score"] is None
    assert section["latest_feedback"]["score"] == 40


def test_is_empty_without_an_active_enrolment(cast: Cast) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")
        section = mission_sections([cast.student.pk], TUESDAY)[cast.student.pk]

    assert (section["total_count"], section["missions"], section["mean_score"]) == (0, [], None)


def test_keeps_students_apart(cast: Cast) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))

    with as_system():
        sections = mission_sections([cast.student.pk, cast.stranger.pk], TUESDAY)

    assert sections[cast.student.pk]["approved_count"] == 1
    assert (sections[cast.stranger.pk]["approved_count"], sections[cast.stranger.pk]["total_count"]) == (0, 0)
    assert sections[cast.stranger.pk]["latest_feedback"] is None


def test_is_plain_json(cast: Cast) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))

    with as_system():
        section = mission_sections([cast.student.pk], TUESDAY)[cast.student.pk]

    assert json.loads(json.dumps(section)) == section


@pytest.mark.parametrize("count", [1, 20])
def test_takes_the_same_queries_for_one_student_and_twenty(
    cast: Cast, django_assert_num_queries: Any, count: int
) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))
    with as_system():
        others = factories.EnrolmentFactory.create_batch(count - 1, cohort=cast.cohort)
    students = [cast.student.pk, *(enrolment.student_id for enrolment in others)]

    with as_system(), django_assert_num_queries(QUERIES):
        sections = mission_sections(students, TUESDAY)

    assert [sections[student]["total_count"] for student in students] == [1] * count
