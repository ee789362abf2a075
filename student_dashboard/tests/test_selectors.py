"""Snapshots are read by whom they concern."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from conftest import Cast
from core.errors import NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from student_dashboard.selectors import find_dashboard, get_dashboard, list_dashboards_of_mentor
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


def test_a_mentor_has_those_of_her_mentees_by_name(mentees: Cast) -> None:
    with acting_as(Identity(Role.MENTOR, mentees.mentor.pk)), transaction.atomic():
        found = list_dashboards_of_mentor(mentees.mentor.pk)
        assert [dashboard.student.name for dashboard in found] == ["Abel First", "Mina Okafor"]
        assert get_dashboard(mentees.student.pk).student.name == "Mina Okafor"


def test_nobody_has_those_of_somebody_else(mentees: Cast) -> None:
    with acting_as(Identity(Role.MENTOR, mentees.other_mentor.pk)), transaction.atomic():
        assert list_dashboards_of_mentor(mentees.mentor.pk) == []
        with pytest.raises(NotVisible):
            get_dashboard(mentees.student.pk)


def test_there_is_none_before_the_first_refresh(cast: Cast) -> None:
    with acting_as(Identity(Role.STUDENT, cast.student.pk)), transaction.atomic():
        assert find_dashboard(cast.student.pk) is None
