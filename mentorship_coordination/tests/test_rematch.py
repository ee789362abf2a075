"""Matching anew moves whoever cannot stay, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conftest import Cast
from core import clock
from mentorship_coordination.actions.match_runs import adjust_match_run, request_publication
from mentorship_coordination.enums import MatchRunKind
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.tests.match_world import director_acting, drafted, given_by, job_runs, mentor_of, run_of
from mentorship_coordination.tests.queue_world import heard
from tests import factories
from tests.database import as_system
from users.models import User

LONG_AGO = timedelta(days=90)


def rematched(cast: Cast) -> MatchRun:
    return drafted(cast, kind=MatchRunKind.REMATCH)


def pair(cast: Cast, mentor: User, name: str, since: timedelta = LONG_AGO) -> MenteeMentorAssignment:
    with as_system():
        enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__name=name)
        made: MenteeMentorAssignment = factories.AssignmentFactory(
            enrolment=enrolment, mentor=mentor, started_at=clock.now() - since
        )
    return made


@pytest.fixture(autouse=True)
def _settled(cast: Cast) -> None:
    with as_system():
        MenteeMentorAssignment.objects.update(started_at=clock.now() - LONG_AGO)


def test_moves_nobody_when_everybody_may_stay(cast: Cast) -> None:
    """However much better another mentor would fit."""
    mentor_of("Perfect", mentor_specialties=["forensics", "triage"])
    run = rematched(cast)
    assert (run.summary["stay"], given_by(run.pk)) == (run.summary["waiting"], {})


def test_moves_whose_rules_no_longer_hold(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(languages=["cy"])
    run = rematched(cast)
    assert given_by(run.pk) == {cast.student.name: cast.other_mentor.name}


def test_moves_as_few_as_the_lowered_capacity_asks_for(cast: Cast) -> None:
    for name in ("Ann", "Ben", "Cem"):
        pair(cast, cast.mentor, name)
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=2)
    run = rematched(cast)
    moved = given_by(run.pk)
    assert len(moved) == 2
    assert set(moved.values()) == {cast.other_mentor.name}


def test_moves_nobody_again_within_four_weeks(cast: Cast) -> None:
    """The new pairs stay, the old one goes, though it was there first."""
    pair(cast, cast.mentor, "New", since=timedelta(days=27))
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=1)
    assert set(given_by(rematched(cast).pk)) == {cast.student.name}


@pytest.mark.parametrize("wish", ["pinned", "unwanted"])
def test_a_directors_wish_goes_before_the_four_weeks(cast: Cast, wish: str) -> None:
    pair(cast, cast.mentor, "New", since=timedelta(days=3))
    run = rematched(cast)
    with as_system():
        new = User.objects.get(name="New")
    mentor = cast.other_mentor if wish == "pinned" else cast.mentor
    wishes: dict[str, list[dict[str, str]]] = {"pinned": [], "unwanted": []}
    wishes[wish].append({"mentor": str(mentor.pk), "mentee": str(new.pk)})
    with director_acting(cast.director):
        adjust_match_run(run_id=run.pk, by=cast.director, at=clock.now(), **wishes)
    job_runs()
    assert (run_of(run.pk).failure, given_by(run.pk)) == ("", {"New": cast.other_mentor.name})


def test_leaves_the_pairs_of_a_mentor_who_is_away_alone(cast: Cast) -> None:
    at = clock.now()
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, starts_at=at, ends_at=at + timedelta(days=9))
        User.objects.filter(pk=cast.mentor.pk).update(languages=["cy"])
    assert given_by(rematched(cast).pk) == {}


def test_a_student_for_whom_nobody_is_found_keeps_her_mentor(cast: Cast) -> None:
    with as_system():
        User.objects.filter(is_mentor=True).update(languages=["cy"])
    run = rematched(cast)
    assert set(given_by(run.pk).values()) == {None}
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    job_runs()
    with as_system():
        assert MenteeMentorAssignment.objects.live().get(mentee=cast.student).mentor_id == cast.mentor.pk


def test_publishing_ends_the_old_pair_and_begins_the_new_one(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(languages=["cy"])
    run = rematched(cast)
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    assert job_runs() == 1
    with as_system():
        states = dict(MenteeMentorAssignment.objects.filter(mentee=cast.student).values_list("mentor", "state"))
    assert states == {cast.mentor.pk: "cancelled", cast.other_mentor.pk: "active"}
    assert (run_of(run.pk).summary["published"], run_of(run.pk).summary["lost"]) == (1, 0)


def test_a_pair_that_is_another_one_by_now_is_left_alone(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(languages=["cy"])
    run = rematched(cast)
    with as_system():
        third = factories.MentorFactory()
        MenteeMentorAssignment.objects.filter(mentee=cast.student).update(mentor=third)
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    job_runs()
    assert run_of(run.pk).summary["lost_reasons"] == {"another_mentor_by_now": 1}


TONGUES = ("cy", "eu", "ga")


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("is_open", [False, True])
def test_students_of_full_mentors_change_places(cast: Cast, count: int, is_open: bool) -> None:
    """Each mentor speaks the language of the next one's student; `is_open`: the last place stands empty."""
    tongues = TONGUES[:count]
    mentors = [mentor_of(tongue, languages=[tongue], mentor_max_mentees=1) for tongue in tongues]
    for place, tongue in enumerate(tongues[is_open:], start=int(is_open)):
        made = pair(cast, mentors[(place + 1) % count] if not is_open else mentors[place], f"Speaks {tongue}")
        spoken = tongue if not is_open else tongues[place - 1]
        with as_system():
            User.objects.filter(pk=made.mentee_id).update(languages=[spoken], name=f"Speaks {spoken}")
    run = rematched(cast)
    wanted = {f"Speaks {tongue}": tongue for tongue in tongues[: count - is_open]}
    assert given_by(run.pk) == wanted
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=clock.now())
    job_runs()
    assert run_of(run.pk).summary["lost_reasons"] == {}
    with as_system():
        now = MenteeMentorAssignment.objects.live().filter(mentor__in=mentors).select_related("mentee", "mentor")
        assert {each.mentee.name: each.mentor.name for each in now} == wanted


def test_says_nothing_of_moves_that_were_undone(cast: Cast) -> None:
    """Two would change places; one of the mentors is away by the time it is published."""
    first, second = (mentor_of(tongue, languages=[tongue], mentor_max_mentees=1) for tongue in TONGUES[:2])
    pairs = pair(cast, first, "Speaks eu"), pair(cast, second, "Speaks cy")
    with as_system():
        for made, tongue in zip(pairs, ("eu", "cy"), strict=True):
            User.objects.filter(pk=made.mentee_id).update(languages=[tongue])
    run = rematched(cast)
    with as_system():
        now = clock.now()
        MentorAbsence.objects.create(mentor=second, starts_at=now, ends_at=now + timedelta(days=9))
    with director_acting(cast.director):
        request_publication(run_id=run.pk, by=cast.director, at=now)
    job_runs()
    assert set(run_of(run.pk).summary["lost_reasons"]) == {"mentor_full", "mentor_not_available"}
    assert [news["kind"] for news in heard(first) if news["kind"].startswith("assignment")] == []
