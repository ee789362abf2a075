"""A run of the matching: asked for, solved by a job, adjusted, published or put aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from conftest import Cast
from core import clock
from core.enums import Audience
from core.errors import InvalidInput, NotVisible
from mentorship_coordination.actions import match_solving
from mentorship_coordination.actions.match_runs import (
    DraftExists,
    NothingToPublish,
    RunClosed,
    RunUnderWay,
    adjust_match_run,
    discard_match_run,
    request_match_run,
    request_publication,
    set_match_weights,
)
from mentorship_coordination.enums import MatchRunKind, MatchRunState
from mentorship_coordination.matching.engine import match
from mentorship_coordination.matching.flow import SolverFailed
from mentorship_coordination.models.assignments import MatchExclusion, MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.tests.match_world import (
    asked,
    director_acting,
    drafted,
    given_by,
    job_runs,
    mentor_of,
    run_of,
    waits,
)
from mentorship_coordination.tests.queue_world import heard
from tests import factories
from tests.database import as_system, as_worker
from users.models import User


def wish(mentor: User, mentee: User) -> dict[str, str]:
    return {"mentor": str(mentor.pk), "mentee": str(mentee.pk)}


def adjusted(cast: Cast, run: MatchRun, **wishes: Any) -> MatchRun:
    with director_acting(cast.director):
        adjust_match_run(run_id=run.pk, by=cast.director, at=clock.now(), **{"pinned": [], "unwanted": [], **wishes})
    assert run_of(run.pk).state == MatchRunState.REQUESTED
    job_runs()
    return run_of(run.pk)


def test_is_solved_by_the_job_and_told_on_the_directors_stream(cast: Cast) -> None:
    waits(cast)
    run = drafted(cast)
    assert (run.state, run.summary["matched"], run.certificate["is_proved"]) == (MatchRunState.DRAFT, 1, True)
    assert [each["kind"] for each in heard(cast.director, Audience.DIRECTOR)] == ["running", "running", "draft"]
    assert job_runs() == 0


def test_counts_every_mentors_places_whichever_cohort_took_them(cast: Cast) -> None:
    """A director sees her own pairs only; the job sees all."""
    with as_system():
        factories.AssignmentFactory(mentor=cast.other_mentor, enrolment=factories.EnrolmentFactory())
        User.objects.filter(is_mentor=True).update(mentor_max_mentees=1)
    waits(cast)
    run = drafted(cast)
    assert run.summary["blocked"] == {"full": 2}


def test_over_all_her_cohorts_takes_no_others(cast: Cast) -> None:
    waits(cast)
    with as_system():
        second = factories.CohortFactory()
        factories.CohortDirectorFactory(cohort=second, user=cast.director)
        factories.EnrolmentFactory(cohort=second, student__name="Second Cohort")
        factories.EnrolmentFactory(student__name="Foreign Cohort")
    run = drafted(cast, cohort_id=None)
    assert run.options["scope"] == "mine"
    assert set(given_by(run.pk)) == {"Wanda Waits", "Second Cohort"}


def test_of_an_admin_takes_all_cohorts(cast: Cast) -> None:
    waits(cast)
    with as_system():
        factories.EnrolmentFactory(student__name="Foreign Cohort")
    with as_worker():
        run = request_match_run(cohort_id=None, by=cast.admin, at=clock.now(), is_over_everybody=True)
    job_runs()
    assert run_of(run.pk).options["scope"] == "all"
    assert set(given_by(run.pk)) == {"Wanda Waits", "Foreign Cohort"}


def test_one_of_a_scope_is_open_at_a_time_what_ifs_apart(cast: Cast) -> None:
    waits(cast)
    run = drafted(cast)
    with pytest.raises(DraftExists):
        asked(cast)
    asked(cast, cohort_id=None)
    asked(cast, kind=MatchRunKind.WHAT_IF, changes={"policy": {"evenness": 5}})
    with director_acting(cast.director):
        discard_match_run(run_id=run.pk, by=cast.director, at=clock.now())
    asked(cast)


def test_is_nothing_to_another_director(cast: Cast) -> None:
    waits(cast)
    run, mine = drafted(cast), asked(cast, cohort_id=None)
    with as_system():
        stranger = factories.CohortDirectorFactory().user
    with director_acting(stranger):
        for run_id in (run.pk, mine):
            with transaction.atomic():
                assert not MatchRun.objects.filter(pk=run_id).exists()
                assert not MatchProposal.objects.filter(run=run_id).exists()
                assert not MatchFilling.objects.filter(run=run_id).exists()
            for act in (request_publication, discard_match_run):
                with pytest.raises(NotVisible):
                    act(run_id=run_id, by=stranger, at=clock.now())


@pytest.mark.parametrize(
    "values",
    [
        {"state": "draft"},
        {"options": {"scope": "all"}},
        {"requested_by": None},
    ],
)
def test_cannot_be_written_as_somebody_elses_or_as_done(cast: Cast, values: dict[str, Any]) -> None:
    row = {"state": "requested", "options": {"scope": "mine"}, "requested_by": cast.director, **values}
    with director_acting(cast.director), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        MatchRun.objects.create(created_at=clock.now(), **row)


def test_wanted_pairs_are_in_and_unwanted_ones_out(cast: Cast) -> None:
    wanda = waits(cast)
    plain = mentor_of("Plain", mentor_specialties=[])
    run = drafted(cast)
    first = given_by(run.pk)["Wanda Waits"]
    assert first != "Plain"
    run = adjusted(cast, run, pinned=[wish(plain, wanda.student)])
    assert (run.state, given_by(run.pk)) == (MatchRunState.DRAFT, {"Wanda Waits": "Plain"})
    with as_system():
        best = User.objects.get(name=first)
    run = adjusted(cast, run, unwanted=[wish(best, wanda.student)])
    assert given_by(run.pk)["Wanda Waits"] not in (first, None)


def test_a_wanted_pair_that_breaks_a_rule_leaves_the_draft_as_it_was(cast: Cast) -> None:
    wanda = waits(cast)
    welsh = mentor_of("Nia Pugh", languages=["cy"])
    run = drafted(cast)
    before = given_by(run.pk)
    run = adjusted(cast, run, pinned=[wish(welsh, wanda.student)])
    assert (run.state, given_by(run.pk)) == (MatchRunState.DRAFT, before)
    assert run.failure == "Wanda Waits cannot be given to Nia Pugh: no language in common."
    assert run.options["pinned"] == []


def test_wishes_that_contradict_each_other_are_refused(cast: Cast) -> None:
    wanda = waits(cast)
    run = drafted(cast)
    one, other = wish(cast.mentor, wanda.student), wish(cast.other_mentor, wanda.student)
    with director_acting(cast.director):
        for wishes in ({"pinned": [one, other], "unwanted": []}, {"pinned": [one], "unwanted": [one]}):
            with pytest.raises(InvalidInput):
                adjust_match_run(run_id=run.pk, by=cast.director, at=clock.now(), **wishes)
    assert run_of(run.pk).state == MatchRunState.DRAFT


def test_a_solver_that_fails_is_told_of_and_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(cast)

    def fail(*_: Any, **__: Any) -> None:
        raise SolverFailed("BAD_COST_RANGE")

    monkeypatch.setattr(match_solving, "match", fail)
    run_id = asked(cast)
    assert job_runs() == 0
    run = run_of(run_id)
    assert (run.state, run.failure) == (MatchRunState.FAILED, "The solver gave no answer: BAD_COST_RANGE")
    with as_system():
        assert not MatchProposal.objects.exists()
        assert MenteeMentorAssignment.objects.filter(match_run__isnull=False).count() == 0
    with director_acting(cast.director), pytest.raises(RunClosed):
        request_publication(run_id=run_id, by=cast.director, at=clock.now())


def test_a_worker_that_died_is_followed_by_another_three_times_at_most(cast: Cast) -> None:
    waits(cast)
    run_id = asked(cast)
    with as_system():
        dead = {"state": MatchRunState.RUNNING, "lease_until": clock.now() - timedelta(seconds=1)}
        MatchRun.objects.filter(pk=run_id).update(attempts=1, **dead)
    assert job_runs() == 1
    assert run_of(run_id).state == MatchRunState.DRAFT
    with as_system():
        MatchRun.objects.filter(pk=run_id).update(attempts=3, solved_at=None, **dead)
    assert job_runs() == 0
    assert run_of(run_id).state == MatchRunState.FAILED


def test_one_that_is_being_solved_is_left_alone(cast: Cast) -> None:
    waits(cast)
    run_id = asked(cast)
    with as_system():
        MatchRun.objects.filter(pk=run_id).update(state="running", lease_until=clock.now() + timedelta(seconds=50))
    assert job_runs() == 0
    with director_acting(cast.director):
        with pytest.raises(RunUnderWay):
            request_publication(run_id=run_id, by=cast.director, at=clock.now())
        discard_match_run(run_id=run_id, by=cast.director, at=clock.now())


def test_one_put_aside_while_it_is_solved_stays_aside(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(cast)
    run_id = asked(cast)

    def interrupted(*given: Any, **options: Any) -> Any:
        with as_system():
            MatchRun.objects.filter(pk=run_id).update(state=MatchRunState.DISCARDED)
        return match(*given, **options)

    monkeypatch.setattr(match_solving, "match", interrupted)
    assert job_runs() == 0
    assert run_of(run_id).state == MatchRunState.DISCARDED
    assert given_by(run_id) == {}


@pytest.mark.parametrize(
    ("mentors", "blocked"),
    [
        ({"mentor_max_mentees": 0}, {"full": 2}),
        ({"languages": ["cy"]}, {"no_language_in_common": 2}),
        ({"mentor_availability": {}}, {"too_few_shared_hours": 2}),
        ({"is_active": False}, {"no_mentors": 1}),
    ],
)
def test_says_why_nobody_can_be_matched(cast: Cast, mentors: dict[str, Any], blocked: dict[str, int]) -> None:
    wanda = waits(cast)
    with as_system():
        MatchExclusion.objects.create(mentor=cast.mentor, mentee=cast.student, reason="Kin.", created_at=clock.now())
        User.objects.filter(is_mentor=True).update(**mentors)
    run = drafted(cast)
    assert (run.summary["matched"], run.summary["blocked"]) == (0, blocked)
    assert given_by(run.pk) == {wanda.student.name: None}


def test_of_nobody_is_a_draft_of_nothing(cast: Cast) -> None:
    run = drafted(cast)
    assert (run.state, run.summary["waiting"], run.summary["matched"]) == (MatchRunState.DRAFT, 0, 0)
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    assert job_runs() == 1
    assert run_of(run.pk).summary["published"] == 0


def test_notes_why_each_mentor_is_filled_or_not(cast: Cast) -> None:
    waits(cast)
    waits(cast, "Nia", languages=["cy"])
    run = drafted(cast)
    with as_system():
        figures = MatchFilling.objects.filter(run=run)
        assert sum(each.taken for each in figures) == 1
        for each in figures:
            assert sum(each.blocked.values()) + each.elsewhere + each.taken == 2
            assert each.blocked == {"no_language_in_common": 1}


def test_keeps_every_invariant_when_published(cast: Cast) -> None:
    for nth in range(3):
        waits(cast, f"Wanda {nth}")
    waits(cast, "Nia", languages=["cy"])
    run = drafted(cast)
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    assert job_runs() == 1
    with as_system():
        assert [each.invariant.number for each in check_invariants(clock.now()) if each.offending] == []
    with director_acting(cast.director), pytest.raises(RunClosed):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())


def test_is_made_with_the_weights_of_its_time(cast: Cast) -> None:
    waits(cast)
    with as_worker():
        first = set_match_weights(values={}, note="As they came.", by=None, at=clock.now())
        second = set_match_weights(values={"skills": 900}, note="Skills count most.", by=None, at=clock.now())
    run = drafted(cast)
    assert (run.weights_id, second.version - first.version) == (second.pk, 1)
    assert run.options["weights"]["skills"] == 900
    with as_worker(), pytest.raises(InvalidInput):
        set_match_weights(values={"skills": -1}, note="?", by=None, at=clock.now())
    with as_worker(), pytest.raises(InvalidInput):
        set_match_weights(values={"luck": 1}, note="?", by=None, at=clock.now())


def test_a_what_if_says_what_changes_and_writes_nothing_else(cast: Cast) -> None:
    waits(cast)
    with as_system():
        before = MenteeMentorAssignment.objects.count()
    run = drafted(
        cast,
        kind=MatchRunKind.WHAT_IF,
        changes={
            "without_mentors": [str(cast.mentor.pk), str(cast.other_mentor.pk)],
            "joining": {str(cast.cohort.pk): 3},
        },
    )
    difference = run.summary["difference"]
    assert difference["counts"] == {
        "same": 0, "other_mentor": 0, "newly_matched": 0, "newly_unmatched": 1, "joining": 3
    }  # fmt: skip
    assert (difference["before"]["matched"], difference["after"]["matched"]) == (1, 0)
    assert difference["after"]["waiting"] == 4
    with as_system():
        assert MenteeMentorAssignment.objects.count() == before
        assert not MatchProposal.objects.exists()
    with director_acting(cast.director), pytest.raises(NothingToPublish):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())


def test_a_what_if_needs_a_change(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        asked(cast, kind=MatchRunKind.WHAT_IF, changes={})
