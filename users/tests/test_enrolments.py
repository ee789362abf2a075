from __future__ import annotations

import pytest
from django.db import IntegrityError

from conftest import Cast
from tests import factories
from tests.database import as_system
from users.enums import EnrolmentState
from users.models import Enrolment


def test_a_student_has_one_active_enrolment_whoever_writes(cast: Cast) -> None:
    with as_system():
        cohort = factories.CohortFactory()
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.PAUSED)
        second = factories.EnrolmentFactory(student=cast.student, cohort=cohort)
    with pytest.raises(IntegrityError, match="one_active_enrolment"), as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state=EnrolmentState.ACTIVE)
    with as_system():
        active = Enrolment.objects.filter(student=cast.student, state=EnrolmentState.ACTIVE)
        assert [each.pk for each in active] == [second.pk]
