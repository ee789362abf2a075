"""Snapshots are read by whom they concern."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from student_dashboard.models import StudentDashboard
from student_dashboard.selectors import find_dashboard
from student_dashboard.tests.refreshes import drain, queue
from tests import factories
from tests.database import as_system

AT = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def mentees(cast: Cast) -> Cast:
    with as_system():
        second = factories.AssignmentFactory(mentor=cast.mentor, enrolment__student__name="Abel First").mentee
    queue(cast.student, second, cast.stranger)
    drain(AT)
    return cast


def visible_names() -> list[str]:
    return list(StudentDashboard.objects.order_by("student__name").values_list("student__name", flat=True))


def test_a_mentor_has_those_of_her_mentees(mentees: Cast) -> None:
    with acting_as(Identity(Role.MENTOR, mentees.mentor.pk)), transaction.atomic():
        assert visible_names() == ["Abel First", "Mina Okafor"]
        found = find_dashboard(mentees.student.pk)
        assert found is not None
        assert found.student.name == "Mina Okafor"


def test_nobody_has_those_of_somebody_else(mentees: Cast) -> None:
    with acting_as(Identity(Role.MENTOR, mentees.other_mentor.pk)), transaction.atomic():
        assert visible_names() == ["Sam Stranger"]
        assert find_dashboard(mentees.student.pk) is None


def test_there_is_none_before_the_first_refresh(cast: Cast) -> None:
    with acting_as(Identity(Role.STUDENT, cast.student.pk)), transaction.atomic():
        assert find_dashboard(cast.student.pk) is None
