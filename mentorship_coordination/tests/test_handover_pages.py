"""The pages of hand-overs …"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from conftest import Cast
from core import clock
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.tasks.handover import carry_out_handovers
from mentorship_coordination.tests.handover_world import a_mentor, as_job, pair_of
from mentorship_coordination.tests.queue_world import open_item
from mentorship_coordination.tests.session_world import booked
from mentorship_coordination.web.director_handovers import became_in_words
from tests.database import as_system
from tests.people import browser_of
from users.models import User

LIST = "/director/handovers"


def job_runs() -> None:
    with as_job():
        carry_out_handovers()


def asked(cast: Cast, director: Any) -> str:
    answer = director.post(LIST, {"mentor": str(cast.mentor.pk), "reason": "Takes another post."})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


@pytest.fixture
def new(cast: Cast) -> User:
    """The one mentor with room."""
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=1)
    return a_mentor()


def test_lead_from_the_wish_over_the_plan_to_the_end(cast: Cast, new: User) -> None:
    open_item(cast.enrolment, started_at=clock.now())
    booked(cast.mentor, cast.student, clock.now() + timedelta(days=3))
    director = browser_of(cast.director)
    page = asked(cast, director)
    assert "The plan is being made." in director.get(page).content.decode()
    job_runs()
    planned = director.get(page).content.decode()
    assert "1 of 1 mentees to new mentors" in planned
    assert "Nothing has changed yet." in planned
    assert new.name in planned
    assert "1 open item goes along" in planned
    assert "waits for your start" in director.get(LIST).content.decode()
    assert director.post(reverse("start-handover", args=[page.rsplit("/", 1)[1]]))["Location"] == page
    job_runs()
    assert "as planned" in director.get(page).content.decode()
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == new.pk


def test_say_why_somebody_goes_to_the_waiting_list(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=0)
    director = browser_of(cast.director)
    page = asked(cast, director)
    job_runs()
    shown = director.get(page).content.decode()
    assert "the waiting list" in shown
    assert "full" in shown


def test_drop_a_plan(cast: Cast, new: User) -> None:
    director = browser_of(cast.director)
    page = asked(cast, director)
    job_runs()
    pk = page.rsplit("/", 1)[1]
    assert "Dropped." in director.post(reverse("cancel-handover", args=[pk]), follow=True).content.decode()
    late = director.post(reverse("start-handover", args=[pk]), follow=True).content.decode()
    assert 'data-kind="error"' in late
    with as_system():
        assert MentorHandover.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"mentor": "x", "reason": "Leaves."}, 400), ({"reason": ""}, 400), ({"reason": "x" * 301}, 400)],
)
def test_send_back_a_wish_that_cannot_be(cast: Cast, sent: dict[str, str], status: int) -> None:
    answer = browser_of(cast.director).post(LIST, {"mentor": str(cast.mentor.pk), **sent})
    assert answer.status_code == status
    with as_system():
        assert not MentorHandover.objects.exists()


def test_ask_for_one_mentor_once(cast: Cast, new: User) -> None:
    director = browser_of(cast.director)
    asked(cast, director)
    again = director.post(LIST, {"mentor": str(cast.mentor.pk), "reason": "Again."})
    assert (again.status_code, "has been asked for already" in again.content.decode()) == (409, True)


def test_are_of_their_director_alone(cast: Cast, new: User) -> None:
    page = asked(cast, browser_of(cast.director))
    stranger = browser_of(cast.other_director)
    assert stranger.get(page).status_code == 404
    assert stranger.post(reverse("start-handover", args=[page.rsplit("/", 1)[1]])).status_code == 404


@pytest.mark.parametrize(
    ("planned", "result", "words"),
    [
        ("a", {"mentor": "a", "as_planned": True}, "as planned"),
        ("a", {"mentor": "b", "as_planned": False}, "to another mentor: the planned one could not take them by then"),
        (None, {"mentor": "b", "as_planned": False}, "to a mentor who had room by then"),
        (None, {"mentor": None, "as_planned": True}, "waits for a mentor"),
        ("a", None, ""),
    ],
)
def test_say_what_became_of_the_plan(planned: str | None, result: dict[str, Any] | None, words: str) -> None:
    assert became_in_words({"mentor": planned}, result) == words
