"""A run of many pairs begins them in a few statements: with all that one pair by itself brings along."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core import clock
from core.enums import Audience
from core.models import StreamEvent
from mentorship_coordination.actions import match_publishing
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.enums import AssignmentState, MailState, MatchRunState
from mentorship_coordination.models.assignments import AssignmentEntry, MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.tests.queue_world import review_item, submitted
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment, User

MANY = match_publishing.FEW + 8


@pytest.fixture
def mentors(cast: Cast) -> list[User]:
    with as_system():
        return [
            factories.MentorFactory(languages=["fr"], name=name, mentor_max_mentees=places)
            for name, places in (("Alma Berg", 1), ("Bo Lind", MANY - 1))
        ]


@pytest.fixture
def waiting(cast: Cast, mentors: list[User]) -> list[Enrolment]:
    with as_system():
        return [
            factories.EnrolmentFactory(cohort=cast.cohort, student__languages=["fr"], student__name=f"Wanda {nth:02}")
            for nth in range(MANY)
        ]


def published(cast: Cast) -> MatchRun:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        return publish_match_run(run_id=run.pk, by=cast.director, at=clock.now())


def test_every_pair_begins_with_its_history(cast: Cast, waiting: list[Enrolment], mentors: list[User]) -> None:
    run = published(cast)
    assert (run.summary["published"], run.summary["lost"]) == (MANY, 0)
    with as_system():
        pairs = MenteeMentorAssignment.objects.filter(match_run=run)
        assert {pair.enrolment_id for pair in pairs} == {each.pk for each in waiting}
        assert {(pair.state, pair.is_primary) for pair in pairs} == {(AssignmentState.ACTIVE, True)}
        assert [pairs.filter(mentor=mentor).count() for mentor in mentors] == [1, MANY - 1]
        entries = AssignmentEntry.objects.filter(assignment__in=pairs)
        assert entries.count() == MANY
        assert set(entries.values_list("state", "by")) == {("active", cast.director.pk)}
        assert not [each.invariant.number for each in check_invariants(clock.now()) if each.offending]


def test_students_hear_of_their_mentor_and_a_mentor_once_of_all(
    cast: Cast, waiting: list[Enrolment], mentors: list[User]
) -> None:
    published(cast)
    with as_system():
        news = Notification.objects.filter(kind="assignment")
        assert {each.mail_state for each in news} == {MailState.PENDING}
        to_students = news.filter(recipient__in=[each.student_id for each in waiting])
        assert sorted(to_students.values_list("title", flat=True)) == [
            "Your mentor is Alma Berg", *["Your mentor is Bo Lind"] * (MANY - 1)
        ]  # fmt: skip
        [alone] = news.filter(recipient=mentors[0])
        [together] = news.filter(recipient=mentors[1])
        assert alone.title.startswith("You mentor Wanda ")
        assert together.title == f"You mentor {MANY - 1} more students"
        assert together.body.count("Wanda") == MANY - 1
        heard = StreamEvent.objects.filter(audience=Audience.MENTOR, recipient=mentors[1], event="work_queue")
        assert [json.loads(each.data)["count"] for each in heard] == [MANY - 1]
        refreshed = DashboardUpdateQueue.objects.filter(student__in=[each.student_id for each in waiting])
        assert {tuple(each.reasons) for each in refreshed} == {("assignment_started",)}


def test_work_that_waited_in_the_pool_goes_to_the_new_mentors(
    cast: Cast, waiting: list[Enrolment], mentors: list[User]
) -> None:
    for each in waiting[:3]:
        review_item(each, submitted(each, cast.mission))
    published(cast)
    with as_system():
        owners = dict(MentorWorkQueue.objects.open().filter(enrolment__in=waiting).values_list("enrolment", "mentor"))
        pairs = dict(MenteeMentorAssignment.objects.filter(enrolment__in=owners).values_list("enrolment", "mentor"))
    assert len(owners) == 3
    assert owners == pairs


def test_the_number_of_statements_does_not_grow_with_the_pairs(cast: Cast, waiting: list[Enrolment]) -> None:
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
        with CaptureQueriesContext(connection) as queries:
            publish_match_run(run_id=run.pk, by=None, at=clock.now())
            assert len(queries) == 25


def test_what_the_database_refuses_begins_one_by_one(
    cast: Cast, waiting: list[Enrolment], mentors: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the rules had been looked at before the last place went."""
    with as_worker():
        run = draft_match_run(cohort_id=cast.cohort.pk, by=None, at=clock.now())
    with as_system():
        mentors[1].mentor_max_mentees = MANY - 3
        mentors[1].save(update_fields=["mentor_max_mentees"])
    monkeypatch.setattr(match_publishing, "find_broken_rules", lambda pool, pairs, assigned: [None] * len(pairs))
    with as_worker():
        run = publish_match_run(run_id=run.pk, by=None, at=clock.now())
    assert (run.state, run.summary["published"], run.summary["lost"]) == (MatchRunState.PUBLISHED, MANY - 2, 2)
    assert run.summary["lost_reasons"] == {"mentor_full": 2}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"mentor_max_mentees": 1}, "MC001"),
        ({"is_active": False}, "MC002"),
        ({"leaving_at": clock.now() + timedelta(days=1)}, "MC002"),
    ],
)
def test_a_statement_that_inserts_several_pairs_is_held_to_the_limits(
    cast: Cast, waiting: list[Enrolment], changes: dict[str, Any], refusal: str
) -> None:
    with as_system():
        mentor = factories.MentorFactory(**changes)
    pairs = [
        MenteeMentorAssignment(
            enrolment=each, cohort_id=each.cohort_id, mentee_id=each.student_id, mentor=mentor, state="active",
            started_at=clock.now(), created_at=clock.now(),
        )
        for each in waiting[:2]
    ]  # fmt: skip
    with as_system(), pytest.raises(Exception, match="mentor") as refused, transaction.atomic():
        MenteeMentorAssignment.objects.bulk_create(pairs)
    assert not isinstance(refused.value, IntegrityError)
    assert getattr(refused.value.__cause__, "pgcode", None) == refusal
