"""Hand-overs over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from mentorship_coordination.enums import HandoverState
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.tasks.handover import carry_out_handovers
from mentorship_coordination.tests.handover_world import a_mentor, as_job, pair_of
from mentorship_coordination.tests.queue_world import at, open_item
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
URL = "/api/v1/director/handovers"
REASON = {"reason": "Takes another post."}


def asking(mentor: User) -> str:
    return f"/api/v1/director/mentors/{mentor.pk}/handover"


def job_runs() -> int:
    with as_job(), clock.pinned(NOW):
        return int(carry_out_handovers())


def asked(api: Api, cast: Cast) -> dict[str, Any]:
    with at(NOW):
        answer = api(cast.director).post(asking(cast.mentor), REASON)
    assert answer.status_code == 202, answer.content
    body: dict[str, Any] = answer.json()
    assert answer["Location"].endswith(f"{URL}/{body['id']}")
    return body


def test_are_asked_for_planned_looked_at_and_started(cast: Cast, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=1)
    new = a_mentor()
    open_item(cast.enrolment, started_at=NOW)
    body = asked(api, cast)
    assert (body["state"], body["plan"], body["summary"]) == ("requested", None, "")
    client, one = api(cast.director), f"{URL}/{body['id']}"
    assert client.post(f"{one}/start").status_code == 409
    assert job_runs() == 1
    planned = client.get(one).json()
    assert (planned["state"], planned["mentor_name"]) == ("planned", "Tomas Berg")
    assert planned["summary"] == (
        "1 of 1 mentees to new mentors, 0 to the waiting list; 0 sessions taken over, 0 called off."
    )
    [move] = planned["plan"]["moves"]
    assert (move["mentee_name"], move["mentor_name"], move["open_items"]) == ("Mina Okafor", new.name, 1)
    assert notifications_of(cast.director)[-1].title == "The hand-over of Tomas Berg is planned"
    with at(NOW):
        assert client.post(f"{one}/start").json()["state"] == "running"
    assert job_runs() == 1
    done = client.get(one).json()
    assert (done["state"], done["result"][move["assignment"]]["mentor"]) == ("done", str(new.pk))
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == new.pk
    listed = client.get(URL, {"state": "done"}).json()["results"]
    assert [each["id"] for each in listed] == [body["id"]]
    assert client.get(URL, {"state": "finished"}).status_code == 400


def test_are_dropped_before_they_start(cast: Cast, api: Api) -> None:
    one = f"{URL}/{asked(api, cast)['id']}"
    job_runs()
    with at(NOW):
        assert api(cast.director).post(f"{one}/cancel").json()["state"] == "cancelled"
        assert api(cast.director).post(f"{one}/start").status_code == 409
    assert job_runs() == 0
    assert pair_of(cast.student) is not None


def test_need_a_reason_and_come_once(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    assert client.post(asking(cast.mentor), {}).status_code == 400
    asked(api, cast)
    again = client.post(asking(cast.mentor), REASON)
    assert (again.status_code, again.json()["code"]) == (409, "handover_exists")


def test_answer_a_repeated_key_as_before(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    first, second = (client.post(asking(cast.mentor), REASON, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.json()) == (202, first.json())


def test_are_refused_when_other_directors_have_mentees_with_her(cast: Cast, api: Api) -> None:
    with as_system():
        factories.AssignmentFactory(mentor=cast.mentor, enrolment=factories.EnrolmentFactory())
    body = asked(api, cast)
    job_runs()
    shown = api(cast.director).get(f"{URL}/{body['id']}").json()
    assert (shown["state"], shown["plan"]) == ("refused", None)
    assert "ask an admin" in shown["refusal"]


def test_are_refused_at_the_start_as_well(cast: Cast, api: Api) -> None:
    """Whoever writes the state herself, or gets a colleague's mentee in between, moves nobody."""
    body = asked(api, cast)
    with as_system():
        factories.AssignmentFactory(mentor=cast.mentor, enrolment=factories.EnrolmentFactory())
        MentorHandover.objects.filter(pk=body["id"]).update(state=HandoverState.RUNNING)
    assert job_runs() == 0
    assert api(cast.director).get(f"{URL}/{body['id']}").json()["state"] == "refused"
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == cast.mentor.pk


@pytest.mark.parametrize(("who", "status"), [("mentor", 403), ("student", 403), ("other_director", 404), ("", 401)])
def test_are_for_the_cohorts_directors_only(cast: Cast, api: Api, who: str, status: int) -> None:
    client = api(getattr(cast, who) if who else None)
    assert client.post(asking(cast.mentor), REASON).status_code == status
    one = f"{URL}/{asked(api, cast)['id']}"
    assert client.get(one).status_code == status
    assert client.post(f"{one}/start").status_code == status
    assert client.post(f"{one}/cancel").status_code == status
