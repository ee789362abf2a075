"""Every periodic job may run twice: the second time changes nothing (product.md §12, invariant 15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core import serializers

from coaching.actions.goals import complete_goal
from conftest import Cast
from core import clock
from core.actions import action
from core.enums import Rank
from core.periodic import Job, jobs, load_tasks
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.handover import request_handover
from mentorship_coordination.actions.match_runs import request_match_run
from mentorship_coordination.actions.queue import claim_work_item
from mentorship_coordination.actions.session_outcomes import mark_no_show
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.enums import ParticipantRole, Severity, WorkType
from mentorship_coordination.models.assignments import MentorAbsence
from mentorship_coordination.tests.coaching_world import a_goal, a_habit, goals_noticed
from mentorship_coordination.tests.queue_world import mentor_acting, open_item, student_acting, submitted
from mentorship_coordination.tests.session_world import NOW, booked
from missions.tests.world import review, submit
from student_dashboard.aggregation import DashboardAggregationService
from tests import factories
from tests.database import as_system, as_worker, login

load_tasks()

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
#: Has nothing to do in this world; old rows and files, mails asked for, and links of Zoom have tests of their own.
IDLE = {"send_one_time_tokens", "clean_up", "sweep_orphaned_uploads", "prune_stream", "make_meeting_links"}
#: The longest chain: the drain opens an item, the prioritiser finds it late, its mail is put off until the morning.
ROUNDS_TO_REST = 3


@action
def ask_for_refreshes(cast: Cast) -> None:
    DashboardAggregationService.queue_update(cast.student, "test", Rank.NORMAL)
    DashboardAggregationService.queue_update(cast.stranger, "test", Rank.HIGH)


def goals_and_habits(cast: Cast) -> None:
    """Five goals: noticed are one that is reached and three with one waiting for room; one is still to be noticed."""
    settled, *_ = [a_goal(cast.student, due=date(2026, 3, 1), at=NOW - 9 * DAY, title=f"Goal {n}") for n in range(5)]
    goals_noticed(NOW - DAY)
    goals_noticed(NOW)
    with student_acting(cast.student):
        complete_goal(goal_id=settled.pk, by=cast.student, at=NOW)
    a_goal(cast.student, due=date(2026, 3, 3), at=NOW, title="The last one")
    a_habit(cast.student, done=[datetime(2026, 2, day, 9, 0, tzinfo=UTC) for day in (26, 27, 28)])


def missed_and_refused(cast: Cast) -> None:
    """Enough for a case: two sessions missed, a mission refused, the goals."""
    with as_system():
        refused = factories.MissionFactory(track=cast.cohort.track)
    review(cast.mentor, submit(cast.student, refused, at=NOW - 3 * DAY), at=NOW - DAY, decision="rejected", score=10)
    for days in (4, 5):
        session = booked(cast.mentor, cast.student, NOW - days * DAY, at=NOW - 9 * DAY)
        with mentor_acting(cast.mentor):
            mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=NOW - DAY)


def open_work(cast: Cast) -> None:
    """A review and one that was lost, a session that will be over, risk items late and claimed, a flag to be mailed."""
    submit(cast.student, cast.mission, at=NOW)
    submitted(cast.other_enrolment, cast.mission, at=NOW)
    booked(cast.mentor, cast.student, NOW + DAY)
    booked(cast.mentor, cast.student, LATER + DAY)
    with student_acting(cast.student):
        request_session(title="Stuck", starts_at=NOW + 2 * DAY, by=cast.student, at=NOW)
    open_item(cast.enrolment, type=WorkType.RISK_FLAG, started_at=NOW)
    with mentor_acting(cast.mentor):
        item = open_item(cast.enrolment, type=WorkType.RISK_FLAG, started_at=NOW + DAY)
        claim_work_item(item_id=item, by=cast.mentor, at=NOW)
        raise_flag(mentee_id=cast.student.pk, reason="Silent.", by=cast.mentor, at=NOW, severity=Severity.HIGH)


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """A small academy with open work of each kind, an overloaded mentor and a student who waits for one."""
    with as_system():
        cast.enrolment.enrolled_at = NOW - 40 * DAY
        cast.enrolment.save(update_fields=["enrolled_at"])
        cast.mentor.mentor_max_mentees = 0
        cast.mentor.save(update_fields=["mentor_max_mentees"])
        factories.EnrolmentFactory(cohort=cast.cohort)
        MentorAbsence.objects.create(
            mentor=cast.mentor, backup=factories.MentorFactory(), starts_at=NOW, ends_at=NOW + 9 * DAY
        )
    with clock.pinned(NOW):
        goals_and_habits(cast)
        missed_and_refused(cast)
        open_work(cast)
        with as_worker():
            ask_for_refreshes(cast)
            request_handover(mentor_id=cast.other_mentor.pk, reason="Leaves.", by=None, at=NOW, is_started=True)
            request_match_run(cohort_id=cast.other_enrolment.cohort_id, by=None, at=NOW)
    return cast


def run(job: Job) -> None:
    with login(settings.DATABASE_WORKER_URL):
        current_app.tasks[job.task_name]()


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of ours."""
    with as_system():
        return {
            model._meta.label: serializers.serialize("python", model._default_manager.order_by("pk"))
            for model in apps.get_models()
            if model.__module__.split(".")[0]
            in {"core", "users", "student_dashboard", "missions", "coaching", "mentorship_coordination"}
        }


@pytest.mark.parametrize("job", jobs(), ids=lambda job: job.name)
def test_a_second_run_changes_nothing(busy: Cast, job: Job) -> None:
    before = everything()
    with clock.pinned(LATER):
        run(job)
        after_one = everything()
        run(job)
    assert everything() == after_one
    assert (after_one == before) == (job.name in IDLE)


def test_all_jobs_together_come_to_rest(busy: Cast) -> None:
    """What one job leaves for another is done in the next round; then nothing is left to do."""
    with clock.pinned(LATER):
        for _ in range(ROUNDS_TO_REST):
            for job in jobs():
                run(job)
        at_rest = everything()
        items = at_rest["mentorship_coordination.MentorWorkQueue"]
        assert {item["fields"]["type"] for item in items} == set(WorkType.values)
        assert len(at_rest["student_dashboard.RiskEpisode"]) == 1
        for job in jobs():
            run(job)
            assert everything() == at_rest, job.name
