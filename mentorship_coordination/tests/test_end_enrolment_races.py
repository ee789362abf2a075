"""A student leaves while something else goes on with her …"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from conftest import Cast
from core import clock
from core.errors import DomainError
from mentorship_coordination.actions.enrolments import EnrolmentEnded, end_enrolment
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.session_requests import request_session
from mentorship_coordination.enums import Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.tests.handover_world import broken_invariants
from mentorship_coordination.tests.match_world import director_acting
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import NOW, TOMORROW, at_once, booked
from missions.actions import submit_mission
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment

ROUNDS = 4


@pytest.fixture(autouse=True)
def now(db: None) -> Iterator[None]:
    with clock.pinned(NOW):
        yield


def leaves(cast: Cast) -> Any:
    with director_acting(cast.director):
        return end_enrolment(
            enrolment_id=cast.enrolment.pk,
            state=EnrolmentState.WITHDRAWN,
            reason="Took a job abroad.",
            by=cast.director,
            at=NOW,
        )


def hands_in(cast: Cast) -> Any:
    with student_acting(cast.student):
        return submit_mission(mission_id=cast.mission.pk, by=cast.student, text="Done.", at=NOW)


def books(cast: Cast) -> Any:
    return booked(cast.mentor, cast.student)


def asks(cast: Cast) -> Any:
    with student_acting(cast.student):
        return request_session(title="Talk", starts_at=TOMORROW, by=cast.student, at=NOW)


def flags(cast: Cast) -> Any:
    with mentor_acting(cast.mentor):
        return raise_flag(mentee_id=cast.student.pk, reason="Silent.", severity=Severity.HIGH, by=cast.mentor, at=NOW)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("happens", [hands_in, books, asks, flags])
def test_either_comes_first_and_nothing_of_hers_is_left_open(
    cast: Cast, happens: Callable[[Cast], Any], round_: int
) -> None:
    end, other = at_once([lambda: leaves(cast), lambda: happens(cast)])
    assert not isinstance(end, Exception), end
    if isinstance(other, Exception):
        assert isinstance(other, DomainError), other
    with as_system():
        assert Enrolment.objects.get(pk=cast.enrolment.pk).state == EnrolmentState.WITHDRAWN
        assert not MentorWorkQueue.objects.open().exists()
        assert not MentorSession.objects.filter(status__in=("scheduled", "requested"), starts_at__gt=NOW).exists()
        assert not MentorFlag.objects.unresolved().exists()
    assert broken_invariants(NOW + timedelta(minutes=1)) == []


def test_two_who_end_it_at_once_end_it_once(cast: Cast) -> None:
    one, two = at_once([lambda: leaves(cast), lambda: leaves(cast)])
    refusals = [each for each in (one, two) if isinstance(each, Exception)]
    assert [type(each) for each in refusals] == [EnrolmentEnded]
