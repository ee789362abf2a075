"""An overloaded mentor …"""

from __future__ import annotations

from conftest import Cast
from mentorship_coordination.actions.capacity import check_mentor_capacity
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests.database import as_system, as_worker
from users.models import CohortDirector, User


def overload(mentor: User) -> None:
    with as_system():
        mentor.mentor_max_mentees = 0
        mentor.save(update_fields=["mentor_max_mentees"])


def checked() -> int:
    with as_worker():
        return check_mentor_capacity(at=NOW)


def titles_of(person: User) -> list[str]:
    return [told.title for told in notifications_of(person)]


def test_is_told_of_together_with_her_directors_once(cast: Cast) -> None:
    overload(cast.mentor)
    assert [checked(), checked()] == [2, 0]
    assert titles_of(cast.mentor) == ["You are over your capacity"]
    assert titles_of(cast.director) == ["Tomas Berg is over capacity"]
    assert titles_of(cast.other_director) == titles_of(cast.admin) == []


def test_without_directors_is_told_of_to_the_admins(cast: Cast) -> None:
    overload(cast.mentor)
    with as_system():
        CohortDirector.objects.filter(cohort=cast.cohort).delete()
    assert checked() == 2
    assert titles_of(cast.admin) == ["Tomas Berg is over capacity"]
    assert titles_of(cast.director) == []
