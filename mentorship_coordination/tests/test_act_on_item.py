"""From the list, an item …"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.web.queue import tomorrow_morning
from missions.actions import submit_mission
from tests.database import as_system
from tests.people import browser_of

ACT, QUEUE = "/mentor/queue/act", "/mentor/queue"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def item(cast: Cast) -> MentorWorkQueue:
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        submit_mission(mission_id=cast.mission.pk, by=cast.student, text="Done.", at=clock.now())
    with as_system():
        return MentorWorkQueue.objects.get()


def changed(item: MentorWorkQueue, **values: Any) -> None:
    with as_system():
        MentorWorkQueue.objects.filter(pk=item.pk).update(**values)


def fresh(item: MentorWorkQueue) -> MentorWorkQueue:
    with as_system():
        return MentorWorkQueue.objects.get(pk=item.pk)


def listed(browser: Client, item: MentorWorkQueue, query: str = "") -> bool:
    return f"item-{item.pk}" in browser.get(QUEUE + query).content.decode()


def test_is_put_off_until_tomorrow_morning_and_comes_back_at_a_wish(cast: Cast, item: MentorWorkQueue) -> None:
    mentor = browser_of(cast.mentor)
    assert mentor.post(ACT, {"later": str(item.pk)}, headers=SCRIPT).status_code == 204
    assert fresh(item).snoozed_until == tomorrow_morning(cast.mentor.timezone, clock.now())
    assert (listed(mentor, item), listed(mentor, item, "?status=put_off")) == (False, True)
    assert "1 put off" in mentor.get(QUEUE).content.decode()
    assert f"open-{item.pk}" not in mentor.get("/mentor").content.decode()
    assert mentor.post(ACT, {"wake": str(item.pk)})["Location"] == QUEUE
    assert listed(mentor, item)


def test_is_in_sight_again_once_it_is_late(cast: Cast, item: MentorWorkQueue) -> None:
    now = clock.now()
    changed(item, snoozed_until=now + timedelta(days=1), due_at=now - timedelta(minutes=1))
    mentor = browser_of(cast.mentor)
    assert (listed(mentor, item), listed(mentor, item, "?status=put_off")) == (True, False)


def test_is_done_where_it_has_no_form_of_its_own(cast: Cast, item: MentorWorkQueue) -> None:
    changed(item, type="risk_flag")
    assert browser_of(cast.mentor).post(ACT, {"done": str(item.pk)}, headers=SCRIPT).status_code == 204
    assert fresh(item).status == "completed"


def test_is_not_done_without_its_review_and_the_words_say_why(cast: Cast, item: MentorWorkQueue) -> None:
    answer = browser_of(cast.mentor).post(ACT, {"done": str(item.pk)}, headers=SCRIPT)
    assert (answer.status_code, "Review the mission" in answer.content.decode()) == (422, True)
    assert fresh(item).status == "pending"


@pytest.mark.parametrize("sent", [{}, {"done": "x"}, {"later": ""}])
def test_that_is_none_is_a_bad_request(cast: Cast, sent: dict[str, str]) -> None:
    assert browser_of(cast.mentor).post(ACT, sent).status_code == 400


def test_of_another_mentor_is_not_there(cast: Cast, item: MentorWorkQueue) -> None:
    for name in ("done", "later", "wake"):
        assert browser_of(cast.other_mentor).post(ACT, {name: str(item.pk)}, headers=SCRIPT).status_code == 404
    assert fresh(item).snoozed_until is None
