"""Runs over the database: the pool, drafts, publishing, the scheduled run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core import clock
from mentorship_coordination.actions.assignments import start_assignment
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.match_runs import DraftExists, RunClosed, discard_match_run
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.enums import MatchRunState, ProposalState
from mentorship_coordination.models.assignments import MatchExclusion, MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.matching import get_pools
from mentorship_coordination.tasks.matching import auto_match_mentors
from tests import factories
from tests.database import as_system, as_worker
from users.models import Cohort


@pytest.fixture
def waiting(cast: Cast) -> Any:
    with as_system():
        return factories.EnrolmentFactory(cohort=cast.cohort, student__name="Wanda Waiting")


def test_drafts_without_touching_anybody(cast: Cast, waiting: Any) -> None:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
    assert run.summary["waiting"] == 1
    assert run.summary["matched"] == 1
    with as_system():
        proposal = MatchProposal.objects.get(run=run)
        assert (proposal.mentee_id, proposal.state) == (waiting.student_id, ProposalState.PROPOSED)
        assert proposal.score == sum(proposal.parts.values())
        assert not MenteeMentorAssignment.objects.filter(enrolment=waiting).exists()


def test_refuses_a_second_draft_of_the_cohort(cast: Cast, waiting: Any) -> None:
    with as_worker():
        draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        with pytest.raises(DraftExists):
            draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())


def test_publishes_the_pairs(cast: Cast, waiting: Any) -> None:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        run = publish_match_run(run_id=run.pk, by=None, at=clock.now())
    assert (run.summary["published"], run.summary["lost"]) == (1, 0)
    with as_system():
        assignment = MenteeMentorAssignment.objects.get(enrolment=waiting)
        assert assignment.match_run_id == run.pk


def test_reports_pairs_that_were_lost_meanwhile(cast: Cast, waiting: Any) -> None:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        start_assignment(enrolment_id=waiting.pk, mentor_id=cast.other_mentor.pk, by=None, at=clock.now())
        run = publish_match_run(run_id=run.pk, by=None, at=clock.now())
    assert (run.summary["published"], run.summary["lost"]) == (0, 1)
    with as_system():
        proposal = MatchProposal.objects.get(run=run)
        assert (proposal.state, proposal.lost_reason) == (ProposalState.LOST, "already_assigned")


def test_a_closed_run_stays_closed(cast: Cast, waiting: Any) -> None:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        discard_match_run(run_id=run.pk, by=None, at=clock.now())
        with pytest.raises(RunClosed):
            publish_match_run(run_id=run.pk, by=None, at=clock.now())


def test_leaves_out_mentors_who_are_away_or_excluded(cast: Cast, waiting: Any) -> None:
    at = clock.now()
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, starts_at=at, ends_at=at + timedelta(days=9))
        MatchExclusion.objects.create(mentor=cast.other_mentor, mentee=waiting.student, reason="Family", created_at=at)
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=at)
    assert run.summary["matched"] == 0
    assert run.summary["blocked"] == {"excluded": 1}


def test_the_scheduled_run_matches_and_a_second_one_changes_nothing(cast: Cast, waiting: Any) -> None:
    with as_worker():
        assert auto_match_mentors() == 1
        assert auto_match_mentors() == 0
    with as_system():
        [run] = MatchRun.objects.all()
        assert (run.state, run.cohort_id) == (MatchRunState.PUBLISHED, cast.cohort.pk)


def test_the_scheduled_run_says_once_why_nobody_fits(cast: Cast, waiting: Any) -> None:
    with as_system():
        waiting.student.languages = ["ja"]
        waiting.student.save(update_fields=["languages"])
    with as_worker():
        assert [auto_match_mentors(), auto_match_mentors()] == [0, 0]
    with as_system():
        [proposal] = MatchProposal.objects.all()
        assert proposal.blocked == {"no_language_in_common": 2}


def test_one_place_that_comes_free_is_one_run_and_no_other_cohort_is_told_anew(db: None) -> None:
    with as_system():
        mentor = factories.MentorFactory(languages=["gd"], mentor_max_mentees=1)
        pair = factories.AssignmentFactory(mentor=mentor)
        enrolments = [factories.EnrolmentFactory(student__languages=["gd"]) for _ in range(3)]
    with as_worker():
        assert auto_match_mentors() == 0
    with as_system():
        assert MatchRun.objects.count() == 3
        Cohort.objects.filter(pk=pair.cohort_id).update(matches_automatically=False)
        MenteeMentorAssignment.objects.filter(pk=pair.pk).update(
            state="completed", ended_at=clock.now(), end_reason="x"
        )
    with as_worker():
        assert [auto_match_mentors(), auto_match_mentors()] == [1, 0]
    with as_system():
        assert MatchRun.objects.count() == 4
        assert MenteeMentorAssignment.objects.filter(enrolment__in=enrolments, mentor=mentor).count() == 1


def test_pools_are_read_together(cast: Cast) -> None:
    with as_system():
        enrolments = [factories.EnrolmentFactory() for _ in range(2)]
        full = factories.AssignmentFactory(mentor=cast.mentor).cohort_id
        asked = [*(each.cohort_id for each in enrolments), full]
        with CaptureQueriesContext(connection) as of_one:
            get_pools(asked[:1], clock.now())
        with CaptureQueriesContext(connection) as of_all:
            pools = get_pools(asked, clock.now())
        assert get_pools([], clock.now()) == {}
    assert len(of_all) == len(of_one)
    assert {cohort_id: [each.enrolment_id for each in pool.waiting] for cohort_id, pool in pools.items()} == {
        each.cohort_id: [each.pk] for each in enrolments
    }
    [mentor] = [each for each in pools[asked[0]].candidates if each.id == cast.mentor.pk]
    assert mentor.cohorts == {cast.cohort.pk, full}


def test_cohorts_that_want_no_automatic_matching_are_left_alone(cast: Cast, waiting: Any) -> None:
    with as_system():
        cast.cohort.matches_automatically = False
        cast.cohort.save(update_fields=["matches_automatically"])
    with as_worker():
        assert auto_match_mentors() == 0
    with as_system():
        assert not MatchRun.objects.exists()
