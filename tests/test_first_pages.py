"""A first page comes by a kept query where nothing else is asked for: it is the same as the first of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from mentorship_coordination.actions.assignments import end_assignment
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.enums import AssignmentState, FlagCategory
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.tests.queue_world import mentor_acting, open_item
from mentorship_coordination.tests.session_world import NOW, TOMORROW, booked, mentees_of
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
#: More than a page has.
MANY = 52
LISTS = ("mentor-workqueue", "mentor-mentees", "mentor-sessions", "mentor-flags", "student-sessions", "director-flags")


@pytest.fixture(autouse=True)
def academy(cast: Cast) -> Iterator[None]:
    """More of everything than a page has, and of a former mentee, whose person nobody of them sees any more."""
    with clock.pinned(NOW):
        with as_system():
            User.objects.filter(pk=cast.mentor.pk).update(mentor_capacity_weekly=500, mentor_max_mentees=500)
            type(cast.enrolment).objects.filter(pk=cast.enrolment.pk).update(max_sessions=500)
            cast.mentor.refresh_from_db()
        pairs = mentees_of(cast.mentor, MANY, cohort=cast.cohort)
        for number in range(MANY):
            open_item(cast.enrolment, title=f"Goal {number}", started_at=NOW - number * timedelta(minutes=7))
            booked(cast.mentor, cast.student, TOMORROW + number * timedelta(minutes=45))
            with mentor_acting(cast.mentor):
                category = list(FlagCategory)[number % len(FlagCategory)]
                mentee = pairs[number].mentee_id
                raise_flag(mentee_id=mentee, reason="Silent.", category=category, by=cast.mentor, at=NOW)
        booked(cast.mentor, pairs[0].mentee, TOMORROW - timedelta(hours=3))
        with as_worker():
            end_assignment(
                assignment_id=pairs[0].pk, state=AssignmentState.COMPLETED, reason="Moved.", by=cast.director, at=NOW
            )
        yield


def test_is_that_of_a_page_of_the_same_size(cast: Cast, api: Api) -> None:
    clients = {"mentor": api(cast.mentor), "student": api(cast.student), "director": api(cast.director)}
    for name in LISTS:
        client = clients[name.split("-", maxsplit=1)[0]]
        plain, asked = client.get(reverse(name)).json(), client.get(reverse(name), {"page_size": "50"}).json()
        assert plain["results"] == asked["results"], name
        assert len(plain["results"]) == 50, name
        assert plain["previous"] is asked["previous"] is None, name
        rest = client.get(plain["next"]).json()["results"]
        assert rest == client.get(asked["next"]).json()["results"], name
        assert rest, name
    with as_system():
        assert MenteeMentorAssignment.objects.filter(mentor=cast.mentor).count() == MANY + 1
