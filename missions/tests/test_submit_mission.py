"""Submitting a mission … (product.md §4, §5)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from conftest import Cast
from core import events
from core.enums import Rank
from core.errors import Conflict, NotVisible
from missions.actions import NoActiveEnrolment
from missions.enums import SubmissionState
from missions.events import SubmissionReceived
from missions.models import MissionSubmission, SubmissionFile, SubmissionVersion
from missions.tests.world import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    files_on,
    in_line,
    now_in_database,
    pdf,
    review,
    submit,
)
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system
from users.models import Enrolment


def test_keeps_what_was_handed_in(cast: Cast, media: Path) -> None:
    submit(cast.student, cast.mission, text="Found it.", links=["https://git.example/mina"], files=[pdf()])

    with as_system():
        submission = MissionSubmission.objects.get(enrolment=cast.enrolment)
        version = submission.versions.get()
        file = version.files.get()
    assert (submission.state, submission.version, submission.cycle) == ("submitted", 1, 1)
    assert (submission.student_id, submission.cohort_id) == (cast.student.pk, cast.cohort.pk)
    assert (submission.submitted_at, submission.updated_at, submission.decided_at) == (MONDAY, MONDAY, None)
    assert (version.number, version.text, version.links) == (1, "Found it.", ["https://git.example/mina"])
    assert (file.name, file.content_type, file.size) == ("report.pdf", "application/pdf", 17)
    assert file.sha256 == sha256(b"%PDF-1.7 timeline").hexdigest()
    (stored,) = files_on(media)
    assert stored.relative_to(media).as_posix() == file.content.name
    assert "report" not in stored.name
    assert stored.read_bytes() == b"%PDF-1.7 timeline"


def test_belongs_to_the_mentor_of_the_day(cast: Cast) -> None:
    submitted = submit(cast.student, cast.mission)

    assert now_in_database(submitted.pk).mentor_id == cast.mentor.pk


def test_says_that_it_was_received(cast: Cast, heard: list[object]) -> None:
    submitted = submit(cast.student, cast.mission)

    assert heard == [
        SubmissionReceived(
            submission_id=submitted.pk,
            enrolment_id=cast.enrolment.pk,
            student_id=cast.student.pk,
            mission_id=cast.mission.pk,
            mission_title=cast.mission.title,
            student_name="Mina Okafor",
            version=1,
            cycle=1,
            is_resubmission=False,
            at=MONDAY,
        )
    ]


def test_queues_the_students_refresh(cast: Cast) -> None:
    submit(cast.student, cast.mission)

    with as_system():
        waiting = DashboardUpdateQueue.objects.get(student=cast.student)
    assert waiting.rank == Rank.HIGH
    assert "mission_submitted" in waiting.reasons


def test_again_while_it_waits_adds_a_version_to_the_cycle(cast: Cast, heard: list[object]) -> None:
    first = submit(cast.student, cast.mission, text="One.")
    second = submit(cast.student, cast.mission, text="Two.", at=TUESDAY)

    assert first.pk == second.pk
    assert (second.version, second.cycle, second.submitted_at) == (2, 1, TUESDAY)
    with as_system():
        texts = list(SubmissionVersion.objects.order_by("number").values_list("number", "cycle", "text"))
    assert texts == [(1, 1, "One."), (2, 1, "Two.")]
    assert [(said.version, said.cycle, said.is_resubmission) for said in heard] == [  # type: ignore[attr-defined]
        (1, 1, False),
        (2, 1, True),
    ]


def test_after_changes_were_requested_opens_the_next_cycle(cast: Cast) -> None:
    submitted = submit(cast.student, cast.mission)
    review(cast.mentor, submitted, decision="changes_requested", score=40)
    submit(cast.student, cast.mission, text="Better.", at=WEDNESDAY)

    again = now_in_database(submitted.pk)
    assert (again.state, again.version, again.cycle) == ("submitted", 2, 2)
    assert (again.score, again.decided_at) == (None, None)


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_of_a_decided_mission_is_a_conflict(cast: Cast, media: Path, decision: str) -> None:
    submitted = submit(cast.student, cast.mission)
    review(cast.mentor, submitted, decision=decision)

    with pytest.raises(Conflict) as refused:
        submit(cast.student, cast.mission, files=[pdf()])

    assert refused.value.code == "already_decided"
    assert refused.value.extra == {"current_version": 1, "state": decision}
    assert files_on(media) == []
    assert now_in_database(submitted.pk).version == 1


def test_of_another_track_finds_no_mission(cast: Cast) -> None:
    with as_system():
        foreign = factories.MissionFactory()

    with pytest.raises(NotVisible):
        submit(cast.student, foreign)


def test_that_is_not_published_finds_no_mission(cast: Cast) -> None:
    with as_system():
        draft = factories.MissionFactory(track=cast.cohort.track, is_published=False)

    with pytest.raises(NotVisible):
        submit(cast.student, draft)


def test_without_an_active_enrolment_is_refused(cast: Cast) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")

    with pytest.raises(NoActiveEnrolment):
        submit(cast.student, cast.mission)


def test_is_undone_whole_when_a_listener_fails(cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: SubmissionReceived) -> None:
        raise RuntimeError("the listener failed")

    monkeypatch.setitem(events._handlers, SubmissionReceived, [fail])

    with pytest.raises(RuntimeError, match="the listener failed"):
        submit(cast.student, cast.mission, files=[pdf(), pdf("two.pdf")])

    with as_system():
        left = [model.objects.count() for model in (MissionSubmission, SubmissionVersion, SubmissionFile)]
        waiting = DashboardUpdateQueue.objects.count()
    assert (left, waiting, files_on(media)) == ([0, 0, 0], 0, [])


def test_from_many_tabs_at_once_numbers_the_versions_without_a_gap(cast: Cast) -> None:
    calls = [lambda n=n: submit(cast.student, cast.mission, text=f"Tab {n}.").version for n in range(6)]

    versions = [future.result() for future in in_line(cast.enrolment.pk, *calls)]

    assert versions == [1, 2, 3, 4, 5, 6]
    with as_system():
        submission = MissionSubmission.objects.get()
        kept = list(submission.versions.order_by("number").values_list("number", "cycle"))
    assert (submission.version, submission.state) == (6, SubmissionState.SUBMITTED)
    assert kept == [(number, 1) for number in range(1, 7)]
