"""What a mentor's dashboard shows: sessions, flags, mentees; and the dashboard over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.enums import ParticipantRole, SessionStatus, SessionType, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant
from mentorship_coordination.tests.queue_world import MONDAY, at
from tests import factories
from tests.database import as_system
from users.models import Enrolment, User

Api = Callable[[User | None], APIClient]
URL = "/api/v1/mentor/dashboard"
DAY = timedelta(days=1)


def session(
    cast: Cast, starts_at: datetime, *, status: SessionStatus = SessionStatus.SCHEDULED, **changes: Any
) -> MentorSession:
    ends_at = starts_at + timedelta(minutes=45)
    values = {
        "mentor": cast.mentor,
        "mentee": cast.student,
        "enrolment": cast.enrolment,
        "assignment": cast.assignment,
        "cohort": cast.cohort,
        "title": "Weekly talk",
        "type": SessionType.ONE_ON_ONE,
        "status": status,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "created_at": MONDAY - 30 * DAY,
        "updated_at": MONDAY - 30 * DAY,
    }
    with as_system():
        created = MentorSession.objects.create(**(values | changes))
        for person, role in ((cast.mentor, ParticipantRole.MENTOR), (cast.student, ParticipantRole.MENTEE)):
            SessionParticipant.objects.create(
                session=created,
                person=person,
                role=role,
                during=(starts_at, ends_at),
                is_active=status == SessionStatus.SCHEDULED,
            )
    return created


def flag(enrolment: Enrolment, mentor: User, severity: Severity, **changes: Any) -> MentorFlag:
    values = {
        "mentee": enrolment.student,
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "mentor": mentor,
        "author": mentor,
        "severity": severity,
        "reason": "Gone silent.",
        "created_at": MONDAY,
        "updated_at": MONDAY,
    }
    with as_system():
        return MentorFlag.objects.create(**(values | changes))


def second_mentee(cast: Cast, name: str) -> Enrolment:
    with as_system():
        enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__name=name)
        factories.AssignmentFactory(enrolment=enrolment, mentor=cast.mentor)
        return enrolment


def dashboard(api: Api, mentor: User, moment: datetime) -> dict[str, Any]:
    with at(moment):
        answer = api(mentor).get(URL)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body
