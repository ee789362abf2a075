"""The cockpit's figures of sessions …"""

from __future__ import annotations

from collections.abc import Callable

from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.actions.session_outcomes import cancel_participation, complete_session, mark_no_show
from mentorship_coordination.enums import ParticipantRole
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, booked
from mentorship_coordination.tests.test_cockpit import drawn
from users.models import User

Api = Callable[[User | None], APIClient]


def test_counts_attendance_and_late_call_offs(cast: Cast, api: Api) -> None:
    late, *others = (booked(cast.mentor, cast.student, NOW + hours * HOUR) for hours in (5, 7, 9))
    with student_acting(cast.student):
        cancel_participation(session_id=late.pk, by=cast.student, at=NOW)
    with mentor_acting(cast.mentor):
        complete_session(session_id=others[0].pk, by=cast.mentor, at=NOW + 8 * HOUR)
        mark_no_show(session_id=others[1].pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=NOW + 10 * HOUR)
    drawn(cast.student, NOW + 11 * HOUR)
    metrics = api(cast.mentor).get(f"/api/v1/mentor/mentees/{cast.student.pk}/cockpit").json()["metrics"]
    assert (metrics["attendance"], metrics["late_cancellations"]) == (0.5, 1)
