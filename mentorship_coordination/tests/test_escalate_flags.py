"""A grave flag that nobody acknowledges …"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.flag_escalation import escalate_flags
from mentorship_coordination.actions.flags import acknowledge_flag, raise_flag, reopen_flag, resolve_flag
from mentorship_coordination.enums import MailState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.tasks import notifications as tasks
from mentorship_coordination.tests.handover_world import as_job, broken_invariants
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests.database import as_system, as_worker
from users.models import CohortDirector

HOUR = timedelta(hours=1)


def raised(cast: Cast, severity: Severity, at: datetime = NOW) -> MentorFlag:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return raise_flag(mentee_id=cast.student.pk, reason="Silent.", severity=severity, by=cast.mentor, at=at)


def moved(cast: Cast, act: Any, flag: MentorFlag, at: datetime, **given: Any) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        act(flag_id=flag.pk, by=cast.director, at=at, **given)


def job_runs(at: datetime) -> int:
    with as_job(), clock.pinned(at):
        return escalate_flags(at=at)


def titles(person: Any) -> list[str]:
    return [each.title for each in notifications_of(person)]


def test_is_told_again_to_directors_and_then_to_admins_each_once(cast: Cast) -> None:
    raised(cast, Severity.CRITICAL)
    assert job_runs(NOW + 3 * HOUR) == 0
    assert job_runs(NOW + 4 * HOUR) == 1
    assert titles(cast.director) == ["Critical flag: Mina Okafor", "Not acknowledged: critical flag, Mina Okafor"]
    assert notifications_of(cast.director)[-1].mail_state == MailState.PENDING
    assert "Silent" not in notifications_of(cast.director)[-1].body
    assert titles(cast.admin) == []
    assert job_runs(NOW + 5 * HOUR) == 0
    assert job_runs(NOW + 8 * HOUR) == 1
    assert titles(cast.admin) == ["Not acknowledged: critical flag, Mina Okafor"]
    assert job_runs(NOW + 99 * HOUR) == 0
    assert len(titles(cast.director)) == 2


def test_keeps_that_in_its_history(cast: Cast) -> None:
    flag = raised(cast, Severity.HIGH)
    job_runs(NOW + 24 * HOUR)
    with as_system():
        assert [(entry.kind, entry.by_id, entry.text) for entry in flag.entries.all()][-1] == (
            "escalated",
            None,
            "Nobody has acknowledged it for 24 hours.",
        )


def test_rests_once_somebody_looks_after_it(cast: Cast) -> None:
    flag = raised(cast, Severity.HIGH)
    moved(cast, acknowledge_flag, flag, NOW + HOUR)
    assert job_runs(NOW + 100 * HOUR) == 0


def test_rests_while_it_is_mild(cast: Cast) -> None:
    raised(cast, Severity.MEDIUM)
    assert job_runs(NOW + 1000 * HOUR) == 0


def test_waits_anew_once_it_is_worse(cast: Cast) -> None:
    raised(cast, Severity.HIGH)
    job_runs(NOW + 24 * HOUR)
    raised(cast, Severity.CRITICAL, at=NOW + 30 * HOUR)
    assert job_runs(NOW + 33 * HOUR) == 0
    assert job_runs(NOW + 34 * HOUR) == 1
    assert titles(cast.director) == [
        "High flag: Mina Okafor",
        "Not acknowledged: high flag, Mina Okafor",
        "Critical flag: Mina Okafor",
        "Not acknowledged: critical flag, Mina Okafor",
    ]


def test_asks_anew_when_it_is_worse_than_what_was_acknowledged(cast: Cast) -> None:
    flag = raised(cast, Severity.HIGH)
    moved(cast, acknowledge_flag, flag, NOW + HOUR)
    raised(cast, Severity.CRITICAL, at=NOW + 2 * HOUR)
    with as_system():
        flag.refresh_from_db()
    assert (flag.state, flag.acknowledged_at) == ("open", None)
    assert job_runs(NOW + 6 * HOUR) == 1


def test_is_missed_when_the_mail_of_its_second_episode_never_leaves(cast: Cast) -> None:
    flag = raised(cast, Severity.HIGH)
    _delivered(NOW)
    moved(cast, resolve_flag, flag, NOW + HOUR, outcome="Talked")
    moved(cast, reopen_flag, flag, NOW + 2 * HOUR)
    assert broken_invariants(NOW + 2 * HOUR) == []
    assert broken_invariants(NOW + 4 * HOUR) == [11]
    _delivered(NOW + 4 * HOUR)
    assert broken_invariants(NOW + 40 * HOUR) == []


def test_is_told_anew_when_it_is_reopened(cast: Cast) -> None:
    """The directors' mail of the first time does not stand for the second."""
    flag = raised(cast, Severity.HIGH)
    _delivered(NOW)
    moved(cast, resolve_flag, flag, NOW + HOUR, outcome="Talked")
    moved(cast, reopen_flag, flag, NOW + 2 * HOUR)
    with as_system():
        flag.refresh_from_db()
    assert flag.director_notified_at is None
    assert titles(cast.director) == ["High flag: Mina Okafor", "High flag: Mina Okafor"]
    _delivered(NOW + 2 * HOUR)
    with as_system():
        flag.refresh_from_db()
    assert flag.director_notified_at == NOW + 2 * HOUR
    assert job_runs(NOW + 25 * HOUR) == 0
    assert job_runs(NOW + 26 * HOUR) == 1
    assert broken_invariants(NOW + 26 * HOUR) == []


def test_goes_to_the_admins_where_no_director_is(cast: Cast) -> None:
    with as_system():
        CohortDirector.objects.filter(cohort=cast.cohort).delete()
    raised(cast, Severity.CRITICAL)
    assert job_runs(NOW + 4 * HOUR) == 1
    assert titles(cast.admin) == ["Critical flag: Mina Okafor", "Not acknowledged: critical flag, Mina Okafor"]


def _delivered(at: datetime) -> None:
    outbox.outbox = []
    with as_worker(), clock.pinned(at):
        tasks.deliver_notifications()


def test_is_not_looked_at_again_between_its_times(cast: Cast) -> None:
    def looks(at: datetime) -> int:
        with as_job(), CaptureQueriesContext(connection) as captured:
            escalate_flags(at=at)
            return len(captured)

    nothing = looks(NOW)
    raised(cast, Severity.CRITICAL)
    assert looks(NOW + 4 * HOUR) > nothing
    assert looks(NOW + 5 * HOUR) == nothing
    assert looks(NOW + 8 * HOUR) > nothing
    assert looks(NOW + 99 * HOUR) == nothing
