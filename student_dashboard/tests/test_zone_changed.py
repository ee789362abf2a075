"""A student who lives by another clock has other days: her dashboard is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.enums import Rank
from core.errors import InvalidInput
from core.tenancy.identity import Identity, Role, acting_as
from student_dashboard.models import StudentDashboard
from student_dashboard.tests.made_up import ask_at
from student_dashboard.tests.refreshes import dashboard_of, drain, waiting
from tests.database import as_system
from users.actions.access import change_person
from users.actions.profile import change_own_profile
from users.models import User

AT = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
ME = "/api/v1/users/me"


def change_own(person: User, **changes: object) -> None:
    with acting_as(Identity(Role.PERSON, person.pk)):
        change_own_profile(by=person, revision=person.revision, changes=changes, at=AT)


def change_as_admin(cast: Cast, person: User, **changes: object) -> None:
    for name, value in changes.items():
        setattr(person, name, value)
    with acting_as(Identity(Role.ADMIN, cast.admin.pk)):
        change_person(person=person, by=cast.admin, at=AT)


def asked() -> list[tuple[object, int, list[str]]]:
    return [(row.student_id, row.rank, row.reasons) for row in waiting()]


def test_when_she_says_so_herself(cast: Cast) -> None:
    change_own(cast.student, timezone="Asia/Kathmandu")
    assert asked() == [(cast.student.pk, Rank.NORMAL, ["zone_changed"])]


def test_when_she_says_so_through_the_interface(cast: Cast, api: Callable[[User | None], APIClient]) -> None:
    client = api(cast.student)
    answer = client.patch(ME, {"timezone": "Asia/Kathmandu"}, HTTP_IF_MATCH=client.get(ME).headers["ETag"])
    assert answer.status_code == 200
    assert asked() == [(cast.student.pk, Rank.NORMAL, ["zone_changed"])]


def test_when_an_admin_says_so(cast: Cast) -> None:
    change_as_admin(cast, cast.student, timezone="America/New_York")
    assert asked() == [(cast.student.pk, Rank.NORMAL, ["zone_changed"])]


def test_not_when_the_zone_stays(cast: Cast) -> None:
    change_own(cast.student, timezone="UTC", name="Mina O.")
    change_own(cast.stranger, name="Sam S.")
    change_as_admin(cast, cast.other_mentor, timezone="UTC", name="Olga O.")
    assert asked() == []


def test_not_when_the_change_is_refused(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        change_own(cast.student, timezone="Europe/Atlantis")
    assert asked() == []


@pytest.mark.parametrize("who", ["mentor", "director"])
def test_whoever_is_no_student_still_has_no_dashboard(cast: Cast, who: str) -> None:
    change_own(getattr(cast, who), timezone="Asia/Kathmandu")
    assert drain(AT) == 1
    with as_system():
        assert not StudentDashboard.objects.exists()
    assert asked() == []


def test_her_day_ends_at_another_instant_then(cast: Cast) -> None:
    ask_at(AT, cast.student)
    drain(AT)
    assert dashboard_of(cast.student).fresh_until == datetime(2027, 1, 5, 0, 0, tzinfo=UTC)
    change_own(cast.student, timezone="America/New_York")
    drain(AT)
    assert dashboard_of(cast.student).fresh_until == datetime(2027, 1, 5, 5, 0, tzinfo=UTC)
