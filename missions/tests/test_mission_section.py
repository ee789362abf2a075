"""The "missions" section of a dashboard …"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import Cast
from missions.models import Mission
from missions.providers import mission_sections
from missions.tests.world import TUESDAY, WEDNESDAY, review, submit
from tests import factories
from tests.database import as_system
from users.models import Cohort, Enrolment, User

#: Enrolments, missions, submissions, recent reviews, the cohorts' means.
QUERIES = 5


def content_of(student: User, at: datetime) -> dict[str, Any]:
    """Run as the system."""
    content = mission_sections([student.pk], at)[student.pk].content
    assert content is not None
    return dict(content)


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
        section = content_of(cast.student, WEDNESDAY)

    rows = section.pop("missions")
    assert [each["score"] for each in section.pop("recent_feedback")] == [40, 85]
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
        "next_recommended": {
            "mission_id": str(refused.pk),
            "number": refused.number,
            "title": refused.title,
            "level": 1,
            "reason": "changes_requested",
        },
    }
    assert [row["state"] for row in rows] == ["approved", "changes_requested", "submitted"]
    assert rows[0] == {
        "mission_id": str(approved.pk),
        "number": approved.number,
        "title": approved.title,
        "weight": 5,
        "level": 1,
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
        section = content_of(cast.student, WEDNESDAY)

    assert section["mean_score"] is None
    assert [each["score"] for each in section["recent_feedback"]] == [40]


def test_shows_the_last_three_reviews_with_how_they_begin(cast: Cast) -> None:
    missions = missions_of(cast, 1, 1, 1, 1)
    submissions = [submit(cast.student, mission) for mission in missions]
    for hours, submission in enumerate(submissions):
        at, long = TUESDAY + timedelta(hours=hours), str(hours) + "é" * 300
        review(cast.mentor, submission, at=at, score=50 + hours, feedback=long)
    elsewhere = submit(cast.student, cast.mission)
    review(cast.mentor, elsewhere, decision="changes_requested", feedback="Short.", score=10, at=TUESDAY)

    with as_system():
        feedback = content_of(cast.student, WEDNESDAY)["recent_feedback"]

    assert [each["score"] for each in feedback] == [53, 52, 51]
    assert feedback[0] == {
        "mission_id": str(missions[3].pk),
        "mission_title": missions[3].title,
        "submission_id": str(submissions[3].pk),
        "decision": "approved",
        "score": 53,
        "excerpt": "3" + "é" * 139,
        "at": "2026-01-20T12:05:00Z",
    }


def test_shows_both_reviews_of_a_mission_that_was_handed_in_again(cast: Cast) -> None:
    first = submit(cast.student, cast.mission)
    review(cast.mentor, first, decision="changes_requested", feedback="Name the host.", score=40)
    again = submit(cast.student, cast.mission, at=WEDNESDAY)
    review(cast.mentor, again, feedback="", score=90, at=WEDNESDAY)

    with as_system():
        section = content_of(cast.student, WEDNESDAY)

    told = [(each["decision"], each["excerpt"]) for each in section["recent_feedback"]]
    assert told == [("approved", ""), ("changes_requested", "Name the host.")]
    assert section["mean_score"] == 90.0


def test_gives_what_readiness_and_risk_need(cast: Cast) -> None:
    refused, waiting = missions_of(cast, 3, 2)
    review(cast.mentor, submit(cast.student, cast.mission), score=85)
    review(cast.mentor, submit(cast.student, refused), decision="rejected", score=10, at=WEDNESDAY)
    submit(cast.student, waiting, at=WEDNESDAY)

    with as_system():
        section = mission_sections([cast.student.pk], WEDNESDAY)[cast.student.pk]

    # The cohort began on 5 January; each mission is expected after 14 days.
    assert section.inputs == {
        "missions": {"approved_weight": 1, "expected_weight": 6, "days_since_start": 16},
        "quality": {"scores": [85, 10], "cohort_mean": None, "shrinkage": 3},
    }
    [refusal] = section.evidence["failed_reviews"]["missions"]
    assert (refusal["mission_id"], refusal["decision"]) == (str(refused.pk), "rejected")
    assert section.active_at == WEDNESDAY


def test_counts_the_days_of_the_cohorts_zone(cast: Cast) -> None:
    """A mission of day 14 of a cohort that began on 5 January: expected from 19 January on, where the cohort is."""
    begins = datetime(2026, 1, 18, 18, 15, tzinfo=UTC)
    with as_system():
        Cohort.objects.filter(pk=cast.cohort.pk).update(timezone="Asia/Kathmandu")
        expected = [
            mission_sections([cast.student.pk], at)[cast.student.pk].inputs["missions"]["expected_weight"]
            for at in (begins - timedelta(seconds=1), begins)
        ]

    assert expected == [0, 1]


def test_is_empty_without_an_active_enrolment(cast: Cast) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")
        section = content_of(cast.student, TUESDAY)

    assert (section["total_count"], section["missions"], section["mean_score"]) == (0, [], None)


def test_keeps_students_apart(cast: Cast) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))

    with as_system():
        mine, hers = content_of(cast.student, TUESDAY), content_of(cast.stranger, TUESDAY)

    assert mine["approved_count"] == 1
    assert (hers["approved_count"], hers["total_count"], hers["recent_feedback"]) == (0, 0, [])


def test_is_plain_json(cast: Cast) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))

    with as_system():
        section = content_of(cast.student, TUESDAY)

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

    assert [(sections[student].content or {})["total_count"] for student in students] == [1] * count
