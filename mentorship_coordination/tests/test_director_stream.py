"""The stream of a director …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.tests.queue_world import MONDAY, at, open_item
from users.models import User

Api = Callable[[User | None], APIClient]

HOUR = timedelta(hours=1)
PATH = "/api/v1/director/dashboard/stream"


def test_is_one_snapshot_where_nothing_else_serves_the_path(cast: Cast, api: Api) -> None:
    open_item(cast.enrolment, started_at=MONDAY - 80 * HOUR)
    open_item(cast.other_enrolment)
    with at(MONDAY):
        answer = api(cast.director).get(PATH, headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    lines = answer.content.decode().splitlines()
    assert "event: snapshot" in lines
    assert 'data: {"work_queue":{"overdue":1,"pool":0}}' in lines


def test_is_for_directors(cast: Cast, api: Api) -> None:
    assert api(None).get(PATH).status_code == 401
    assert [api(person).get(PATH).status_code for person in (cast.mentor, cast.student, cast.admin)] == [403] * 3
