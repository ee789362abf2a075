"""The guide through the first days …"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conftest import Cast
from core import clock
from mentorship_coordination.web.first_days import KEY
from tests.database import as_system
from tests.people import browser_of
from users.models import User

AWAY = "/guide/put-away"


def done(cast: Cast, role: str) -> dict[str, bool]:
    page = {"mentor": "/mentor", "director": "/director"}[role]
    steps = browser_of(getattr(cast, role)).get(page).context["steps"]
    return {each.words: each.is_done for each in steps}


def changed(person: User, **values: Any) -> None:
    with as_system():
        User.objects.filter(pk=person.pk).update(**values)


def test_says_a_mentor_what_is_done_and_what_is_next(cast: Cast) -> None:
    changed(
        cast.mentor, created_at=clock.now(), mentor_specialties=[], mentor_availability={"mon": [["09:00", "12:00"]]}
    )
    steps = done(cast, "mentor")
    assert steps["Say when you have time"]
    assert not steps["Say what you know"]
    assert steps["Meet your mentees"]
    assert not steps["Answer what was handed in"]
    page = browser_of(cast.mentor).get("/mentor").content.decode()
    assert "Your first days" in page


def test_says_a_director_what_is_done_and_what_is_next(cast: Cast) -> None:
    changed(cast.director, created_at=clock.now())
    steps = done(cast, "director")
    assert steps["Bring the students in"]
    assert not steps["Ask for a matching"]


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_is_gone_after_a_month(cast: Cast, role: str) -> None:
    changed(getattr(cast, role), created_at=clock.now() - timedelta(days=31))
    assert done(cast, role) == {}


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_is_put_away_for_good_and_other_wishes_stay(cast: Cast, role: str) -> None:
    person: User = getattr(cast, role)
    wishes = {"notifications": {"quiet_hours": ["22:00", "07:00"]}}
    changed(person, created_at=clock.now(), preferences=wishes)
    assert done(cast, role)
    assert browser_of(person).post(AWAY).status_code == 302
    assert done(cast, role) == {}
    with as_system():
        assert User.objects.get(pk=person.pk).preferences == {**wishes, KEY: True}
