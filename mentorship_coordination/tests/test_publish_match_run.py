"""Publishing a run asks again whether each rule holds, and every director reads what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core import clock
from core.errors import NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.assignments import start_assignment
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.match_runs import MOST_PUBLICATIONS, request_publication
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.enums import AssignmentState, MatchRunState, ProposalState
from mentorship_coordination.models.assignments import (
    AssignmentEntry,
    MatchExclusion,
    MenteeMentorAssignment,
    MentorAbsence,
)
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from mentorship_coordination.selectors.overview import list_unmatched
from mentorship_coordination.tasks import matching as tasks
from mentorship_coordination.tasks.matching import (
    CohortsNotMatched,
    RunsUnfinished,
    auto_match_mentors,
    carry_out_match_runs,
)
from mentorship_coordination.tests.session_world import at_once
from tests import factories
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.enums import EnrolmentState
from users.models import Enrolment, User

Change = Callable[[User, User, datetime], object]


def change(person: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))


def exclude(student: User, mentor: User, at: datetime) -> None:
    MatchExclusion.objects.create(mentor=mentor, mentee=student, reason="Family", created_at=at)


def end_harmfully(student: User, mentor: User, at: datetime) -> None:
    earlier = factories.EnrolmentFactory(student=student, state=EnrolmentState.COMPLETED, ended_at=at)
    factories.AssignmentFactory(
        enrolment=earlier, mentor=mentor, state=AssignmentState.CANCELLED, ended_at=at, ended_harmfully=True
    )


def go_away(student: User, mentor: User, at: datetime) -> None:
    MentorAbsence.objects.create(mentor=mentor, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(days=9))


#: What happens between the draft and its publishing, and the rule that it breaks.
CHANGES: dict[str, tuple[str, Change]] = {
    "fr": ("excluded", exclude),
    "de": ("no_language_in_common", lambda student, mentor, at: change(student, languages=["pl"])),
    "it": ("mentor_away", go_away),
    "es": ("excluded", end_harmfully),
    "nl": ("too_few_shared_hours", lambda student, mentor, at: change(mentor, mentor_availability={})),
    "da": ("no_availability_told", lambda student, mentor, at: change(student, student_availability={})),
    "sv": ("student_not_active", lambda student, mentor, at: change(student, is_active=False)),
    "fi": ("mentor_not_available", lambda student, mentor, at: change(mentor, leaving_at=at + timedelta(days=9))),
    "cs": ("full", lambda student, mentor, at: change(mentor, mentor_max_mentees=0)),
    "ro": ("", lambda student, mentor, at: None),
}


@pytest.fixture
def pairs(cast: Cast) -> dict[str, tuple[Enrolment, User]]:
    """By language, who can only be matched to each other."""
    with as_system():
        return {
            language: (
                factories.EnrolmentFactory(cohort=cast.cohort, student__languages=[language]),
                factories.MentorFactory(languages=[language]),
            )
            for language in CHANGES
        }


def draft(cohort_id: UUID | None) -> MatchRun:
    with as_worker():
        return draft_match_run(cohort_id=cohort_id, by=None, at=clock.now())


def publish(run: MatchRun) -> MatchRun:
    with as_worker():
        return publish_match_run(run_id=run.pk, by=None, at=clock.now())


@pytest.mark.parametrize("is_for_all", [False, True])
def test_loses_exactly_the_pairs_whose_rules_broke_since_the_draft(
    cast: Cast, pairs: dict[str, tuple[Enrolment, User]], is_for_all: bool
) -> None:
    run = draft(None if is_for_all else cast.cohort.pk)
    assert run.summary["matched"] == len(CHANGES)
    with as_system():
        for language, (_, happens) in CHANGES.items():
            enrolment, mentor = pairs[language]
            happens(enrolment.student, mentor, clock.now())
    run = publish(run)
    assert (run.summary["published"], run.summary["lost"]) == (1, len(CHANGES) - 1)
    with as_system():
        reasons = dict(MatchProposal.objects.filter(run=run).values_list("enrolment_id", "lost_reason"))
        begun = MenteeMentorAssignment.objects.get(match_run=run)
    assert {language: reasons[pairs[language][0].pk] for language in CHANGES} == {
        language: rule for language, (rule, _) in CHANGES.items()
    }
    assert (begun.enrolment_id, begun.mentor_id) == (pairs["ro"][0].pk, pairs["ro"][1].pk)


def test_gives_the_places_that_are_left_and_no_more(cast: Cast) -> None:
    with as_system():
        mentor = factories.MentorFactory(languages=["fr"], mentor_max_mentees=2)
        for _ in range(2):
            factories.EnrolmentFactory(cohort=cast.cohort, student__languages=["fr"])
        late_comer = factories.EnrolmentFactory(student__languages=["fr"])
    run = draft(cast.cohort.pk)
    with as_worker():
        start_assignment(enrolment_id=late_comer.pk, mentor_id=mentor.pk, by=None, at=clock.now())
    publish(run)
    with as_system():
        assert sorted(MatchProposal.objects.filter(run=run).values_list("state", "lost_reason")) == [
            (ProposalState.LOST, "full"),
            (ProposalState.PUBLISHED, ""),
        ]


def test_locks_all_enrolments_by_id_before_it_looks(cast: Cast, pairs: dict[str, tuple[Enrolment, User]]) -> None:
    run = draft(cast.cohort.pk)
    with as_worker(), CaptureQueriesContext(connection) as queries:
        publish_match_run(run_id=run.pk, by=None, at=clock.now())
        statements = [each["sql"] for each in queries]
    ordered = re.compile(r"SELECT id FROM users_(\w+) WHERE .* ORDER BY id FOR NO KEY UPDATE")
    [(first, enrolments), (locks, mentors)] = [
        (index, found[1]) for index, sql in enumerate(statements) if (found := ordered.search(sql))
    ]
    assert (enrolments, mentors) == ("enrolment", "user")
    assert all(str(enrolment.pk) in statements[first] for enrolment, _ in pairs.values())
    assert all(str(mentor.pk) in statements[locks] for _, mentor in pairs.values())
    reads = [index for index, sql in enumerate(statements) if "mentorship_coordination_matchexclusion" in sql]
    assert reads
    assert min(reads) > locks


def test_a_director_publishes_the_run_of_her_cohort(cast: Cast, pairs: dict[str, tuple[Enrolment, User]]) -> None:
    run = draft(cast.cohort.pk)
    with as_system():
        exclude(pairs["fr"][0].student, pairs["fr"][1], clock.now())
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    with as_worker():
        assert carry_out_match_runs() == 1
        assert carry_out_match_runs() == 0
    with as_system():
        run.refresh_from_db()
        assert (run.state, run.summary["published"], run.summary["lost"]) == ("published", len(CHANGES) - 1, 1)
        assert set(AssignmentEntry.objects.values_list("by", flat=True)) == {cast.director.pk}


def test_that_fails_again_and_again_is_a_draft_again(
    cast: Cast, pairs: dict[str, tuple[Enrolment, User]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = draft(cast.cohort.pk)
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    states = []
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "publish_match_run", lambda **_: 1 / 0)
        for _ in range(MOST_PUBLICATIONS):
            with as_worker(), pytest.raises(RunsUnfinished):
                carry_out_match_runs()
            with as_system():
                run.refresh_from_db()
            states.append(run.state)
    assert states == ["publishing"] * (MOST_PUBLICATIONS - 1) + ["draft"]
    assert "The log says why" in run.failure
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    with as_worker():
        assert carry_out_match_runs() == 1
    with as_system():
        run.refresh_from_db()
    assert (run.state, run.failure) == ("published", "")


def test_one_cohort_that_fails_does_not_hold_up_the_others(cast: Cast) -> None:
    with as_system():
        cohorts = sorted((factories.CohortFactory() for _ in range(3)), key=lambda each: each.pk)
        for cohort, timezone in zip(cohorts, ["UTC", "Nowhere/At_All", "UTC"], strict=True):
            factories.EnrolmentFactory(cohort=cohort, student__timezone=timezone)
    with as_worker(), pytest.raises(CohortsNotMatched, match=f"1 of 3 cohorts .*: {cohorts[1].pk}$"):
        auto_match_mentors()
    with as_system():
        published = MatchRun.objects.filter(state=MatchRunState.PUBLISHED).values_list("cohort_id", flat=True)
        assert set(published) == {cohorts[0].pk, cohorts[2].pk}


@pytest.fixture
def wanda(cast: Cast) -> Enrolment:
    """She waits in the director's cohort, and speaks what no mentor speaks."""
    with as_system():
        enrolment: Enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__languages=["ja"])
    return enrolment


def reasons_for(cast: Cast) -> list[dict[str, int]]:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
        return [each.blocked for each in list_unmatched([cast.cohort.pk])[1]]


def test_a_director_reads_what_a_run_over_all_cohorts_says_of_hers(cast: Cast, wanda: Enrolment) -> None:
    with as_system():
        factories.EnrolmentFactory(cohort=cast.other_enrolment.cohort, student__languages=["cy"])
    run = publish(draft(None))
    assert reasons_for(cast) == [{"no_language_in_common": 2}]
    assert "2 no language in common" in browser_of(cast.director).get("/director").content.decode()
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
        assert [each.enrolment_id for each in MatchProposal.objects.filter(run=run)] == [wanda.pk]


def test_a_director_does_not_write_to_a_run_over_all_cohorts(cast: Cast, wanda: Enrolment) -> None:
    run = draft(None)
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        with transaction.atomic():
            assert MatchRun.objects.filter(pk=run.pk).exists()
            assert MatchRun.objects.filter(pk=run.pk).update(state=MatchRunState.DISCARDED) == 0
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            MatchProposal.objects.filter(run=run).update(blocked={"full": 1})
        with pytest.raises(NotVisible):
            request_publication(run_id=run.pk, by=cast.director, at=clock.now())


def test_the_newest_published_answer_counts_whichever_run_gave_it(cast: Cast, wanda: Enrolment) -> None:
    publish(draft(cast.cohort.pk))
    with as_system():
        change(wanda.student, student_availability={})
    run = draft(None)
    assert reasons_for(cast) == [{"no_language_in_common": 2}]
    publish(run)
    assert reasons_for(cast) == [{"no_availability_told": 2}]
    with as_system():
        change(wanda.student, student_availability=factories.WORKING_HOURS, languages=["en"])
    run = draft(cast.cohort.pk)
    with as_system():
        change(wanda.student, languages=["ja"])
    publish(run)
    assert reasons_for(cast) == [{"no_language_in_common": 1}]


def test_two_workers_at_once_start_each_pair_once(cast: Cast, pairs: dict[str, tuple[Enrolment, User]]) -> None:
    run = draft(cast.cohort.pk)

    def one_worker() -> MatchRun:
        with as_worker():
            return publish_match_run(run_id=run.pk, by=None, at=clock.now())

    outcomes = at_once([one_worker, one_worker])
    assert sorted(type(each).__name__ for each in outcomes) == ["MatchRun", "RunClosed"]
    with as_system():
        assert MenteeMentorAssignment.objects.filter(match_run=run).count() == len(CHANGES)


def test_a_place_taken_at_the_same_moment_is_given_once(cast: Cast) -> None:
    """A publication and a start of a pair by hand want the last place."""
    with as_system():
        mentor = factories.MentorFactory(languages=["fr"], mentor_max_mentees=1)
        factories.EnrolmentFactory(cohort=cast.cohort, student__languages=["fr"])
        other = factories.EnrolmentFactory(cohort=cast.cohort, student__languages=["fr"], student__is_active=False)
    run = draft(cast.cohort.pk)
    with as_system():
        change(other.student, is_active=True)

    def by_run() -> object:
        with as_worker():
            return publish_match_run(run_id=run.pk, by=None, at=clock.now())

    def by_hand() -> object:
        with as_worker():
            return start_assignment(enrolment_id=other.pk, mentor_id=mentor.pk, by=None, at=clock.now())

    at_once([by_run, by_hand])
    with as_system():
        assert MenteeMentorAssignment.objects.live().filter(mentor=mentor).count() == 1
