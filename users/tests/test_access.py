"""That somebody can administer …"""

from __future__ import annotations

from copy import copy

import pytest

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.tests.session_world import at_once
from tests import factories
from tests.database import as_system
from users.actions.access import LastAdmin, change_person
from users.models import User


def ends(admin: User, other: User) -> None:
    person = copy(other)
    person.is_staff = False
    with acting_as(Identity(Role.ADMIN, admin.pk)):
        change_person(person=person, by=admin, at=clock.now())


@pytest.mark.parametrize("_", range(4))
def test_is_sure_also_when_two_admins_end_each_other(cast: Cast, _: int) -> None:
    with as_system():
        User.objects.filter(is_staff=True).update(is_staff=False)
        first, second = (factories.UserFactory(is_staff=True) for _ in range(2))
    answers = at_once([lambda: ends(first, second), lambda: ends(second, first)])
    with as_system():
        assert User.objects.filter(is_staff=True, is_active=True).count() == 1
    assert [type(each) for each in answers if each is not None] == [LastAdmin]
