"""Reviewing a submission … (product.md §5)."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cast
from core import events
from core.enums import Rank
from core.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.notifications import Notification
from missions.events import SubmissionReviewed
from missions.models import MissionReview, MissionSubmission
from missions.tests.world import MONDAY, TUESDAY, WEDNESDAY, in_line, now_in_database, review, submit
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system
from users.models import CohortDirector


@pytest.fixture
def submission(cast: Cast) -> MissionSubmission:
    return submit(cast.student, cast.mission)


def nothing_was_decided(submission: MissionSubmission) -> bool:
    with as_system():
        return (
            not MissionReview.objects.exists() and MissionSubmission.objects.get(pk=submission.pk).state == "submitted"
        )


@pytest.mark.parametrize("decision", ["approved", "changes_requested", "rejected"])
def test_keeps_the_judgement_and_moves_the_state(cast: Cast, submission: MissionSubmission, decision: str) -> None:
    made = review(
        cast.mentor,
        submission,
        decision=decision,
        score=84,
        feedback=" Sound. ",
        competencies=["triage", "triage", "timelines"],
        rubric_scores={"evidence": 90},
    )

    with as_system():
        kept = MissionReview.objects.select_related("version").get()
    assert kept.pk == made.pk
    assert (kept.decision, kept.score, kept.feedback, kept.reason) == (decision, 84, "Sound.", "")
    assert (kept.competencies, kept.rubric_scores) == (["triage", "timelines"], {"evidence": 90})
    assert (kept.version.number, kept.reviewer_id, kept.created_at) == (1, cast.mentor.pk, TUESDAY)
    decided = now_in_database(submission.pk)
    assert (decided.state, decided.score, decided.decided_at) == (decision, 84, TUESDAY)
    assert (decided.submitted_at, decided.updated_at) == (MONDAY, TUESDAY)


def test_says_so_and_queues_the_students_refresh(
    cast: Cast, submission: MissionSubmission, heard: list[object]
) -> None:
    with as_system():
        DashboardUpdateQueue.objects.all().delete()
    made = review(cast.mentor, submission)

    assert heard == [
        SubmissionReviewed(
            submission_id=submission.pk,
            enrolment_id=cast.enrolment.pk,
            student_id=cast.student.pk,
            mission_title=cast.mission.title,
            review_id=made.pk,
            reviewer_id=cast.mentor.pk,
            decision="approved",
            score=80,
            version=1,
            at=TUESDAY,
        )
    ]
    with as_system():
        waiting = DashboardUpdateQueue.objects.get(student=cast.student)
    assert waiting.rank == Rank.HIGH
    assert "mission_reviewed" in waiting.reasons


@pytest.mark.parametrize("decision", ["changes_requested", "rejected"])
@pytest.mark.parametrize("feedback", ["", "  \n"])
def test_that_is_not_a_yes_needs_feedback(
    cast: Cast, submission: MissionSubmission, decision: str, feedback: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        review(cast.mentor, submission, decision=decision, feedback=feedback)

    assert list(refused.value.fields) == ["feedback"]
    assert nothing_was_decided(submission)


def test_that_approves_needs_no_feedback(cast: Cast, submission: MissionSubmission) -> None:
    assert review(cast.mentor, submission, feedback="").feedback == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", -1),
        ("score", 101),
        ("score", True),
        ("score", 80.5),
        ("decision", "maybe"),
        ("feedback", "a\x00b"),
        ("feedback", "x" * 20_001),
        ("competencies", [""]),
        ("competencies", ["x" * 101]),
        ("competencies", ["x"] * 51),
        ("rubric_scores", {"evidence": 101}),
        ("rubric_scores", {"": 10}),
        ("reason", "Mentors give none."),
    ],
)
def test_refuses_unfit_fields(cast: Cast, submission: MissionSubmission, field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        review(cast.mentor, submission, **{field: value})

    assert list(refused.value.fields) == [field]
    assert nothing_was_decided(submission)


def test_twice_is_a_conflict(cast: Cast, submission: MissionSubmission) -> None:
    review(cast.mentor, submission)

    with pytest.raises(Conflict) as refused:
        review(cast.mentor, submission, decision="rejected", version=1)

    assert refused.value.code == "already_decided"
    assert refused.value.extra == {"current_version": 1, "state": "approved"}
    with as_system():
        assert MissionReview.objects.get().decision == "approved"


def test_of_an_older_version_is_a_conflict_that_names_the_newer(cast: Cast, submission: MissionSubmission) -> None:
    submit(cast.student, cast.mission, text="Two.", at=TUESDAY)

    with pytest.raises(Conflict) as refused:
        review(cast.mentor, submission, version=1, at=WEDNESDAY)

    assert refused.value.code == "newer_version"
    assert refused.value.extra == {"current_version": 2, "state": "submitted"}
    assert nothing_was_decided(submission)


def test_without_a_version_judges_the_current_one(cast: Cast, submission: MissionSubmission) -> None:
    submit(cast.student, cast.mission, text="Two.", at=TUESDAY)

    assert review(cast.mentor, submission, at=WEDNESDAY).version.number == 2


def test_of_a_stranger_finds_nothing(cast: Cast, submission: MissionSubmission) -> None:
    for stranger, role in ((cast.other_mentor, Role.MENTOR), (cast.other_director, Role.DIRECTOR)):
        reason = "Away." if role is Role.DIRECTOR else ""
        with pytest.raises(NotVisible):
            review(stranger, submission, role, reason=reason)
    assert nothing_was_decided(submission)


def test_by_another_role_is_not_permitted(cast: Cast, submission: MissionSubmission) -> None:
    for role in (Role.STUDENT, Role.PERSON, Role.ADMIN):
        with pytest.raises(NotPermitted):
            review(cast.mentor, submission, role)
    assert nothing_was_decided(submission)


def test_by_the_student_as_director_is_not_permitted(cast: Cast, submission: MissionSubmission) -> None:
    with as_system():
        CohortDirector.objects.create(cohort=cast.cohort, user=cast.student)

    with pytest.raises(NotPermitted):
        review(cast.student, submission, Role.DIRECTOR, reason="I like it.")
    assert nothing_was_decided(submission)


def test_by_the_student_as_mentor_is_not_permitted(cast: Cast, submission: MissionSubmission) -> None:
    with as_system():
        MissionSubmission.objects.filter(pk=submission.pk).update(mentor=cast.student)

    with pytest.raises(NotPermitted):
        review(cast.student, submission)
    assert nothing_was_decided(submission)


def test_by_the_mentor_of_a_paused_pair_is_not_permitted(cast: Cast, submission: MissionSubmission) -> None:
    with as_system():
        MenteeMentorAssignment.objects.filter(pk=cast.assignment.pk).update(state="paused")

    with pytest.raises(NotPermitted):
        review(cast.mentor, submission)
    assert nothing_was_decided(submission)


def test_by_a_director_keeps_her_reason(cast: Cast, submission: MissionSubmission) -> None:
    review(cast.director, submission, Role.DIRECTOR, reason=" The mentor is away. ")

    with as_system():
        kept = MissionReview.objects.get()
    assert (kept.reviewer_id, kept.reason) == (cast.director.pk, "The mentor is away.")
    assert now_in_database(submission.pk).state == "approved"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2_001, "a\x00b"])
def test_by_a_director_without_a_reason_is_refused(cast: Cast, submission: MissionSubmission, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        review(cast.director, submission, Role.DIRECTOR, reason=reason)

    assert list(refused.value.fields) == ["reason"]
    assert nothing_was_decided(submission)


def test_of_a_draft_is_a_conflict(cast: Cast) -> None:
    with as_system():
        draft = MissionSubmission.objects.create(
            mission=factories.MissionFactory(track=cast.cohort.track),
            enrolment=cast.enrolment,
            student=cast.student,
            cohort=cast.cohort,
            created_at=MONDAY,
            updated_at=MONDAY,
        )

    with pytest.raises(Conflict):
        review(cast.mentor, draft)


def test_is_undone_whole_when_a_listener_fails(
    cast: Cast, submission: MissionSubmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: SubmissionReviewed) -> None:
        raise RuntimeError("the listener failed")

    monkeypatch.setitem(events._handlers, SubmissionReviewed, [fail])

    with pytest.raises(RuntimeError, match="the listener failed"):
        review(cast.mentor, submission)
    assert nothing_was_decided(submission)


def test_behind_a_resubmission_loses(cast: Cast, submission: MissionSubmission) -> None:
    resubmitted, reviewed = in_line(
        cast.enrolment.pk,
        lambda: submit(cast.student, cast.mission, text="Two.", at=TUESDAY),
        lambda: review(cast.mentor, submission, version=1),
    )

    assert resubmitted.result().version == 2
    lost = reviewed.exception()
    assert isinstance(lost, Conflict)
    assert lost.extra == {"current_version": 2, "state": "submitted"}
    assert nothing_was_decided(submission)


def test_before_a_resubmission_wins(cast: Cast, submission: MissionSubmission) -> None:
    reviewed, resubmitted = in_line(
        cast.enrolment.pk,
        lambda: review(cast.mentor, submission, version=1),
        lambda: submit(cast.student, cast.mission, text="Two.", at=TUESDAY),
    )

    assert reviewed.result().decision == "approved"
    lost = resubmitted.exception()
    assert isinstance(lost, Conflict)
    assert lost.extra == {"current_version": 1, "state": "approved"}
    assert now_in_database(submission.pk).version == 1


def test_in_two_tabs_at_once_gives_one_review(cast: Cast, submission: MissionSubmission) -> None:
    first, second = in_line(
        cast.enrolment.pk,
        lambda: review(cast.mentor, submission, score=70),
        lambda: review(cast.director, submission, Role.DIRECTOR, score=10, reason="Away."),
    )

    assert first.result().score == 70
    assert isinstance(second.exception(), Conflict)
    with as_system():
        assert MissionReview.objects.get().score == 70


def test_is_told_to_the_student(cast: Cast, submission: MissionSubmission) -> None:
    made = review(cast.mentor, submission, decision="changes_requested", score=40)
    with as_system():
        told = Notification.objects.get(recipient=cast.student, kind="review")
    assert (told.title, told.body) == (f"Changes are asked for: {cast.mission.title}", "40 points.")
    assert told.dedupe_key == f"review:{made.pk}"
